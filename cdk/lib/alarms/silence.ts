import { AlarmSpec, MetricRef, NAMESPACE, NOT_BREACHING } from './spec';
import { FunctionName, Names } from '../names';

const PERIOD = 300;
const DAY = 24;

/**
 * Alarms on routes without events for an unusually long time.
 *
 * Each watches a metric that has no data without events, and treats missing data as missing. INSUFFICIENT_DATA is the
 * first state of an alarm, so it notifies only if data stops ("Configuring how CloudWatch alarms treat missing data").
 * Unproven without an account; docs/deployment.md has the commands. The periods are short and many, because CloudWatch
 * evaluates more periods than configured, and does not document how many.
 */
export function silence(names: Names): AlarmSpec[] {
  const { routes, alarms } = names.config;
  const silent = (minutes: number) => ({ statistic: 'Sum', period: PERIOD, periods: Math.ceil((minutes * 60) / PERIOD), under: 1, missing: 'missing', notifiesOnMissingData: true } as const);
  const defaults = silent(alarms.silenceMinutes);
  const fed = (name: FunctionName) => ({ namespace: NAMESPACE, metric: 'EventsIn', dimensions: { Function: names.of(name) } });
  const fresh = { namespace: NAMESPACE, metric: 'FreshnessMs', dimensions: { Function: names.of('event-forwarder'), DeliveryPath: 'eventbridge' } };
  const group = names.trailLogGroup;
  return [
    ...(routes.stream && group
      ? [{ ...defaults, id: 'silence-trail', description: 'CloudTrail stopped writing to CloudWatch Logs, so the stream route delivers nothing. Check whether the trail is logging.', namespace: 'AWS/Logs', metric: 'IncomingLogEvents', dimensions: { LogGroupName: group } }]
      : []),
    ...(routes.stream === 'direct' ? [{ ...defaults, ...fed('subscription-forwarder'), id: 'silence-stream', description: 'subscription-forwarder no longer receives events, so the stream route delivers nothing. Check the subscription filter and the trail.' }] : []),
    ...(routes.stream === 'firehose' ? [{ ...defaults, ...fed('firehose-transform'), id: 'silence-stream', description: 'The transformation no longer receives events, so the stream route delivers nothing. Check the subscription filter, the stream and the trail.' }] : []),
    ...(names.usesRelay ? [{ ...defaults, ...fed('firehose-relay'), id: 'silence-relay', description: 'firehose-relay no longer receives events. Check the delivery stream and its access key.' }] : []),
    ...(routes.s3 === 'off' ? [] : [{ ...defaults, ...fed('s3-forwarder'), id: 'silence-s3', description: 's3-forwarder no longer receives log files. Check the notification of the bucket, the queue and the trail.' }]),
    ...(routes.fast
      ? [
          // These events are rare, so silence is measured in hours.
          { ...silent(alarms.fastSilenceHours * 60), ...fresh, id: 'silence-fast', description: 'The fast route has delivered no event for hours, so defense-evasion events may be delayed. Check the EventBridge rules and the queue.', statistic: 'SampleCount' },
          { ...fresh, id: 'late-fast', description: 'The fast route delivers events more than two minutes after they happened. Check the age of the queue and the response times of the collector.', statistic: 'p90', period: PERIOD, periods: 2, over: 120_000, ...NOT_BREACHING },
        ]
      : []),
  ];
}

/** Metrics that have data if the collector accepted events, by sender. */
function delivered(names: Names): Readonly<Record<string, MetricRef>> {
  const senders = names.functions.filter((name) => name !== 'firehose-transform');
  const accepted = senders.map((name) => [name, { namespace: NAMESPACE, metric: 'EventsOut', dimensions: { Function: names.of(name) } }] as const);
  const splunk = names.config.routes.stream === 'firehose' && names.config.stream.destination === 'splunk';
  // The latency of acknowledgments, which has no data without a delivery.
  const acknowledged = { namespace: 'AWS/Firehose', metric: 'DeliveryToSplunk.DataAckLatency', dimensions: { DeliveryStreamName: names.config.name } };
  return Object.fromEntries([...accepted, ...(splunk ? [['firehose', acknowledged] as const] : [])]);
}

/** The alarms that arm the groups, and the one that notifies if nothing has been delivered for a day. */
export function deliveries(names: Names): AlarmSpec[] {
  const metrics = Object.entries(delivered(names));
  const arming = metrics.map(([by, metric]): AlarmSpec => ({
    ...metric, id: `${by}-delivered`, description: 'Never fires. It becomes OK with the first delivered event, which arms the alarms on delivery.',
    // Never below 0. Missing data keeps the state, so the alarm permanently leaves INSUFFICIENT_DATA with the first data.
    statistic: 'SampleCount', period: PERIOD, periods: 1, under: 0, missing: 'ignore', armsGroups: true,
  }));
  // A metric without data in an hour counts as 0, because it is not documented how `OR` treats missing data.
  const ids = metrics.map((_, at) => `FILL(m${at}, 0)`);
  return [
    ...arming,
    {
      ...clock(names), id: 'nothing-delivered', description: 'No route has delivered an event for 24 hours. After a first deployment, check whether the secret contains a token.',
      statistic: 'SampleCount', period: 3_600, periods: DAY, under: 1, ...NOT_BREACHING,
      // 1 for an hour with a delivery, else 0. Hours before the deployment have no data, which does not breach.
      math: { expression: ['(clock * 0)', ...ids].join(' OR '), metrics: { clock: clock(names), ...Object.fromEntries(metrics.map(([, metric], at) => [`m${at}`, metric])) } },
    },
  ];
}

/**
 * A metric that has data with or without events. SQS publishes metrics of a polled queue ("Available CloudWatch
 * metrics for Amazon SQS"); Firehose publishes its quotas (how often is unproven).
 */
function clock(names: Names): MetricRef {
  const queue = names.queues.find((name) => !name.endsWith('dlq'));
  return queue === undefined
    ? { namespace: 'AWS/Firehose', metric: 'RecordsPerSecondLimit', dimensions: { DeliveryStreamName: names.config.name } }
    : { namespace: 'AWS/SQS', metric: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName: queue } };
}
