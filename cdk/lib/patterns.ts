import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** Event names by event source: `{"cloudtrail.amazonaws.com": ["StopLogging", …]}`. */
export type EventNames = Readonly<Record<string, readonly string[]>>;

/** What `npm run patterns` writes. */
export interface Generated {
  /** What the built-in rules name. */
  readonly blinding: EventNames;
  /** The curated events of severity high. */
  readonly high: EventNames;
}

/** EventBridge refuses longer patterns. */
export const PATTERN_LIMIT = 2_048;

type Collected = Map<string, Set<string>>;

function add(to: Collected, source: string, names: readonly string[]): void {
  const known = to.get(source) ?? new Set<string>();
  names.forEach((name) => known.add(name));
  to.set(source, known);
}

function sorted(collected: Collected): EventNames {
  const entries = [...collected].map(([source, names]) => [source, [...names].sort()] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Every Sigma rule under a folder. */
function ruleFiles(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ruleFiles(path);
    return /\.ya?ml$/.test(entry.name) ? [path] : [];
  });
}

/** Values of a field in whatever shape a detection has; `undefined` where the field has a modifier. */
function fields(detection: unknown, found: Map<string, string[]>): void {
  if (Array.isArray(detection)) {
    detection.forEach((one) => fields(one, found));
  } else if (typeof detection === 'object' && detection !== null) {
    for (const [field, value] of Object.entries(detection)) {
      if (field === 'eventSource' || field === 'eventName') {
        const values = (Array.isArray(value) ? value : [value]).map(String);
        found.set(field, [...(found.get(field) ?? []), ...values]);
      }
    }
  }
}

/**
 * The event names of the Sigma rules under a folder. A rule that names no source is left out: it
 * would match events of everybody, and the other routes carry them.
 */
export function namesOfRules(folder: string): EventNames {
  const collected: Collected = new Map();
  for (const file of ruleFiles(folder)) {
    for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
      const rule = document.toJS() as { detection?: Record<string, unknown> } | null;
      const found = new Map<string, string[]>();
      for (const detection of Object.values(rule?.detection ?? {})) fields(detection, found);
      for (const source of found.get('eventSource') ?? []) add(collected, source, found.get('eventName') ?? []);
    }
  }
  return sorted(collected);
}

/** The curated events of severity high. */
export function highOf(csv: string): EventNames {
  const collected: Collected = new Map();
  for (const line of csv.trim().split('\n').slice(1)) {
    const [source, name, severity] = line.trim().split(',');
    if (source && name && severity === 'high') add(collected, source, [name]);
  }
  return sorted(collected);
}

export function merge(...all: readonly EventNames[]): EventNames {
  const collected: Collected = new Map();
  for (const names of all) for (const [source, list] of Object.entries(names)) add(collected, source, list);
  return sorted(collected);
}

/** An event pattern, as EventBridge takes it. */
export interface Pattern {
  readonly source: readonly string[];
  readonly 'detail-type': readonly unknown[];
  readonly detail: { readonly eventSource: readonly string[]; readonly eventName?: readonly unknown[] };
}

/** `Delete*` as EventBridge has it. */
function matcher(name: string): unknown {
  return /[*?]/.test(name) ? { wildcard: name.replaceAll('?', '*') } : name;
}

function pattern(sources: ReadonlyMap<string, readonly string[]>): Pattern {
  const services = [...sources.keys()];
  const names = new Set([...sources.values()].flat());
  const every = [...sources.values()].every((list) => list.length > 0);
  return {
    // Nobody but AWS can send events from a source that begins with `aws.`.
    source: services.map((service) => `aws.${service.replace(/\.amazonaws\.com(\.cn)?$/, '')}`),
    'detail-type': DETAIL_TYPES,
    detail: { eventSource: services, ...(every ? { eventName: [...names].sort().map(matcher) } : {}) },
  };
}

/** Sign-in events are documented with one spelling and seen with the other. */
const DETAIL_TYPES = [
  'AWS API Call via CloudTrail',
  'AWS Console Sign In via CloudTrail',
  'AWS Console Signin via CloudTrail',
  'AWS Service Event via CloudTrail',
];

/**
 * As few patterns as hold all names within the limit. Services that share a pattern share its
 * names: a pattern lets a little more through than asked for, never less, and the function judges.
 */
export function patterns(names: EventNames, limit = PATTERN_LIMIT): Pattern[] {
  const done: Pattern[] = [];
  let open = new Map<string, readonly string[]>();
  for (const [source, list] of Object.entries(names)) {
    for (const part of parts(source, list, limit)) {
      const together = new Map(open).set(source, [...(open.get(source) ?? []), ...part]);
      // A source with any name stands alone, since it would lift the others' limits.
      const mixes = open.size > 0 && [...together.values()].some((one) => one.length === 0);
      if (open.size > 0 && (mixes || JSON.stringify(pattern(together)).length > limit)) {
        done.push(pattern(open));
        open = new Map([[source, part]]);
      } else {
        open = together;
      }
    }
  }
  return open.size > 0 ? [...done, pattern(open)] : done;
}

/** One service's names, cut where they alone are too long. */
function parts(source: string, names: readonly string[], limit: number): (readonly string[])[] {
  if (names.length < 2 || JSON.stringify(pattern(new Map([[source, names]]))).length <= limit) return [names];
  const half = Math.ceil(names.length / 2);
  return [...parts(source, names.slice(0, half), limit), ...parts(source, names.slice(half), limit)];
}

/** CloudWatch Logs refuses longer filter patterns. */
export const FILTER_LIMIT = 1_024;

/**
 * The pattern of the subscription filter: the selection together with all that blinds, or
 * nothing (everything) where that does not fit. The function selects in any case.
 */
export function filterPattern(selected: readonly string[] | undefined, blinding: EventNames): string {
  if (selected === undefined) return '';
  const plain = selected.map((name) => name.split(':').at(-1) ?? name);
  const names = [...new Set([...plain, ...Object.values(blinding).flat()])];
  if (names.some((name) => /[*?]/.test(name)) || Object.values(blinding).some((list) => list.length === 0)) return '';
  const text = `{ ${names.map((name) => `$.eventName = "${name}"`).join(' || ')} }`;
  return text.length <= FILTER_LIMIT ? text : '';
}
