/** Namespace of Sightline's own metrics. */
export const NAMESPACE = 'Sightline';

/** A metric of CloudWatch. */
export interface MetricRef {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * What alarms ring together, by one composite alarm, and not before an event was delivered for the first time:
 * until the token is in its secret, every delivery fails.
 */
export type AlarmGroup = 'stream-delivery' | 'stream-transformation' | 'stream-given-up' | 'fast-delivery' | 's3-delivery';

/** An alarm as data: everything is known by name before anything is made. */
export interface AlarmSpec extends MetricRef {
  /** Name behind the deployment's own. */
  readonly id: string;
  /** What it means and what to look at first. */
  readonly about: string;
  readonly statistic: string;
  /** Length of a period in seconds, how many are looked at, and how many of them have to be bad. */
  readonly period: number;
  readonly periods: number;
  /** @default - all of the periods */
  readonly bad?: number;
  readonly over?: number;
  readonly under?: number;
  /** What a period without data means: `missing` is INSUFFICIENT_DATA, `ignore` keeps the state. */
  readonly missing: 'notBreaching' | 'missing' | 'ignore';
  /** Whether it rings when data that came once comes no longer. */
  readonly silence?: boolean;
  /** Rings as part of a composite alarm. @default - by itself */
  readonly group?: AlarmGroup;
  /** Never rings: that it has data says that an event was delivered, which arms the groups. */
  readonly arms?: boolean;
  /** Sum over every metric that has these dimensions, among others whose values nobody documents. */
  readonly among?: boolean;
  /** An expression over these metrics, in place of the metric itself. */
  readonly math?: { readonly expression: string; readonly metrics: Readonly<Record<string, MetricRef>> };
}

/** No data is good. */
export const quiet = { missing: 'notBreaching' } as const;
