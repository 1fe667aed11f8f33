import metrics from '../../../schema/metrics.json';

/** Namespace of Sightline's own metrics. */
export const NAMESPACE = metrics.namespace;

/** A CloudWatch metric. */
export interface MetricRef {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * Alarms that notify through one composite alarm, and only after the first event was delivered: until the secret has
 * a token, every delivery fails.
 */
export type AlarmGroup = 'stream-delivery' | 'stream-transformation' | 'stream-given-up' | 'stream-kept' | 'fast-delivery' | 's3-delivery';

/** An alarm as data. Its name and those of its resources are known before anything is created. */
export interface AlarmSpec extends MetricRef {
  /** The alarm's name after the name of the deployment. */
  readonly id: string;
  /** What it means and what to check first. */
  readonly description: string;
  readonly statistic: string;
  /** Length of a period in seconds, and the number of evaluated periods. */
  readonly period: number;
  readonly periods: number;
  /** How many of the periods must breach. @default - all of them */
  readonly datapointsToAlarm?: number;
  /** The alarm fires above this value, or below `under`. */
  readonly over?: number;
  readonly under?: number;
  /** How a period without data is treated: `missing` leads to INSUFFICIENT_DATA, `ignore` keeps the state. */
  readonly missing: 'notBreaching' | 'missing' | 'ignore';
  /** Whether it also notifies when the metric stops having data. */
  readonly notifiesOnMissingData?: boolean;
  /** The composite alarm through which it notifies. @default - it notifies itself */
  readonly group?: AlarmGroup;
  /** Whether it arms the groups: it has data only after an event was delivered, and never notifies. */
  readonly armsGroups?: boolean;
  /** Whether it sums all metrics with these dimensions and any further ones, whose values are not documented. */
  readonly aggregated?: boolean;
  /** An expression over these metrics, instead of the metric itself. */
  readonly math?: { readonly expression: string; readonly metrics: Readonly<Record<string, MetricRef>> };
}

/** For metrics that have no data while nothing is wrong. */
export const NOT_BREACHING = { missing: 'notBreaching' } as const;
