import { FunctionName, Names } from './names';

/** Namespace of Sightline's own metrics. */
export const NAMESPACE = 'Sightline';

/** An alarm as data: everything is known by name before anything is made. */
export interface AlarmSpec {
  /** Name behind the deployment's own. */
  readonly id: string;
  /** What it means and what to look at first. */
  readonly about: string;
  readonly namespace: string;
  readonly metric: string;
  /** A metric of the same dimensions that is added to it. */
  readonly plus?: string;
  /** Count a period without data as 0: CloudWatch would look at earlier ones in its place. */
  readonly filled?: boolean;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  /** Length of a period in seconds, and how many in a row have to be bad. */
  readonly period: number;
  readonly periods: number;
  readonly over?: number;
  readonly under?: number;
  /** Whether no data is bad: so it is where data has to come. */
  readonly missing: 'breaching' | 'notBreaching';
  /** Schema of a query over all metrics of these dimensions and further ones, whose values nobody documents. */
  readonly among?: string;
}

/** Longest runs of the functions in seconds. */
export function timeouts(acks: boolean): Readonly<Record<FunctionName, number>> {
  return {
    // Firehose waits for five minutes; putting back has a backoff of 20 seconds at most.
    'firehose-transform': 120,
    // Firehose waits for three minutes.
    'firehose-relay': 170,
    // An acknowledgement may take five minutes.
    'event-forwarder': acks ? 360 : 60,
    // A large file goes back onto the queue with what is left of it.
    's3-forwarder': acks ? 600 : 300,
  };
}

const quiet = { missing: 'notBreaching' } as const;

/** Every alarm of the hub, whose rules have these names. */
export function alarmSpecs(names: Names, rules: readonly string[]): AlarmSpec[] {
  const { routes } = names.config;
  return [
    ...names.functions.flatMap((name) => ofFunction(names, name)),
    ...names.queues.map((queue) => ofQueue(names, queue)),
    ...(routes.stream ? ofStream(names) : []),
    ...rules.map(ofRule),
    ...kept(names),
    ...silence(names),
  ];
}

function ofFunction(names: Names, name: FunctionName): AlarmSpec[] {
  const lambda = { namespace: 'AWS/Lambda', dimensions: { FunctionName: names.of(name) }, period: 300, periods: 1, ...quiet };
  const own = { namespace: NAMESPACE, dimensions: { Function: names.of(name) }, statistic: 'Sum', period: 300, periods: 1, over: 0, ...quiet };
  const timeout = timeouts(names.config.acks)[name];
  const judges = name !== 'firehose-relay';
  // Two periods, each as long as a message is hidden and a run takes: SQS leaves messages that were received
  // three times out of the age of the oldest.
  const queued = name === 'event-forwarder' ? { period: 900, periods: 2 } : name === 's3-forwarder' ? { period: 7_200, periods: 2 } : undefined;
  return [
    { ...lambda, id: `${name}-errors`, about: 'The function fails: its log says why.', metric: 'Errors', statistic: 'Sum', over: 0 },
    { ...lambda, id: `${name}-throttles`, about: 'Too many functions run in this account: raise its concurrency.', metric: 'Throttles', statistic: 'Sum', over: 0 },
    {
      ...lambda, id: `${name}-duration`, about: 'The function comes near its time-out: the collector is slow, or memory too small.',
      // One long file is in order for s3-forwarder, a quarter of an hour of them is not.
      metric: 'Duration', statistic: 'Maximum', over: timeout * 900, periods: name === 's3-forwarder' ? 3 : 1,
    },
    { ...own, id: `${name}-configuration`, about: 'Token or address of the collector are wrong. Nothing is lost while messages wait.', metric: 'ConfigurationFaults' },
    { ...own, id: `${name}-quarantined`, about: 'Events were kept as dead letters or by Firehose: mend the cause, then "sightline replay".', metric: 'EventsQuarantined' },
    { ...own, id: `${name}-unreadable`, about: 'Records could not be read; the log says which and why.', metric: 'RecordsFailed' },
    ...(queued ? [{ ...own, ...queued, id: `${name}-held-up`, about: 'Events go back to their queue again and again: the collector is away, or refuses.', metric: 'EventsReingested' }] : []),
    ...(judges ? [{ ...own, id: `${name}-blinding`, about: 'An event that blinds: look for "blinding" in the SIEM.', metric: 'BlindingEvents', period: 60 }] : []),
  ];
}

function ofQueue(names: Names, queue: string): AlarmSpec {
  const id = queue.slice(names.config.name.length + 1);
  const sqs = { namespace: 'AWS/SQS', dimensions: { QueueName: queue }, statistic: 'Maximum', period: 60, ...quiet };
  if (id.endsWith('dlq')) {
    return { ...sqs, id: `${id}-not-empty`, about: 'Messages gave up: mend the cause, then "sightline replay".', metric: 'ApproximateNumberOfMessagesVisible', periods: 1, over: 0 };
  }
  const seconds = id === 'fast' ? 300 : 3_600;
  return { ...sqs, id: `${id}-age`, about: 'Events wait: the collector is away or too slow.', metric: 'ApproximateAgeOfOldestMessage', periods: 5, over: seconds };
}

function ofStream(names: Names): AlarmSpec[] {
  const { config } = names;
  const to = config.stream.destination === 'splunk' ? 'DeliveryToSplunk' : 'DeliveryToHttpEndpoint';
  const firehose = { namespace: 'AWS/Firehose', dimensions: { DeliveryStreamName: config.name }, period: 300, periods: 1, ...quiet };
  const filter = {
    namespace: 'AWS/Logs', statistic: 'Sum', period: 300, periods: 1, over: 0, ...quiet,
    dimensions: { LogGroupName: names.trailLogGroup ?? '', FilterName: config.name },
    among: 'DestinationType, FilterName, LogGroupName',
  };
  return [
    { ...firehose, id: 'firehose-delivery', about: 'Firehose cannot deliver: see its log group; after its retries, the backup bucket has the events.', metric: `${to}.Success`, statistic: 'Minimum', under: 1 },
    { ...firehose, id: 'firehose-freshness', about: 'The oldest event in Firehose is older than 15 minutes.', metric: `${to}.DataFreshness`, statistic: 'Maximum', over: 900 },
    { ...firehose, id: 'firehose-processing', about: 'The transformation cannot be invoked or fails as a whole: the backup bucket has the originals under processing-failed/.', metric: 'ExecuteProcessing.Success', statistic: 'Minimum', under: 1 },
    { ...firehose, id: 'firehose-backup', about: 'Firehose cannot write to the backup bucket: what it gives up is lost.', metric: 'BackupToS3.Success', statistic: 'Minimum', under: 1 },
    { ...firehose, id: 'firehose-throttled', about: 'Firehose refuses records: ask AWS for a higher quota.', metric: 'ThrottledRecords', statistic: 'Sum', over: 0 },
    { ...filter, id: 'subscription-errors', about: 'CloudWatch Logs cannot write to Firehose, and does not try for ever.', metric: 'DeliveryErrors' },
    { ...filter, id: 'subscription-throttled', about: 'CloudWatch Logs is slowed down by Firehose.', metric: 'DeliveryThrottling' },
  ];
}

/** An alarm for what a rule can hand to neither its target nor its dead-letter queue, and for what it gives up. */
export function ofRule(rule: string, at: number): AlarmSpec {
  return {
    id: `fast-rule-${at + 1}-failed`, about: 'EventBridge cannot hand over events: the key and the policies of the queues.', namespace: 'AWS/Events',
    metric: 'FailedInvocations', plus: 'InvocationsFailedToBeSentToDlq', dimensions: { RuleName: rule }, statistic: 'Sum', period: 60, periods: 1, over: 0, ...quiet,
  };
}

/** What was kept and not sent again stays in sight: S3 counts objects once a day. */
function kept(names: Names): AlarmSpec[] {
  const bucket = (what: 'dead-letters' | 'firehose-backup', about: string): AlarmSpec => ({
    id: `${what}-not-empty`, about, namespace: 'AWS/S3', metric: 'NumberOfObjects', statistic: 'Average', period: 86_400, periods: 1, over: 0, ...quiet,
    dimensions: { BucketName: names.bucket(what), StorageType: 'AllStorageTypes' },
  });
  return [
    bucket('dead-letters', 'Dead letters wait for "sightline replay"; what lies under backfill/ counts as well.'),
    ...(names.config.routes.stream ? [bucket('firehose-backup', 'Firehose kept what it could not transform or deliver: mend the cause, then "sightline replay", before it expires.')] : []),
  ];
}

/** Silence is not peace: no event for so long means that the route is cut. */
function silence(names: Names): AlarmSpec[] {
  const { routes, alarms, stream } = names.config;
  const none = { statistic: 'Sum', period: alarms.silenceMinutes * 60, periods: 1, under: 1, filled: true, missing: 'breaching' } as const;
  const fed = (name: FunctionName) => ({ namespace: NAMESPACE, metric: 'EventsIn', dimensions: { Function: names.of(name) } });
  const group = names.trailLogGroup;
  return [
    ...(routes.stream && group
      ? [{ ...none, id: 'silence-trail', about: 'CloudTrail writes nothing to CloudWatch Logs: is the trail still on?', namespace: 'AWS/Logs', metric: 'IncomingLogEvents', dimensions: { LogGroupName: group } }]
      : []),
    ...(routes.stream ? [{ ...none, ...fed('firehose-transform'), id: 'silence-stream', about: 'No event reaches the transformation: subscription filter, stream, trail.' }] : []),
    ...(routes.stream && stream.destination === 'relay' ? [{ ...none, ...fed('firehose-relay'), id: 'silence-relay', about: 'No event reaches the relay: the stream and its access key.' }] : []),
    ...(routes.s3 === 'off'
      ? []
      : [{ ...none, id: 'silence-s3', about: 'No log file is announced: the bucket\'s notification, the trail.', namespace: 'AWS/SQS', metric: 'NumberOfMessagesSent', dimensions: { QueueName: names.of('s3') } }]),
    ...(routes.s3 === 'off' ? [] : [{ ...none, ...fed('s3-forwarder'), id: 'silence-s3-forwarder', about: 'Log files are announced, and no event is read from them.' }]),
    ...(routes.fast
      ? [
          // Rare events: hours, each of them empty.
          { ...none, ...fed('event-forwarder'), id: 'silence-fast', about: 'None of the listed events for hours: the rules, the queue.', period: 3_600, periods: alarms.fastSilenceHours },
          {
            id: 'late-fast', about: 'Events that cannot wait arrive later than two minutes after they happened.', namespace: NAMESPACE, metric: 'FreshnessMs',
            dimensions: { Function: names.of('event-forwarder'), DeliveryPath: 'eventbridge' }, statistic: 'p90', period: 300, periods: 2, over: 120_000, ...quiet,
          },
        ]
      : []),
  ];
}
