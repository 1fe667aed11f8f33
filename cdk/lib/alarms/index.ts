import { AlarmGroup, AlarmSpec, NAMESPACE, NOT_BREACHING } from './spec';
import { composites, CompositeAlarmSpec } from './groups';
import { deliveries, silence } from './silence';
import { FIREHOSE_ERRORS, WRITES } from './firehose-errors';
import { FunctionName, LIVE, Names } from '../names';
import { evaluatesRules } from '../settings';

/** Timeouts of the functions in seconds. */
export function timeouts(acks: boolean): Readonly<Record<FunctionName, number>> {
  return {
    // Firehose waits 5 minutes; re-ingesting records takes at most 20 seconds of backoff.
    'firehose-transform': 120,
    // Firehose waits 3 minutes.
    'firehose-relay': 170,
    // An acknowledgment may take 5 minutes.
    'event-forwarder': acks ? 360 : 60,
    // Several requests of 1 MB to the collector. Batches that are not finished are retried and then kept.
    'subscription-forwarder': acks ? 360 : 120,
    // Another message continues a large file.
    's3-forwarder': acks ? 600 : 300,
  };
}

/** Every metric alarm of the hub. `rules` are the names of its EventBridge rules. */
export function alarmSpecs(names: Names, rules: readonly string[]): AlarmSpec[] {
  const { routes } = names.config;
  return [
    ...names.functions.flatMap((name) => functionAlarms(names, name)),
    ...names.queues.map((queue) => queueAlarm(names, queue)),
    ...(routes.stream === 'firehose' ? streamAlarms(names) : []),
    ...(routes.stream === 'direct' ? directAlarms(names) : []),
    ...(routes.stream ? subscriptionAlarms(names, routes.stream === 'direct' ? 'subscription-forwarder' : 'Firehose') : []),
    ...rules.flatMap(ruleAlarms),
    ...storageAlarms(names),
    ...silence(names),
    ...deliveries(names),
  ];
}

/** The composite alarms of the hub. */
export function compositeAlarmSpecs(names: Names, rules: readonly string[]): CompositeAlarmSpec[] {
  return composites(alarmSpecs(names, rules));
}

/** Names of all alarms of the hub. */
export function alarmNames(names: Names, rules: readonly string[]): string[] {
  return [...alarmSpecs(names, rules), ...compositeAlarmSpecs(names, rules)].map(({ id }) => names.of(id));
}

/** The group of a function's alarms about events it cannot deliver. */
function groupOf(name: FunctionName): AlarmGroup {
  switch (name) {
    case 'firehose-transform':
      return 'stream-transformation';
    case 'firehose-relay':
    case 'subscription-forwarder':
      return 'stream-delivery';
    case 'event-forwarder':
      return 'fast-delivery';
    case 's3-forwarder':
      return 's3-delivery';
  }
}

function functionAlarms(names: Names, name: FunctionName): AlarmSpec[] {
  const lambda = { namespace: 'AWS/Lambda', dimensions: { FunctionName: names.of(name) }, period: 300, periods: 1, ...NOT_BREACHING };
  const sightline = { namespace: NAMESPACE, dimensions: { Function: names.of(name) }, statistic: 'Sum', period: 300, periods: 1, over: 0, ...NOT_BREACHING };
  const timeout = timeouts(names.config.acks)[name];
  const group = groupOf(name);
  // Two periods, each as long as the visibility timeout and an invocation: the age of the oldest message excludes
  // messages that were received three times.
  const queued = name === 'event-forwarder' ? { period: 900, periods: 2 } : name === 's3-forwarder' ? { period: 7_200, periods: 2 } : undefined;
  return [
    {
      // An error has the timestamp of the start of its invocation ("Types of metrics for Lambda functions"). If the
      // invocation times out, that period has already ended, so the alarm evaluates as many periods as an invocation
      // can take.
      ...lambda, id: `${name}-errors`, description: 'Invocations of the function fail. The log group of the function states the reason.', metric: 'Errors', statistic: 'Sum', over: 0,
      // Of the alias only: a failed self-check stops the deployment and must not page anyone.
      dimensions: { FunctionName: names.of(name), Resource: `${names.of(name)}:${LIVE}` }, periods: Math.ceil(timeout / 300) + 1, datapointsToAlarm: 1, group,
    },
    { ...lambda, id: `${name}-throttles`, description: 'Lambda throttles the function because the account runs too many functions at once. Request a higher quota for concurrent executions.', metric: 'Throttles', statistic: 'Sum', over: 0 },
    {
      ...lambda, id: `${name}-duration`, description: 'Invocations take almost as long as the timeout. The collector is slow, or the function has too little memory.',
      // One large file may take that long in s3-forwarder; 15 minutes in a row are a problem.
      metric: 'Duration', statistic: 'Maximum', over: timeout * 900, periods: name === 's3-forwarder' ? 3 : 1,
    },
    { ...sightline, id: `${name}-configuration`, description: 'The token or the URL of the collector is wrong. No event is lost: events wait until it is corrected.', metric: 'ConfigurationFaults', group },
    { ...sightline, id: `${name}-quarantined`, description: 'Events were rejected by the collector or could not be processed. They are stored as dead letters, or by Firehose. Fix the cause, then run "sightline replay".', metric: 'EventsQuarantined' },
    { ...sightline, id: `${name}-unreadable`, description: 'Records could not be parsed. The log of the function states which and why.', metric: 'RecordsFailed' },
    ...(queued ? [{ ...sightline, ...queued, id: `${name}-held-up`, description: 'Events are returned to the queue repeatedly. The collector is unavailable or rejects them.', metric: 'EventsReingested', group }] : []),
    // Lambda does not publish the metric for s3-forwarder, whose loop detection is off ("Types of metrics for Lambda functions").
    ...(name === 's3-forwarder' ? [] : [{ ...lambda, id: `${name}-loop`, description: 'Lambda dropped an invocation because the function invoked itself in a loop, which it must not do. The dropped events may be missing on this route.', metric: 'RecursiveInvocationsDropped', statistic: 'Sum', over: 0 }]),
    ...(evaluatesRules(name) ? [{ ...sightline, id: `${name}-blinding`, description: 'A defense-evasion event: someone may be disabling the monitoring of an account. Search for "blinding" in the SIEM.', metric: 'BlindingEvents', period: 60 }] : []),
  ];
}

function queueAlarm(names: Names, queue: string): AlarmSpec {
  const id = queue.slice(names.config.name.length + 1);
  const sqs = { namespace: 'AWS/SQS', dimensions: { QueueName: queue }, statistic: 'Maximum', period: 60, ...NOT_BREACHING };
  if (id.endsWith('dlq')) {
    return { ...sqs, id: `${id}-not-empty`, description: 'Messages failed all attempts and are in the dead-letter queue. Fix the cause, then run "sightline replay" before they expire.', metric: 'ApproximateNumberOfMessagesVisible', periods: 1, over: 0 };
  }
  const seconds = id === 'fast' ? 300 : 3_600;
  return {
    ...sqs, id: `${id}-age`, description: 'Events have been waiting in the queue for too long. The collector is unavailable or too slow.', metric: 'ApproximateAgeOfOldestMessage', periods: 5, over: seconds,
    group: id === 'fast' ? 'fast-delivery' : id === 'undelivered' ? 'stream-delivery' : 's3-delivery',
  };
}

function streamAlarms(names: Names): AlarmSpec[] {
  const { config } = names;
  const splunk = config.stream.destination === 'splunk';
  const to = splunk ? 'DeliveryToSplunk' : 'DeliveryToHttpEndpoint';
  const firehose = { namespace: 'AWS/Firehose', dimensions: { DeliveryStreamName: config.name }, period: 300, periods: 1, ...NOT_BREACHING };
  return [
    { ...firehose, id: 'firehose-delivery', description: 'Firehose cannot deliver to the destination and retries. The log group of the stream states the reason.', metric: `${to}.Success`, statistic: 'Minimum', under: 1, group: 'stream-delivery' },
    { ...firehose, id: 'firehose-freshness', description: 'The oldest undelivered event in Firehose is older than 15 minutes. Check the collector.', metric: `${to}.DataFreshness`, statistic: 'Maximum', over: 900, group: 'stream-delivery' },
    {
      ...firehose, id: 'firehose-processing', description: 'The transformation fails, or Firehose cannot invoke it. The original records are in the backup bucket under processing-failed/.',
      metric: 'ExecuteProcessing.Success', statistic: 'Minimum', under: 1, group: 'stream-transformation',
    },
    {
      // For both destinations: Firehose writes to this bucket only the events that it gives up.
      id: 'firehose-given-up', description: 'Firehose gave up delivering events and wrote them to the backup bucket. Fix the cause, then run "sightline replay" before they expire.',
      namespace: 'AWS/S3', metric: 'PutRequests', dimensions: { BucketName: names.bucket('firehose-backup'), FilterId: WRITES },
      statistic: 'Sum', period: 300, periods: 1, over: 0, ...NOT_BREACHING, group: 'stream-given-up',
    },
    ...(splunk
      ? [{ ...firehose, id: 'firehose-backup', description: 'Firehose cannot write to the backup bucket. Events are lost after 24 hours. Check the bucket, its key and the role of the stream.', metric: 'DeliveryToS3.Success', statistic: 'Minimum', under: 1 }]
      : []),
    ...FIREHOSE_ERRORS.filter(({ destinations }) => destinations.includes(config.stream.destination)).map(({ id, description, metric }) => (
      { id, description, namespace: names.logMetrics, metric, dimensions: {}, statistic: 'Sum', period: 300, periods: 1, over: 0, ...NOT_BREACHING }
    )),
    { ...firehose, id: 'firehose-throttled', description: 'Firehose throttles incoming records. Request a higher quota for the stream.', metric: 'ThrottledRecords', statistic: 'Sum', over: 0 },
  ];
}

/** Alarms of the subscription filter, by destination. */
function subscriptionAlarms(names: Names, destination: string): AlarmSpec[] {
  const filter = {
    namespace: 'AWS/Logs', statistic: 'Sum', period: 300, periods: 1, over: 0, ...NOT_BREACHING, aggregated: true,
    dimensions: { LogGroupName: names.trailLogGroup ?? '', FilterName: names.config.name },
  };
  return [
    { ...filter, id: 'subscription-errors', description: `CloudWatch Logs cannot deliver to ${destination}. After 24 hours it stops retrying, and events are missing on this route.`, metric: 'DeliveryErrors' },
    { ...filter, id: 'subscription-throttled', description: `${destination} throttles CloudWatch Logs, which retries for 24 hours.`, metric: 'DeliveryThrottling' },
  ];
}

/** Maximum time that an event may wait for `subscription-forwarder`, including retries, in seconds. */
const ASYNC_AGE = 900;

/** Alarms of the asynchronous invocations of the direct route. */
function directAlarms(names: Names): AlarmSpec[] {
  const lambda = { namespace: 'AWS/Lambda', dimensions: { FunctionName: names.of('subscription-forwarder') }, period: 300, periods: 1, ...NOT_BREACHING };
  return [
    {
      ...lambda, id: 'subscription-lost', description: 'Lambda cannot write undelivered events of subscription-forwarder to the undelivered bucket. These events are lost on this route. Check the rights of the function\'s role on the bucket and its key.',
      metric: 'DestinationDeliveryFailures', statistic: 'Sum', over: 0,
    },
    {
      // Also counts events that Lambda wrote to the bucket ("Types of metrics for Lambda functions").
      ...lambda, id: 'subscription-given-up', description: 'Lambda gave up invoking subscription-forwarder and wrote the events to the undelivered bucket, from where s3-forwarder delivers them. No event is lost unless subscription-lost fires as well.',
      metric: 'AsyncEventsDropped', statistic: 'Sum', over: 0, group: 'stream-delivery',
    },
    {
      ...lambda, id: 'subscription-late', description: 'Events wait too long for subscription-forwarder. Too many functions run in this account, or the collector is unavailable.',
      metric: 'AsyncEventAge', statistic: 'Maximum', over: ASYNC_AGE * 1_000, group: 'stream-delivery',
    },
  ];
}

/** Alarms on events that a rule cannot deliver to its target, and on those it cannot write to the dead-letter queue either. */
export function ruleAlarms(rule: string, at: number): AlarmSpec[] {
  const events = { namespace: 'AWS/Events', dimensions: { RuleName: rule }, statistic: 'Sum', period: 60, periods: 1, over: 0, ...NOT_BREACHING };
  return [
    { ...events, id: `fast-rule-${at + 1}-failed`, description: 'EventBridge cannot deliver events to the target of the rule. Check the key and the policies of the queues.', metric: 'FailedInvocations' },
    {
      ...events, id: `fast-rule-${at + 1}-lost`, description: 'EventBridge could not write undelivered events to the dead-letter queue. They are lost on the fast route; the other routes still carry them.',
      metric: 'InvocationsFailedToBeSentToDlq',
    },
  ];
}

/** Alarms while stored events have not been replayed. S3 counts objects once a day. */
function storageAlarms(names: Names): AlarmSpec[] {
  const bucket = (what: 'dead-letters' | 'firehose-backup', description: string): AlarmSpec => ({
    id: `${what}-not-empty`, description, namespace: 'AWS/S3', metric: 'NumberOfObjects', statistic: 'Average', period: 86_400, periods: 1, over: 0, ...NOT_BREACHING,
    dimensions: { BucketName: names.bucket(what), StorageType: 'AllStorageTypes' },
  });
  return [
    bucket('dead-letters', 'The dead-letter bucket contains events that were not delivered. Fix the cause, then run "sightline replay" before they expire. Objects under backfill/ count as well.'),
    ...(names.config.routes.stream === 'firehose'
      ? [{ ...bucket('firehose-backup', 'The backup bucket contains records that Firehose could not transform or deliver. Fix the cause, then run "sightline replay" before they expire.'), group: 'stream-kept' } as const]
      : []),
  ];
}
