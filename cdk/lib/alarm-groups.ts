import { AlarmGroup, AlarmSpec } from './alarm';

/** A composite alarm as data. */
export interface CompositeSpec {
  /** Name behind the deployment's own. */
  readonly id: string;
  /** What it means and what to look at first. */
  readonly about: string;
  /** Alarms of which any sets it off, by their ids. */
  readonly any: readonly string[];
  /** Alarms of which one has to have had data, by their ids. */
  readonly armedBy: readonly string[];
}

const ABOUT: Readonly<Record<AlarmGroup, string>> = {
  'stream-delivery': 'The stream does not reach the collector.',
  'stream-transformation': 'The stream\'s transformation fails.',
  'stream-given-up': 'The stream gave events up: they are in the backup bucket until they expire.',
  'fast-delivery': 'The fast route does not reach the collector.',
  's3-delivery': 'The S3 route does not reach the collector.',
};

/**
 * The composite alarms of these alarms' groups. Each rings for any of its alarms, but not before an event was
 * delivered for the first time: a first deployment has no token yet, and every delivery fails. Where none ever
 * is, `nothing-delivered` rings after a day.
 */
export function composites(specs: readonly AlarmSpec[]): CompositeSpec[] {
  const armedBy = specs.filter(({ arms }) => arms).map(({ id }) => id);
  const groups = [...new Set(specs.flatMap(({ group }) => group ?? []))];
  return groups.map((group) => {
    const any = specs.filter((spec) => spec.group === group);
    const what = any.map(({ id, about }) => `${id}: ${about}`).join('\n');
    return { id: group, about: `${ABOUT[group]}\n${what}`, any: any.map(({ id }) => id), armedBy };
  });
}

/** The rule of a composite alarm, in the language of CloudWatch ("Create a composite alarm"). */
export function ruleOf({ any, armedBy }: CompositeSpec, name: (id: string) => string): string {
  const alarms = any.map((id) => `ALARM("${name(id)}")`).join(' OR ');
  // An alarm that treats missing data as `ignore` leaves its first state with its first data point for ever.
  const unarmed = armedBy.map((id) => `INSUFFICIENT_DATA("${name(id)}")`).join(' AND ');
  return `(${alarms}) AND NOT (${unarmed})`;
}
