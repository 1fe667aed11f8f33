import { ofType, Resource, Resources } from './support';

/** Whether a metric has data while nothing happens, according to its page. */
export type Quiet = 'no data' | 'zeros' | 'undocumented';

/** Why AWS does not publish the metric in a deployment; `undefined` if it does. */
export type Absent = (resources: Resources, dimensions: Readonly<Record<string, any>>) => string | undefined;

/** A metric that AWS documents. */
export interface Documented {
  readonly namespace: string;
  readonly metrics: readonly string[];
  /** Dimensions that it has all together, sorted. */
  readonly dimensions: readonly string[];
  readonly unit: 'Count' | 'Seconds' | 'Milliseconds' | 'None';
  readonly quiet: Quiet;
  /** The page of AWS's documentation. */
  readonly page: string;
  /** @default - always published, for a resource that there is */
  readonly absent?: Absent;
}

const LAMBDA = 'AWS Lambda Developer Guide, "Types of metrics for Lambda functions"';
const SQS = 'Amazon SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS"';
const FIREHOSE = 'Amazon Data Firehose Developer Guide, "Monitor Amazon Data Firehose with CloudWatch metrics"';
const LOGS = 'Amazon CloudWatch Logs User Guide, "Monitoring with CloudWatch metrics"';
const S3 = 'Amazon S3 User Guide, "Metrics and dimensions"';
const EVENTS = 'Amazon EventBridge User Guide, "Monitoring Amazon EventBridge"';
const FILTERS = 'Amazon CloudWatch Logs User Guide, "Creating metrics from log events using filters"';

const text = (value: unknown): string => JSON.stringify(value);

/** The resource of a type with this name, including references. */
function named(resources: Resources, type: string, key: string, name: unknown): Resource | undefined {
  return ofType(resources, type).find(({ Properties }) => text(Properties[key]) === text(name));
}

const there = (type: string, key: string, dimension: string): Absent => (resources, dimensions) =>
  named(resources, type, key, dimensions[dimension]) ? undefined : `there is no ${type} of that name`;

const aFunction = there('AWS::Lambda::Function', 'FunctionName', 'FunctionName');

/** An alias of a function, by the dimension `Resource`, and its version if that is a dimension. */
const anAlias: Absent = (resources, { FunctionName, Resource: qualified, ExecutedVersion }) => {
  const [id] = Object.entries(resources).find(([, { Type, Properties }]) => Type === 'AWS::Lambda::Function' && text(Properties.FunctionName) === text(FunctionName)) ?? [];
  const alias = ofType(resources, 'AWS::Lambda::Alias').find(({ Properties }) => Properties.FunctionName.Ref === id && `${FunctionName}:${Properties.Name}` === qualified);
  if (!alias) return `there is no alias ${text(qualified)}`;
  return ExecutedVersion === undefined || text(ExecutedVersion) === text(alias.Properties.FunctionVersion) ? undefined : 'the alias does not refer to this version';
};

const aQueue = there('AWS::SQS::Queue', 'QueueName', 'QueueName');
const aStream = there('AWS::KinesisFirehose::DeliveryStream', 'DeliveryStreamName', 'DeliveryStreamName');
const aBucket = there('AWS::S3::Bucket', 'BucketName', 'BucketName');
const aRule = there('AWS::Events::Rule', 'Name', 'RuleName');

/** All of the conditions. */
const all = (...conditions: readonly Absent[]): Absent => (resources, dimensions) =>
  conditions.map((absent) => absent(resources, dimensions)).find((why) => why !== undefined);

const DESTINATIONS = { splunk: 'SplunkDestinationConfiguration', http: 'HttpEndpointDestinationConfiguration' } as const;
const BACKUPS = { failed: ['FailedEventsOnly', 'FailedDataOnly'], everything: ['AllEvents', 'AllData'] } as const;

/** For a stream with this destination, and with this backup mode if the page states one. */
const delivers = (kind: keyof typeof DESTINATIONS, backup?: keyof typeof BACKUPS): Absent => (resources, { DeliveryStreamName }) => {
  const stream = named(resources, 'AWS::KinesisFirehose::DeliveryStream', 'DeliveryStreamName', DeliveryStreamName);
  const destination = stream?.Properties[DESTINATIONS[kind]];
  if (!destination) return `the stream does not deliver to ${kind}`;
  if (backup === undefined || (BACKUPS[backup] as readonly string[]).includes(destination.S3BackupMode)) return undefined;
  return `the stream's backup mode is ${destination.S3BackupMode}`;
};

const transforms: Absent = (resources, { DeliveryStreamName }) => {
  const stream = named(resources, 'AWS::KinesisFirehose::DeliveryStream', 'DeliveryStreamName', DeliveryStreamName);
  return text(stream?.Properties ?? {}).includes('"Type":"Lambda"') ? undefined : 'the stream transforms nothing';
};

/** Whether a function is invoked asynchronously, as by a subscription filter. */
const asynchronous: Absent = (resources, { FunctionName }) => {
  const id = Object.keys(resources).find((one) => text(resources[one]?.Properties?.FunctionName) === text(FunctionName)) ?? '';
  const configured = ofType(resources, 'AWS::Lambda::EventInvokeConfig').some(({ Properties }) => text(Properties.FunctionName).includes(`"${id}"`));
  return configured ? undefined : 'nothing invokes the function asynchronously';
};

const detectsLoops: Absent = (resources, { FunctionName }) =>
  named(resources, 'AWS::Lambda::Function', 'FunctionName', FunctionName)?.Properties.RecursiveLoop === 'Allow' ? 'loop detection is off' : undefined;

const hasRequestMetrics: Absent = (resources, { BucketName, FilterId }) => {
  const configurations: any[] = named(resources, 'AWS::S3::Bucket', 'BucketName', BucketName)?.Properties.MetricsConfigurations ?? [];
  return configurations.some(({ Id }) => Id === FilterId) ? undefined : 'the bucket has no such request metrics';
};

const hasDeadLetters: Absent = (resources, { RuleName }) =>
  named(resources, 'AWS::Events::Rule', 'Name', RuleName)?.Properties.Targets.every(({ DeadLetterConfig }: any) => DeadLetterConfig) ? undefined : 'a target has no dead-letter queue';

/** The log group of a metric or subscription filter; that of an existing trail is not in the template. */
const subscribed: Absent = (resources, { FilterName, LogGroupName }) =>
  ofType(resources, 'AWS::Logs::SubscriptionFilter').some(({ Properties }) => Properties.FilterName === FilterName && Properties.LogGroupName === LogGroupName)
    ? undefined : 'there is no such subscription';

/** Every AWS metric that an alarm can use, with the condition under which AWS publishes it. */
export const DOCUMENTED: readonly Documented[] = [
  { namespace: 'AWS/Lambda', metrics: ['Errors', 'Throttles', 'Invocations'], dimensions: ['FunctionName'], unit: 'Count', quiet: 'no data', page: LAMBDA, absent: aFunction },
  { namespace: 'AWS/Lambda', metrics: ['Duration'], dimensions: ['FunctionName'], unit: 'Milliseconds', quiet: 'no data', page: LAMBDA, absent: aFunction },
  // "View metrics for a version or alias of a function", "… for a combination of alias and version".
  { namespace: 'AWS/Lambda', metrics: ['Errors'], dimensions: ['FunctionName', 'Resource'], unit: 'Count', quiet: 'no data', page: LAMBDA, absent: all(aFunction, anAlias) },
  { namespace: 'AWS/Lambda', metrics: ['Errors'], dimensions: ['ExecutedVersion', 'FunctionName', 'Resource'], unit: 'Count', quiet: 'no data', page: LAMBDA, absent: all(aFunction, anAlias) },
  // "If you disable recursive loop detection, this metric is not emitted."
  { namespace: 'AWS/Lambda', metrics: ['RecursiveInvocationsDropped'], dimensions: ['FunctionName'], unit: 'Count', quiet: 'no data', page: LAMBDA, absent: all(aFunction, detectsLoops) },
  // "For asynchronous invocation …"
  {
    namespace: 'AWS/Lambda', metrics: ['AsyncEventsReceived', 'AsyncEventsDropped', 'DestinationDeliveryFailures'], dimensions: ['FunctionName'], unit: 'Count', quiet: 'no data', page: LAMBDA,
    absent: all(aFunction, asynchronous),
  },
  { namespace: 'AWS/Lambda', metrics: ['AsyncEventAge'], dimensions: ['FunctionName'], unit: 'Milliseconds', quiet: 'no data', page: LAMBDA, absent: all(aFunction, asynchronous) },
  // "A non-negative value is reported if the queue is active": a polled queue always is.
  { namespace: 'AWS/SQS', metrics: ['ApproximateNumberOfMessagesVisible', 'NumberOfMessagesSent', 'NumberOfMessagesReceived'], dimensions: ['QueueName'], unit: 'Count', quiet: 'zeros', page: SQS, absent: aQueue },
  { namespace: 'AWS/SQS', metrics: ['ApproximateAgeOfOldestMessage'], dimensions: ['QueueName'], unit: 'Seconds', quiet: 'zeros', page: SQS, absent: aQueue },
  {
    namespace: 'AWS/Firehose', metrics: ['DeliveryToSplunk.Success', 'DeliveryToSplunk.Records'], dimensions: ['DeliveryStreamName'], unit: 'Count', quiet: 'undocumented', page: FIREHOSE,
    absent: delivers('splunk'),
  },
  // The latency of acknowledgments: no data without one.
  { namespace: 'AWS/Firehose', metrics: ['DeliveryToSplunk.DataAckLatency'], dimensions: ['DeliveryStreamName'], unit: 'Seconds', quiet: 'no data', page: FIREHOSE, absent: delivers('splunk') },
  { namespace: 'AWS/Firehose', metrics: ['DeliveryToSplunk.DataFreshness'], dimensions: ['DeliveryStreamName'], unit: 'Seconds', quiet: 'undocumented', page: FIREHOSE, absent: delivers('splunk') },
  // "This metric is emitted when backup to Amazon S3 is enabled": in both modes. Not in the table of HTTP endpoints.
  { namespace: 'AWS/Firehose', metrics: ['DeliveryToS3.Success'], dimensions: ['DeliveryStreamName'], unit: 'Count', quiet: 'undocumented', page: FIREHOSE, absent: delivers('splunk') },
  // "… when the Firehose stream is configured to back up all documents." Not in the table of HTTP endpoints.
  {
    namespace: 'AWS/Firehose', metrics: ['BackupToS3.Success', 'BackupToS3.Records'], dimensions: ['DeliveryStreamName'], unit: 'Count', quiet: 'undocumented', page: FIREHOSE,
    absent: delivers('splunk', 'everything'),
  },
  { namespace: 'AWS/Firehose', metrics: ['BackupToS3.DataFreshness'], dimensions: ['DeliveryStreamName'], unit: 'Seconds', quiet: 'undocumented', page: FIREHOSE, absent: delivers('splunk', 'everything') },
  {
    namespace: 'AWS/Firehose', metrics: ['DeliveryToHttpEndpoint.Success', 'DeliveryToHttpEndpoint.Records'], dimensions: ['DeliveryStreamName'], unit: 'Count', quiet: 'undocumented', page: FIREHOSE,
    absent: delivers('http'),
  },
  { namespace: 'AWS/Firehose', metrics: ['DeliveryToHttpEndpoint.DataFreshness'], dimensions: ['DeliveryStreamName'], unit: 'Seconds', quiet: 'undocumented', page: FIREHOSE, absent: delivers('http') },
  // "If data transformation with Lambda is enabled …"
  { namespace: 'AWS/Firehose', metrics: ['ExecuteProcessing.Success'], dimensions: ['DeliveryStreamName'], unit: 'Count', quiet: 'undocumented', page: FIREHOSE, absent: all(aStream, transforms) },
  // "Data ingestion through Direct PUT"
  { namespace: 'AWS/Firehose', metrics: ['IncomingRecords', 'ThrottledRecords', 'RecordsPerSecondLimit'], dimensions: ['DeliveryStreamName'], unit: 'Count', quiet: 'undocumented', page: FIREHOSE, absent: aStream },
  { namespace: 'AWS/Logs', metrics: ['IncomingLogEvents'], dimensions: ['LogGroupName'], unit: 'None', quiet: 'undocumented', page: LOGS },
  // The page lists these and PolicyLevel, and no values of DestinationType: alarms ask for those of any.
  { namespace: 'AWS/Logs', metrics: ['DeliveryErrors', 'DeliveryThrottling'], dimensions: ['FilterName', 'LogGroupName'], unit: 'None', quiet: 'undocumented', page: LOGS, absent: subscribed },
  { namespace: 'AWS/S3', metrics: ['NumberOfObjects'], dimensions: ['BucketName', 'StorageType'], unit: 'Count', quiet: 'undocumented', page: S3, absent: aBucket },
  { namespace: 'AWS/S3', metrics: ['PutRequests'], dimensions: ['BucketName', 'FilterId'], unit: 'Count', quiet: 'undocumented', page: S3, absent: all(aBucket, hasRequestMetrics) },
  // "EventBridge only sends this metric to CloudWatch if it isn't zero." Without EventBusName: the default bus.
  { namespace: 'AWS/Events', metrics: ['FailedInvocations'], dimensions: ['RuleName'], unit: 'Count', quiet: 'no data', page: EVENTS, absent: aRule },
  { namespace: 'AWS/Events', metrics: ['InvocationsFailedToBeSentToDlq'], dimensions: ['RuleName'], unit: 'Count', quiet: 'no data', page: EVENTS, absent: all(aRule, hasDeadLetters) },
];

/** A metric of an alarm. */
export interface Watched {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, any>>;
}

/** The documentation of a metric, including those of metric filters in the same template. */
export function documentation(resources: Resources, { namespace, metric, dimensions }: Watched): Documented | undefined {
  const shape = Object.keys(dimensions).sort().join();
  const row = DOCUMENTED.find((one) => one.namespace === namespace && one.metrics.includes(metric) && one.dimensions.join() === shape);
  if (row) return row;
  const transformations: any[] = ofType(resources, 'AWS::Logs::MetricFilter').flatMap(({ Properties }) => Properties.MetricTransformations);
  const filter = shape === '' && transformations.find(({ MetricName, MetricNamespace }) => MetricName === metric && MetricNamespace === namespace);
  return filter ? { namespace, metrics: [metric], dimensions: [], unit: filter.Unit, quiet: 'no data', page: FILTERS } : undefined;
}

/** Why an alarm on a metric would never have data; `undefined` if AWS publishes the metric. */
export function unpublished(resources: Resources, watched: Watched): string | undefined {
  const row = documentation(resources, watched);
  if (!row) return `${watched.namespace} ${watched.metric} by ${Object.keys(watched.dimensions).join(', ')} is not documented`;
  const why = row.absent?.(resources, watched.dimensions);
  return why && `${watched.namespace} ${watched.metric} of ${text(watched.dimensions)}: ${why}`;
}
