import { EventNames, Name, Names } from './event-names';

/** The maximum length of an EventBridge pattern. */
export const MAX_PATTERN = 2_048;

/** An EventBridge event pattern. */
export interface Pattern {
  readonly source: readonly string[];
  readonly 'detail-type': readonly string[];
  readonly detail: { readonly eventSource: readonly string[]; readonly eventName?: readonly Name[] };
}

/** Sign-in events are documented with one spelling and observed with the other. */
const DETAIL_TYPES = [
  'AWS API Call via CloudTrail',
  'AWS Console Sign In via CloudTrail',
  'AWS Console Signin via CloudTrail',
  'AWS Service Event via CloudTrail',
];

type Sources = ReadonlyMap<string, Names>;

function pattern(sources: Sources): Pattern {
  const services = [...sources.keys()];
  const lists = [...sources.values()];
  const names = new Map(lists.flatMap((list) => (list === 'any' ? [] : list)).map((name) => [JSON.stringify(name), name]));
  return {
    // Only AWS can send events from a source that begins with `aws.`.
    source: services.map((service) => `aws.${service.replace(/\.amazonaws\.com$/, '')}`),
    'detail-type': DETAIL_TYPES,
    detail: {
      eventSource: services,
      ...(lists.includes('any') ? {} : { eventName: [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, name]) => name) }),
    },
  };
}

/**
 * The smallest number of patterns that contain all names within the limit. Services that share a pattern share its
 * names, so a pattern can match additional events, but never fewer. The function evaluates the rules.
 */
export function patterns(names: EventNames, limit = MAX_PATTERN): Pattern[] {
  // A source with `any` in a shared pattern would match any name of the other sources, so they are separated.
  const listed = Object.entries(names).filter(([, list]) => list !== 'any');
  const whole = Object.entries(names).filter(([, list]) => list === 'any');
  return [...fill(listed, limit), ...fill(whole, limit)];
}

function fill(entries: readonly [string, Names][], limit: number): Pattern[] {
  const done: Pattern[] = [];
  let open = new Map<string, Names>();
  for (const [source, list] of entries) {
    for (const part of parts(source, list, limit)) {
      const known = open.get(source) ?? [];
      const together = new Map(open).set(source, part === 'any' || known === 'any' ? 'any' : [...known, ...part]);
      if (open.size > 0 && JSON.stringify(pattern(together)).length > limit) {
        done.push(pattern(open));
        open = new Map([[source, part]]);
      } else {
        open = together;
      }
    }
  }
  return open.size > 0 ? [...done, pattern(open)] : done;
}

/** The names of one service, split if they exceed the limit by themselves. */
function parts(source: string, names: Names, limit: number): Names[] {
  if (names === 'any' || names.length < 2 || JSON.stringify(pattern(new Map([[source, names]]))).length <= limit) return [names];
  const half = Math.ceil(names.length / 2);
  return [...parts(source, names.slice(0, half), limit), ...parts(source, names.slice(half), limit)];
}

/** The maximum length of a filter pattern of CloudWatch Logs. */
export const MAX_FILTER_PATTERN = 1_024;

/**
 * The pattern of the subscription filter: the selected and all defense-evasion events, or an empty pattern (every
 * event) if that is too long. The function filters in any case.
 */
export function filterPattern(selected: readonly string[] | undefined, blinding: EventNames): string {
  if (selected === undefined) return '';
  const plain = selected.map((name) => name.split(':').at(-1) ?? name);
  const names = new Set<Name>([...plain, ...Object.values(blinding).flatMap((list) => (list === 'any' ? ['*'] : list))]);
  // The filter supports literal names only.
  if ([...names].some((name) => typeof name !== 'string' || name === '*')) return '';
  const text = `{ ${[...names].map((name) => `$.eventName = "${String(name)}"`).join(' || ')} }`;
  return text.length <= MAX_FILTER_PATTERN ? text : '';
}
