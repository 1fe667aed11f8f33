import { AlarmSpec, MetricRef, NAMESPACE, quiet } from './alarm';
import { FunctionName, Names } from './names';

const PERIOD = 300;
const DAY = 24;

/**
 * Silence is not peace: no event for so long means that the route is cut.
 *
 * Each looks at a metric that has no data without events, and treats missing data as missing: INSUFFICIENT_DATA
 * is its first state, and not a change of state, so that it rings only when data came and stopped ("Configuring
 * how CloudWatch alarms treat missing data"). Unproven without an account; docs/deploy.md has the commands. Many
 * short periods, since CloudWatch looks further back than the periods by an amount that it does not document.
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
      ? [{ ...soon, id: 'silence-trail', about: 'CloudTrail writes nothing to CloudWatch Logs: is the trail still on?', namespace: 'AWS/Logs', metric: 'IncomingLogEvents', dimensions: { LogGroupName: group } }]
      : []),
    ...(routes.stream === 'direct' ? [{ ...soon, ...fed('subscription-forwarder'), id: 'silence-stream', about: 'No event reaches subscription-forwarder: subscription filter, trail.' }] : []),
    ...(routes.stream === 'firehose' ? [{ ...soon, ...fed('firehose-transform'), id: 'silence-stream', about: 'No event reaches the transformation: subscription filter, stream, trail.' }] : []),
    ...(names.relays ? [{ ...soon, ...fed('firehose-relay'), id: 'silence-relay', about: 'No event reaches the relay: the stream and its access key.' }] : []),
    ...(routes.s3 === 'off' ? [] : [{ ...soon, ...fed('s3-forwarder'), id: 'silence-s3', about: 'No event is read from log files: the bucket\'s notification, the queue, the trail.' }]),
    ...(routes.fast
      ? [
          // Rare events: hours without one.
          { ...none(alarms.fastSilenceHours * 60), ...fresh, id: 'silence-fast', about: 'None of the listed events for hours: the rules, the queue.', statistic: 'SampleCount' },
          { ...fresh, id: 'late-fast', about: 'Events that cannot wait arrive later than two minutes after they happened.', statistic: 'p90', period: PERIOD, periods: 2, over: 120_000, ...quiet },
        ]
      : []),
  ];
}

/** Metrics that have data when a collector accepted events, by what delivers. */
function delivered(names: Names): Readonly<Record<string, MetricRef>> {
  const senders = names.functions.filter((name) => name !== 'firehose-transform');
  const accepted = senders.map((name) => [name, { namespace: NAMESPACE, metric: 'EventsOut', dimensions: { Function: names.of(name) } }] as const);
  const splunk = names.config.routes.stream === 'firehose' && names.config.stream.destination === 'splunk';
  // The time that an acknowledgment took: there is none without a delivery.
  const acknowledged = { namespace: 'AWS/Firehose', metric: 'DeliveryToSplunk.DataAckLatency', dimensions: { DeliveryStreamName: names.config.name } };
  return Object.fromEntries([...accepted, ...(splunk ? [['firehose', acknowledged] as const] : [])]);
}

/** What arms the groups, and what rings where nothing does or where nothing is delivered any more. */
export function deliveries(names: Names): AlarmSpec[] {
  const metrics = Object.entries(delivered(names));
  const arming = metrics.map(([by, metric]): AlarmSpec => ({
    ...metric, id: `${by}-delivered`, about: 'No alarm of its own: it is OK from the first event that was delivered, and arms the alarms about delivery.',
    // Never below 0. Missing data keeps the state, so that INSUFFICIENT_DATA is left once and for all.
    statistic: 'SampleCount', period: PERIOD, periods: 1, under: 0, missing: 'ignore', arms: true,
  }));
  const ids = metrics.map((_, at) => `m${at}`);
  return [
    ...arming,
    {
      ...clock(names), id: 'nothing-delivered', about: 'Nothing was delivered for 24 hours, on any route. After a first deployment: is the token in its secret?',
      statistic: 'SampleCount', period: 3_600, periods: DAY, under: 1, ...quiet,
      // 1 for each hour with a delivery, else 0; no data for the hours before there was a clock, which are good.
      math: { expression: ['(clock * 0)', ...ids].join(' OR '), metrics: { clock: clock(names), ...Object.fromEntries(metrics.map(([, metric], at) => [`m${at}`, metric])) } },
    },
  ];
}

/**
 * A metric that has data from the deployment on, events or none: SQS reports a queue that is polled ("Available
 * CloudWatch metrics for Amazon SQS"), Firehose its quotas (how often is unproven).
 */
function clock(names: Names): MetricRef {
  const queue = names.queues.find((name) => !name.endsWith('dlq'));
  return queue === undefined
    ? { namespace: 'AWS/Firehose', metric: 'RecordsPerSecondLimit', dimensions: { DeliveryStreamName: names.config.name } }
    : { namespace: 'AWS/SQS', metric: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName: queue } };
}
