import { AlarmGroup, AlarmSpec } from './alarm';

/** A composite alarm as data. */
export interface CompositeSpec {
  /** The alarm's name after the name of the deployment. */
  readonly id: string;
  /** What it means and what to check first. */
  readonly about: string;
  /** Ids of the alarms of which any one triggers it. */
  readonly any: readonly string[];
  /** Ids of the alarms of which at least one must have had data. */
  readonly armedBy: readonly string[];
}

const ABOUT: Readonly<Record<AlarmGroup, string>> = {
  'stream-delivery': 'The stream route cannot deliver to the collector.',
  'stream-transformation': 'The transformation of the stream fails.',
  'stream-given-up': 'Firehose gave up delivering events. They are in the backup bucket until they expire.',
  'stream-kept': 'Events in the backup bucket have not been sent again.',
  'fast-delivery': 'The fast route cannot deliver to the collector.',
  's3-delivery': 'The S3 route cannot deliver to the collector.',
};

/**
 * The composite alarms of the groups of these alarms. Each is triggered by any alarm of its group, but not before
 * the first event was delivered: a first deployment has no token yet, and every delivery fails. If no event is
 * delivered at all, `nothing-delivered` notifies after a day.
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
  // An alarm that ignores missing data leaves INSUFFICIENT_DATA, its first state, with its first data point and
  // never returns to it ("Configuring how CloudWatch alarms treat missing data").
  const unarmed = armedBy.map((id) => `INSUFFICIENT_DATA("${name(id)}")`).join(' AND ');
  return `(${alarms}) AND NOT (${unarmed})`;
}
