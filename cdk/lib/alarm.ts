/** Namespace of Sightline's own metrics. */
export const NAMESPACE = 'Sightline';

/** A metric of CloudWatch. */
export interface MetricRef {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * Alarms that notify through one composite alarm, and not before the first event was delivered: until the secret
 * has a token, every delivery fails.
 */
export type AlarmGroup = 'stream-delivery' | 'stream-transformation' | 'stream-given-up' | 'stream-kept' | 'fast-delivery' | 's3-delivery';

/** An alarm as data: everything is known by name before anything is made. */
export interface AlarmSpec extends MetricRef {
  /** The alarm's name after the name of the deployment. */
  readonly id: string;
  /** What it means and what to check first. */
  readonly about: string;
  readonly statistic: string;
  /** Length of a period in seconds, and how many are evaluated. */
  readonly period: number;
  readonly periods: number;
  /** How many of the periods have to breach. @default - all of them */
  readonly bad?: number;
  readonly over?: number;
  readonly under?: number;
  /** How a period without data is treated: `missing` leads to INSUFFICIENT_DATA, `ignore` keeps the state. */
  readonly missing: 'notBreaching' | 'missing' | 'ignore';
  /** Whether it notifies if the metric had data once and has none any more. */
  readonly silence?: boolean;
  /** Notifies as part of a composite alarm. @default - by itself */
  readonly group?: AlarmGroup;
  /** Never notifies: once it has data, an event was delivered, which arms the groups. */
  readonly arms?: boolean;
  /** Sums every metric with these dimensions and any further ones, whose values are not documented. */
  readonly among?: boolean;
  /** An expression over these metrics, instead of the metric itself. */
  readonly math?: { readonly expression: string; readonly metrics: Readonly<Record<string, MetricRef>> };
}

/** For a metric that has no data while nothing is wrong. */
export const quiet = { missing: 'notBreaching' } as const;
