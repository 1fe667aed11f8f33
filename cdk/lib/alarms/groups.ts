import { AlarmGroup, AlarmSpec } from './spec';

/** A composite alarm as data. */
export interface CompositeAlarmSpec {
  /** The alarm's name after the name of the deployment. */
  readonly id: string;
  /** What it means and what to check first. */
  readonly description: string;
  /** Ids of the alarms that trigger it, each by itself. */
  readonly members: readonly string[];
  /** Ids of the alarms of which at least one must have had data. */
  readonly armedBy: readonly string[];
}

const DESCRIPTIONS: Readonly<Record<AlarmGroup, string>> = {
  'stream-delivery': 'The stream route cannot deliver to the collector. Check the collector and its token first.',
  'stream-transformation': 'The transformation of the stream route fails. Check the log of firehose-transform.',
  'stream-given-up': 'Firehose gave up delivering events. They are in the backup bucket until they expire.',
  'stream-kept': 'The backup bucket contains events that have not been replayed.',
  'fast-delivery': 'The fast route cannot deliver to the collector. Defense-evasion events are delayed.',
  's3-delivery': 'The S3 route cannot deliver to the collector. Check the collector and its token first.',
};

/**
 * The composite alarms of the groups of these alarms. A composite alarm is triggered by any alarm of its group, but
 * only after the first event was delivered: in a first deployment the secret has no token, and every delivery fails.
 * If no event is delivered at all, `nothing-delivered` notifies after a day.
 */
export function composites(specs: readonly AlarmSpec[]): CompositeAlarmSpec[] {
  const armedBy = specs.filter(({ armsGroups }) => armsGroups).map(({ id }) => id);
  const groups = [...new Set(specs.flatMap(({ group }) => group ?? []))];
  return groups.map((group) => {
    const members = specs.filter((spec) => spec.group === group);
    const details = members.map(({ id, description }) => `${id}: ${description}`).join('\n');
    return { id: group, description: `${DESCRIPTIONS[group]}\n${details}`, members: members.map(({ id }) => id), armedBy };
  });
}

/** The rule of a composite alarm, in CloudWatch's syntax ("Create a composite alarm"). */
export function ruleOf({ members, armedBy }: CompositeAlarmSpec, name: (id: string) => string): string {
  const alarms = members.map((id) => `ALARM("${name(id)}")`).join(' OR ');
  // An alarm that ignores missing data leaves INSUFFICIENT_DATA, its first state, with its first data point and never
  // returns to it ("Configuring how CloudWatch alarms treat missing data").
  const unarmed = armedBy.map((id) => `INSUFFICIENT_DATA("${name(id)}")`).join(' AND ');
  return `(${alarms}) AND NOT (${unarmed})`;
}
