import { AlarmGroup, AlarmSpec, NAMESPACE, quiet } from './alarm';
import { composites, CompositeSpec } from './alarm-groups';
import { deliveries, silence } from './alarm-silence';
import { FIREHOSE_ERRORS, WRITES } from './firehose-errors';
import { FunctionName, LIVE, Names } from './names';

/** Longest runs of the functions in seconds. */
export function timeouts(acks: boolean): Readonly<Record<FunctionName, number>> {
  return {
    // Firehose waits 5 minutes; putting records back takes a backoff of at most 20 seconds.
    'firehose-transform': 120,
    // Firehose waits 3 minutes.
    'firehose-relay': 170,
    // An acknowledgment may take 5 minutes.
    'event-forwarder': acks ? 360 : 60,
    // Several requests of 1 MB to the collector. What it does not get done is tried again and then kept.
    'subscription-forwarder': acks ? 360 : 120,
    // The rest of a large file is continued by another message.
    's3-forwarder': acks ? 600 : 300,
  };
}

/** Every metric alarm of the hub. `rules` are the names of its EventBridge rules. */
export function alarmSpecs(names: Names, rules: readonly string[]): AlarmSpec[] {
  const { routes } = names.config;
  return [
    ...names.functions.flatMap((name) => ofFunction(names, name)),
    ...names.queues.map((queue) => ofQueue(names, queue)),
    ...(routes.stream === 'firehose' ? ofStream(names) : []),
    ...(routes.stream === 'direct' ? ofDirect(names) : []),
    ...(routes.stream ? ofSubscription(names, routes.stream === 'direct' ? 'subscription-forwarder' : 'Firehose') : []),
    ...rules.flatMap(ofRule),
    ...kept(names),
    ...silence(names),
    ...deliveries(names),
  ];
}

/** The composite alarms of the hub. */
export function compositeSpecs(names: Names, rules: readonly string[]): CompositeSpec[] {
  return composites(alarmSpecs(names, rules));
}

/** Names of all alarms of the hub. */
export function alarmNames(names: Names, rules: readonly string[]): string[] {
  return [...alarmSpecs(names, rules), ...compositeSpecs(names, rules)].map(({ id }) => names.of(id));
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

function ofFunction(names: Names, name: FunctionName): AlarmSpec[] {
  const lambda = { namespace: 'AWS/Lambda', dimensions: { FunctionName: names.of(name) }, period: 300, periods: 1, ...quiet };
  const own = { namespace: NAMESPACE, dimensions: { Function: names.of(name) }, statistic: 'Sum', period: 300, periods: 1, over: 0, ...quiet };
  const timeout = timeouts(names.config.acks)[name];
  const judges = name !== 'firehose-relay';
  const group = groupOf(name);
  // Two periods, each as long as the visibility timeout and an invocation: SQS excludes messages that were received
  // three times from the age of the oldest message.
  const queued = name === 'event-forwarder' ? { period: 900, periods: 2 } : name === 's3-forwarder' ? { period: 7_200, periods: 2 } : undefined;
  return [
    {
      // An error has the timestamp of the start of its invocation ("Types of metrics for Lambda functions"). That
      // of an invocation that times out belongs to a period that has ended by then, so that the alarm evaluates as
      // many periods as an invocation can take.
      ...lambda, id: `${name}-errors`, about: 'Invocations of the function fail. Its log states the reason.', metric: 'Errors', statistic: 'Sum', over: 0,
      // Of the alias alone: a failed self-check stops the deployment, and is no reason to page anybody.
      dimensions: { FunctionName: names.of(name), Resource: `${names.of(name)}:${LIVE}` }, periods: Math.ceil(timeout / 300) + 1, bad: 1, group,
    },
    { ...lambda, id: `${name}-throttles`, about: 'Lambda throttles the function: the account runs too many functions at once. Request a higher quota for concurrent executions.', metric: 'Throttles', statistic: 'Sum', over: 0 },
    {
      ...lambda, id: `${name}-duration`, about: 'Invocations take almost as long as the timeout allows: the collector is slow, or the function has too little memory.',
      // One large file may take that long in s3-forwarder; 15 minutes of them are a problem.
      metric: 'Duration', statistic: 'Maximum', over: timeout * 900, periods: name === 's3-forwarder' ? 3 : 1,
    },
    { ...own, id: `${name}-configuration`, about: 'The token or the address of the collector is wrong. Events wait and are not lost.', metric: 'ConfigurationFaults', group },
    { ...own, id: `${name}-quarantined`, about: 'The collector rejected events, or they could not be processed: they are stored as dead letters, or by Firehose. Fix the cause, then run "sightline replay".', metric: 'EventsQuarantined' },
    { ...own, id: `${name}-unreadable`, about: 'Records could not be parsed. The log states which and why.', metric: 'RecordsFailed' },
    ...(queued ? [{ ...own, ...queued, id: `${name}-held-up`, about: 'Events are returned to the queue repeatedly: the collector is unavailable, or rejects them.', metric: 'EventsReingested', group }] : []),
    // Lambda publishes none of it for s3-forwarder, whose loop detection is off ("Types of metrics for Lambda functions").
    ...(name === 's3-forwarder' ? [] : [{ ...lambda, id: `${name}-loop`, about: 'Lambda dropped an invocation because the function invoked itself in a loop, which it is not designed to do.', metric: 'RecursiveInvocationsDropped', statistic: 'Sum', over: 0 }]),
    ...(judges ? [{ ...own, id: `${name}-blinding`, about: 'A blinding event. Search for "blinding" in the SIEM.', metric: 'BlindingEvents', period: 60 }] : []),
  ];
}

function ofQueue(names: Names, queue: string): AlarmSpec {
  const id = queue.slice(names.config.name.length + 1);
  const sqs = { namespace: 'AWS/SQS', dimensions: { QueueName: queue }, statistic: 'Maximum', period: 60, ...quiet };
  if (id.endsWith('dlq')) {
    return { ...sqs, id: `${id}-not-empty`, about: 'Messages failed all attempts and are on the dead-letter queue. Fix the cause, then run "sightline replay".', metric: 'ApproximateNumberOfMessagesVisible', periods: 1, over: 0 };
  }
  const seconds = id === 'fast' ? 300 : 3_600;
  return {
    ...sqs, id: `${id}-age`, about: 'Events have been waiting too long: the collector is unavailable or too slow.', metric: 'ApproximateAgeOfOldestMessage', periods: 5, over: seconds,
    group: id === 'fast' ? 'fast-delivery' : id === 'undelivered' ? 'stream-delivery' : 's3-delivery',
  };
}

function ofStream(names: Names): AlarmSpec[] {
  const { config } = names;
  const splunk = config.stream.destination === 'splunk';
  const to = splunk ? 'DeliveryToSplunk' : 'DeliveryToHttpEndpoint';
  const firehose = { namespace: 'AWS/Firehose', dimensions: { DeliveryStreamName: config.name }, period: 300, periods: 1, ...quiet };
  return [
    { ...firehose, id: 'firehose-delivery', about: 'Firehose cannot deliver and retries. Its log group states the reason.', metric: `${to}.Success`, statistic: 'Minimum', under: 1, group: 'stream-delivery' },
    { ...firehose, id: 'firehose-freshness', about: 'The oldest event in Firehose is older than 15 minutes.', metric: `${to}.DataFreshness`, statistic: 'Maximum', over: 900, group: 'stream-delivery' },
    {
      ...firehose, id: 'firehose-processing', about: 'Firehose cannot invoke the transformation, or it fails. The original records are in the backup bucket under processing-failed/.',
      metric: 'ExecuteProcessing.Success', statistic: 'Minimum', under: 1, group: 'stream-transformation',
    },
    {
      // For both destinations: Firehose writes to this bucket only what it gives up.
      id: 'firehose-given-up', about: 'Firehose gave up delivering events and wrote them to the backup bucket. Fix the cause, then run "sightline replay" before they expire.',
      namespace: 'AWS/S3', metric: 'PutRequests', dimensions: { BucketName: names.bucket('firehose-backup'), FilterId: WRITES },
      statistic: 'Sum', period: 300, periods: 1, over: 0, ...quiet, group: 'stream-given-up',
    },
    ...(splunk
      ? [{ ...firehose, id: 'firehose-backup', about: 'Firehose cannot write to the backup bucket. Events are lost after 24 hours.', metric: 'DeliveryToS3.Success', statistic: 'Minimum', under: 1 }]
      : []),
    ...FIREHOSE_ERRORS.filter(({ destinations }) => destinations.includes(config.stream.destination)).map(({ id, about, metric }) => (
      { id, about, namespace: names.logMetrics, metric, dimensions: {}, statistic: 'Sum', period: 300, periods: 1, over: 0, ...quiet }
    )),
    { ...firehose, id: 'firehose-throttled', about: 'Firehose throttles records. Request a higher quota for the stream.', metric: 'ThrottledRecords', statistic: 'Sum', over: 0 },
  ];
}

/** Alarms of the subscription filter, by what it delivers to. */
function ofSubscription(names: Names, destination: string): AlarmSpec[] {
  const filter = {
    namespace: 'AWS/Logs', statistic: 'Sum', period: 300, periods: 1, over: 0, ...quiet, among: true,
    dimensions: { LogGroupName: names.trailLogGroup ?? '', FilterName: names.config.name },
  };
  return [
    { ...filter, id: 'subscription-errors', about: `CloudWatch Logs cannot deliver to ${destination}, and stops trying after 24 hours.`, metric: 'DeliveryErrors' },
    { ...filter, id: 'subscription-throttled', about: `${destination} throttles CloudWatch Logs.`, metric: 'DeliveryThrottling' },
  ];
}

/** How long an event may wait for `subscription-forwarder`, retries included, in seconds. */
const ASYNC_AGE = 900;

/** Alarms of the asynchronous invocations of the direct route. */
function ofDirect(names: Names): AlarmSpec[] {
  const lambda = { namespace: 'AWS/Lambda', dimensions: { FunctionName: names.of('subscription-forwarder') }, period: 300, periods: 1, ...quiet };
  return [
    {
      ...lambda, id: 'subscription-lost', about: 'Lambda cannot write what subscription-forwarder did not deliver to the undelivered bucket: these events are lost on this route. Look at the rights of the function\'s role and its key.',
      metric: 'DestinationDeliveryFailures', statistic: 'Sum', over: 0,
    },
    {
      // Also counts what Lambda wrote to the bucket before ("Types of metrics for Lambda functions").
      ...lambda, id: 'subscription-given-up', about: 'Lambda gave up invoking subscription-forwarder and wrote the events to the undelivered bucket, from where s3-forwarder delivers them. Nothing is lost while subscription-lost is silent.',
      metric: 'AsyncEventsDropped', statistic: 'Sum', over: 0, group: 'stream-delivery',
    },
    {
      ...lambda, id: 'subscription-late', about: 'Events wait for subscription-forwarder: too many functions run in this account, or the collector is away.',
      metric: 'AsyncEventAge', statistic: 'Maximum', over: ASYNC_AGE * 1_000, group: 'stream-delivery',
    },
  ];
}

/** Alarms for events that a rule gives up, and for those it can deliver neither to its target nor to the dead-letter queue. */
export function ofRule(rule: string, at: number): AlarmSpec[] {
  const events = { namespace: 'AWS/Events', dimensions: { RuleName: rule }, statistic: 'Sum', period: 60, periods: 1, over: 0, ...quiet };
  return [
    { ...events, id: `fast-rule-${at + 1}-failed`, about: 'EventBridge cannot deliver events to the target. Check the key and the policies of the queues.', metric: 'FailedInvocations' },
    {
      ...events, id: `fast-rule-${at + 1}-lost`, about: 'EventBridge could not write events to the dead-letter queue either. They are lost on the fast route.',
      metric: 'InvocationsFailedToBeSentToDlq',
    },
  ];
}

/** Alarms while stored events have not been sent again. S3 counts objects once a day. */
function kept(names: Names): AlarmSpec[] {
  const bucket = (what: 'dead-letters' | 'firehose-backup', about: string): AlarmSpec => ({
    id: `${what}-not-empty`, about, namespace: 'AWS/S3', metric: 'NumberOfObjects', statistic: 'Average', period: 86_400, periods: 1, over: 0, ...quiet,
    dimensions: { BucketName: names.bucket(what), StorageType: 'AllStorageTypes' },
  });
  return [
    bucket('dead-letters', 'There are dead letters: run "sightline replay". Objects under backfill/ count as well.'),
    ...(names.config.routes.stream === 'firehose'
      ? [{ ...bucket('firehose-backup', 'The backup bucket holds records that Firehose could not transform or deliver. Fix the cause, then run "sightline replay" before they expire.'), group: 'stream-kept' } as const]
      : []),
  ];
}
