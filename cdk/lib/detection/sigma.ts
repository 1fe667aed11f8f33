import { Name } from './event-names';

/** Events that a rule can match: of one source and one name; `undefined` is any. */
export interface EventKey {
  readonly source?: string;
  readonly name?: Name;
}

type Keys = readonly EventKey[];
type Detections = Readonly<Record<string, unknown>>;

const ANY: Keys = [{}];

/**
 * The events that a Sigma rule can match: possibly more, never fewer. Expressions that are not supported, and everything
 * under a `not`, match any event.
 */
export function eventsOf(detections: Detections): Keys {
  const { condition, ...named } = detections;
  return anyOf([condition].flat().map((one) => (typeof one === 'string' ? new Condition(one, named).keys() : ANY)));
}

function anyOf(alternatives: readonly Keys[]): Keys {
  return alternatives.flat();
}

function allOf(constraints: readonly Keys[]): Keys {
  return constraints.reduce((all, more) => all.flatMap((a) => more.flatMap((b) => both(a, b))), ANY);
}

/** The intersection of two keys, or slightly more. */
function both(a: EventKey, b: EventKey): Keys {
  if (a.source !== undefined && b.source !== undefined && a.source !== b.source) return [];
  const source = a.source ?? b.source;
  const exact = [a.name, b.name].filter((name) => typeof name === 'string');
  if (exact.length === 2 && exact[0]?.toLowerCase() !== exact[1]?.toLowerCase()) return [];
  return [{ source, name: exact[0] ?? a.name ?? b.name }];
}

function detection(found: unknown): Keys {
  if (Array.isArray(found)) return anyOf(found.map(detection));
  // Keywords, and detections with a condition of their own.
  if (typeof found !== 'object' || found === null || 'condition' in found) return ANY;
  return allOf(Object.entries(found).map(([field, value]) => item(field, [value].flat())));
}

function item(field: string, values: readonly unknown[]): Keys {
  const [base, ...modifiers] = field.split('|');
  if (!values.every((value) => typeof value === 'string') || values.length === 0) return ANY;
  if (base === 'eventSource') return values.map((value) => ({ source: sourceOf(value, modifiers) }));
  return base === 'eventName' ? values.map((value) => ({ name: nameOf(value, modifiers) })) : ANY;
}

/** Sources must be literal, because a pattern contains `aws.<service>`. */
function sourceOf(value: string, modifiers: readonly string[]): string | undefined {
  const { pieces } = split(value);
  const plain = pieces.length === 1 && modifiers.every((modifier) => modifier === 'cased' || modifier === 'all');
  return plain ? pieces[0]?.toLowerCase() : undefined;
}

function nameOf(value: string, modifiers: readonly string[]): Name | undefined {
  const cased = modifiers.includes('cased');
  // If all values must match, each by itself is wide enough.
  const [operator, ...more] = modifiers.filter((modifier) => modifier !== 'cased' && modifier !== 'all');
  const { pieces } = split(value);
  const [first = '', last = ''] = [pieces[0], pieces.at(-1)];
  if (more.length > 0) return undefined;
  switch (operator) {
    case undefined:
      if (pieces.length === 1) return first;
      return first ? prefix(first) : suffix(last);
    case 'startswith':
      return prefix(first);
    case 'endswith':
      return suffix(last);
    case 'contains':
      // Wildcards of EventBridge are case-sensitive; Sigma is case-insensitive without the modifier `cased`.
      return cased && pieces.length === 1 && /^\w+$/.test(first) ? { wildcard: `*${first}*` } : undefined;
    default:
      return undefined;
  }
}

function prefix(text: string): Name | undefined {
  return text ? { prefix: { 'equals-ignore-case': text } } : undefined;
}

function suffix(text: string): Name | undefined {
  return text ? { suffix: { 'equals-ignore-case': text } } : undefined;
}

/** The parts between the wildcards of a value; a backslash escapes a wildcard. */
function split(value: string): { readonly pieces: readonly string[] } {
  const pieces = [''];
  for (const [part] of value.matchAll(/\\[*?\\]|[\s\S]/g)) {
    if (part === '*' || part === '?') pieces.push('');
    else pieces.push(`${pieces.pop() ?? ''}${part.length === 2 && part.startsWith('\\') ? part[1] : part}`);
  }
  return { pieces };
}

/** The condition of a rule over its detections. */
class Condition {
  private readonly words: string[];

  constructor(text: string, private readonly named: Detections) {
    this.words = text.match(/[()]|[^\s()]+/g) ?? [];
  }

  /** The events that can match; any if the condition is not supported. */
  keys(): Keys {
    const keys = this.or();
    return this.words.length > 0 ? ANY : keys;
  }

  private or(): Keys {
    const parts = [this.and()];
    while (this.take('or')) parts.push(this.and());
    return anyOf(parts);
  }

  private and(): Keys {
    const parts = [this.not()];
    while (this.take('and')) parts.push(this.not());
    return allOf(parts);
  }

  private not(): Keys {
    if (!this.take('not')) return this.one();
    this.not();
    return ANY;
  }

  private one(): Keys {
    if (this.take('(')) {
      const keys = this.or();
      this.take(')');
      return keys;
    }
    const word = this.words.shift() ?? '';
    if (this.take('of')) return this.of(word, this.words.shift() ?? '');
    return Object.hasOwn(this.named, word) ? detection(this.named[word]) : ANY;
  }

  private of(count: string, selector: string): Keys {
    const matches = (name: string) => (selector === 'them' ? !name.startsWith('_') : glob(selector).test(name));
    const found = Object.entries(this.named).filter(([name]) => matches(name)).map(([, one]) => detection(one));
    if (found.length === 0) return ANY;
    return count.toLowerCase() === 'all' ? allOf(found) : anyOf(found);
  }

  private take(word: string): boolean {
    const next = this.words[0]?.toLowerCase() === word;
    if (next) this.words.shift();
    return next;
  }
}

function glob(pattern: string): RegExp {
  return new RegExp(`^${pattern.split('*').map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
}
