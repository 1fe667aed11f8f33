/** Case-insensitive, like comparisons in Sigma. */
export interface AnyCase {
  readonly 'equals-ignore-case': string;
}

/** A literal event name, or one of EventBridge's matchers. */
export type Name = string | AnyCase | { readonly prefix: AnyCase } | { readonly suffix: AnyCase } | { readonly wildcard: string };

/** Names of one event source; `any` if every event of the source can matter. */
export type Names = readonly Name[] | 'any';

/** Event names by event source: `{"cloudtrail.amazonaws.com": ["StopLogging", …]}`. */
export type EventNames = Readonly<Record<string, Names>>;

/** A matcher as text, with `*` for any characters. */
export function textOf(name: Name): string {
  if (typeof name === 'string') return name;
  if ('prefix' in name) return `${name.prefix['equals-ignore-case']}*`;
  if ('suffix' in name) return `*${name.suffix['equals-ignore-case']}`;
  return 'wildcard' in name ? name.wildcard : name['equals-ignore-case'];
}

/** The union, with sources and names sorted. `any` replaces the names of its source. */
export function merge(...all: readonly EventNames[]): EventNames {
  const merged = new Map<string, Map<string, Name> | 'any'>();
  for (const [source, names] of all.flatMap((one) => Object.entries(one))) {
    const known = merged.get(source) ?? new Map<string, Name>();
    if (names === 'any' || known === 'any') merged.set(source, 'any');
    else merged.set(source, new Map([...known, ...names.map((name) => [JSON.stringify(name), name] as const)]));
  }
  const entries = [...merged].map(([source, names]) => [source, names === 'any' ? names : [...names.values()].sort(order)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function order(a: Name, b: Name): number {
  return textOf(a) < textOf(b) ? -1 : 1;
}

/** EventBridge delivers these events of STS, which issues credentials, although they begin with `Get`. */
const DELIVERED = ['getfederationtoken', 'getsessiontoken'];

/** The read-only management events among names, which EventBridge does not deliver to rules in state ENABLED. */
export function readOnly(names: EventNames): string[] {
  return Object.entries(names).flatMap(([source, list]) =>
    list === 'any'
      ? []
      : list.map(textOf).filter((name) => /^(Get|List|Describe)/i.test(name) && !DELIVERED.includes(name.toLowerCase())).map((name) => `${source}:${name}`));
}
