import { AlarmSpec, MetricRef, NAMESPACE, quiet } from './alarm';
import { FunctionName, Names } from './names';

const PERIOD = 300;
const DAY = 24;

/**
 * Alarms on routes without events for an unusually long time.
 *
 * Each watches a metric that has no data without events, and treats missing data as missing. INSUFFICIENT_DATA is
 * the first state of an alarm and no change of state, so that it notifies only if data stops ("Configuring how
 * CloudWatch alarms treat missing data"). Unproven without an account; docs/deployment.md has the commands. There are
 * many short periods, because CloudWatch evaluates more than the given number, and does not document how many.
 */
export function silence(names: Names): AlarmSpec[] {
  const { routes, alarms } = names.config;
  const none = (minutes: number) => ({ statistic: 'Sum', period: PERIOD, periods: Math.ceil((minutes * 60) / PERIOD), under: 1, missing: 'missing', silence: true } as const);
  const soon = none(alarms.silenceMinutes);
  const fed = (name: FunctionName) => ({ namespace: NAMESPACE, metric: 'EventsIn', dimensions: { Function: names.of(name) } });
  const fresh = { namespace: NAMESPACE, metric: 'FreshnessMs', dimensions: { Function: names.of('event-forwarder'), DeliveryPath: 'eventbridge' } };
  const group = names.trailLogGroup;
  return [
    ...(routes.stream && group
      ? [{ ...soon, id: 'silence-trail', about: 'CloudTrail has stopped writing to CloudWatch Logs. Check whether the trail is logging.', namespace: 'AWS/Logs', metric: 'IncomingLogEvents', dimensions: { LogGroupName: group } }]
      : []),
    ...(routes.stream === 'direct' ? [{ ...soon, ...fed('subscription-forwarder'), id: 'silence-stream', about: 'No event reaches subscription-forwarder any more. Check the subscription filter and the trail.' }] : []),
    ...(routes.stream === 'firehose' ? [{ ...soon, ...fed('firehose-transform'), id: 'silence-stream', about: 'No event reaches the transformation any more. Check the subscription filter, the stream and the trail.' }] : []),
    ...(names.relays ? [{ ...soon, ...fed('firehose-relay'), id: 'silence-relay', about: 'No event reaches the relay any more. Check the stream and its access key.' }] : []),
    ...(routes.s3 === 'off' ? [] : [{ ...soon, ...fed('s3-forwarder'), id: 'silence-s3', about: 'No event is read from log files any more. Check the notification of the bucket, the queue and the trail.' }]),
    ...(routes.fast
      ? [
          // These events are rare, so that silence is counted in hours.
          { ...none(alarms.fastSilenceHours * 60), ...fresh, id: 'silence-fast', about: 'No event arrived by the fast route for hours. Check the rules and the queue.', statistic: 'SampleCount' },
          { ...fresh, id: 'late-fast', about: 'Events of the fast route arrive more than two minutes after they happened.', statistic: 'p90', period: PERIOD, periods: 2, over: 120_000, ...quiet },
        ]
      : []),
  ];
}

/** Metrics that have data if the collector accepted events, by what delivers. */
function delivered(names: Names): Readonly<Record<string, MetricRef>> {
  const senders = names.functions.filter((name) => name !== 'firehose-transform');
  const accepted = senders.map((name) => [name, { namespace: NAMESPACE, metric: 'EventsOut', dimensions: { Function: names.of(name) } }] as const);
  const splunk = names.config.routes.stream === 'firehose' && names.config.stream.destination === 'splunk';
  // The time that an acknowledgment took, so that it has no data without a delivery.
  const acknowledged = { namespace: 'AWS/Firehose', metric: 'DeliveryToSplunk.DataAckLatency', dimensions: { DeliveryStreamName: names.config.name } };
  return Object.fromEntries([...accepted, ...(splunk ? [['firehose', acknowledged] as const] : [])]);
}

/** The alarms that arm the groups, and the one that notifies if nothing arms them or nothing is delivered any more. */
export function deliveries(names: Names): AlarmSpec[] {
  const metrics = Object.entries(delivered(names));
  const arming = metrics.map(([by, metric]): AlarmSpec => ({
    ...metric, id: `${by}-delivered`, about: 'Never rings. It becomes OK with the first delivered event, and arms the alarms on delivery.',
    // Never below 0. Missing data keeps the state, so that INSUFFICIENT_DATA is left for good with the first data.
    statistic: 'SampleCount', period: PERIOD, periods: 1, under: 0, missing: 'ignore', arms: true,
  }));
  // A metric without data in an hour counts as 0: it is not documented how `OR` treats what is missing.
  const ids = metrics.map((_, at) => `FILL(m${at}, 0)`);
  return [
    ...arming,
    {
      ...clock(names), id: 'nothing-delivered', about: 'No route delivered an event for 24 hours. After a first deployment, check whether the secret has a token.',
      statistic: 'SampleCount', period: 3_600, periods: DAY, under: 1, ...quiet,
      // 1 for an hour with a delivery, else 0. Hours before the deployment have no data, which does not breach.
      math: { expression: ['(clock * 0)', ...ids].join(' OR '), metrics: { clock: clock(names), ...Object.fromEntries(metrics.map(([, metric], at) => [`m${at}`, metric])) } },
    },
  ];
}

/**
 * A metric that has data from the deployment on, with or without events. SQS publishes metrics of a queue that is
 * polled ("Available CloudWatch metrics for Amazon SQS"); Firehose publishes its quotas (how often is unproven).
 */
function clock(names: Names): MetricRef {
  const queue = names.queues.find((name) => !name.endsWith('dlq'));
  return queue === undefined
    ? { namespace: 'AWS/Firehose', metric: 'RecordsPerSecondLimit', dimensions: { DeliveryStreamName: names.config.name } }
    : { namespace: 'AWS/SQS', metric: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName: queue } };
}
