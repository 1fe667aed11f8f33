import assert from 'node:assert/strict';
import test from 'node:test';
import { SightlineConfig } from '../lib/config';
import organization from '../examples/organization';
import { EXISTING, HUNTRESS, ofType, one, Resources, SMALL, synth } from './support';

const FULL: SightlineConfig = { ...SMALL, routes: { stream: false } };
const text = (value: unknown): string => JSON.stringify(value);
const bucket = (hub: Resources, what: string) => one(hub, 'AWS::S3::Bucket', ({ BucketName }) => text(BucketName).includes(what));
const policyOf = (hub: Resources, type: string, id: string): any[] => {
  const [, found] = Object.entries(hub).find(([name, { Type }]) => Type === type && name.startsWith(id)) ?? [];
  assert.ok(found, id);
  return (found.Properties.PolicyDocument ?? found.Properties.KeyPolicy).Statement;
};
const trail = (hub: Resources) => one(hub, 'AWS::CloudTrail::Trail');
const fn = (hub: Resources, name: string) => one(hub, 'AWS::Lambda::Function', ({ FunctionName }) => FunctionName?.endsWith(name));
const splunk = (hub: Resources) => one(hub, 'AWS::KinesisFirehose::DeliveryStream').SplunkDestinationConfiguration;
const relay = (hub: Resources) => one(hub, 'AWS::KinesisFirehose::DeliveryStream').HttpEndpointDestinationConfiguration;
const mapping = (hub: Resources, queue: string) =>
  one(hub, 'AWS::Lambda::EventSourceMapping', ({ EventSourceArn }) => EventSourceArn['Fn::GetAtt'][0].startsWith(queue));
const processor = (destination: any, name: string) =>
  destination.ProcessingConfiguration.Processors[0].Parameters.find((one: any) => one.ParameterName === name)?.ParameterValue;
const roleStatements = (hub: Resources, id: string) => policyOf(hub, 'AWS::IAM::Policy', id);
const allows = (statements: any[], action: string) => statements.find((one) => [one.Action].flat().includes(action));

/** Switches whose loss would lose events or open a door: where, what, and what it has to be. */
const SWITCHES: readonly [string, SightlineConfig, (hub: Resources) => unknown, unknown][] = [
  // The trail
  ['trail: logging', SMALL, (hub) => trail(hub).IsLogging, true],
  ['trail: every Region', SMALL, (hub) => trail(hub).IsMultiRegionTrail, true],
  ['trail: global services', SMALL, (hub) => trail(hub).IncludeGlobalServiceEvents, true],
  ['trail: log-file validation', SMALL, (hub) => trail(hub).EnableLogFileValidation, true],
  ['trail: encrypted', SMALL, (hub) => trail(hub).KMSKeyId !== undefined, true],
  ['trail: its own account alone', SMALL, (hub) => trail(hub).IsOrganizationTrail, false],
  ['trail: the organisation', organization, (hub) => trail(hub).IsOrganizationTrail, true],
  ['trail: no Insights unasked', SMALL, (hub) => trail(hub).InsightSelectors, undefined],
  ['trail: Insights', organization, (hub) => trail(hub).InsightSelectors.length, 2],
  ['trail: all management events', SMALL, (hub) => trail(hub).AdvancedEventSelectors, [{ Name: 'Management', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] }]],
  ['trail: own buckets leave no data events', organization, (hub) => trail(hub).AdvancedEventSelectors[1].FieldSelectors[2].NotStartsWith,
    ['archive', 'access-logs', 'dead-letters', 'firehose-backup'].map((name) => `arn:aws:s3:::acme-sightline-${name}-111122223333-eu-west-1/`)],
  ['trail: own functions leave no data events', organization, (hub) => trail(hub).AdvancedEventSelectors[2].FieldSelectors[2].NotEquals,
    ['firehose-transform', 'event-forwarder', 's3-forwarder'].map((name) => `arn:aws:lambda:eu-west-1:111122223333:function:acme-sightline-${name}`)],
  ['trail: waits for the bucket policy', SMALL, (hub) => text(ofType(hub, 'AWS::CloudTrail::Trail')[0]?.DependsOn).includes('ArchiveBucketPolicy'), true],
  ['trail: its key outlives the stack', SMALL, (hub) => ofType(hub, 'AWS::KMS::Key').map(({ DeletionPolicy }) => DeletionPolicy).sort(), ['Delete', 'RetainExceptOnCreate']],
  ['keys: rotate', SMALL, (hub) => ofType(hub, 'AWS::KMS::Key').map(({ Properties }) => Properties.EnableKeyRotation), [true, true]],
  ['trail key: for this trail alone', SMALL, (hub) => policyOf(hub, 'AWS::KMS::Key', 'TrailKey').find(({ Sid }) => Sid === 'CloudTrailEncrypt').Condition.StringEquals,
    { 'aws:SourceArn': 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/sightline' }],
  ['existing trail: none is made', EXISTING, (hub) => ofType(hub, 'AWS::CloudTrail::Trail').length + ofType(hub, 'AWS::S3::Bucket').length, 2],
  // The archive
  ['archive: Object Lock', SMALL, (hub) => bucket(hub, 'archive').ObjectLockEnabled, true],
  ['archive: compliance mode', SMALL, (hub) => bucket(hub, 'archive').ObjectLockConfiguration.Rule.DefaultRetention, { Mode: 'COMPLIANCE', Days: 30 }],
  ['archive: versions', SMALL, (hub) => bucket(hub, 'archive').VersioningConfiguration.Status, 'Enabled'],
  ['archive: KMS', SMALL, (hub) => bucket(hub, 'archive').BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm, 'aws:kms'],
  ['archive: access is logged', SMALL, (hub) => bucket(hub, 'archive').LoggingConfiguration.LogFilePrefix, 'archive/'],
  ['archive: never expires unasked', SMALL, (hub) => bucket(hub, 'archive').LifecycleConfiguration.Rules[0].ExpirationInDays, undefined],
  ['archive: expires when asked', organization, (hub) => bucket(hub, 'archive').LifecycleConfiguration.Rules[0].ExpirationInDays, 2_557],
  ['archive: outlives the stack', SMALL, (hub) => Object.entries(hub).find(([id, { Type }]) => Type === 'AWS::S3::Bucket' && id.startsWith('TrailArchiveBucket'))?.[1].DeletionPolicy, 'RetainExceptOnCreate'],
  ['archive: tells the queue', SMALL, (hub) => bucket(hub, 'archive').NotificationConfiguration.QueueConfigurations[0].Event, 's3:ObjectCreated:*'],
  ['archive: waits for the queue policy', SMALL, (hub) => text(Object.entries(hub).find(([id]) => id.startsWith('TrailArchiveBucket'))?.[1].DependsOn).includes('S3WaitingQueuePolicy'), true],
  ['archive: CloudTrail writes for this trail alone', SMALL, (hub) => policyOf(hub, 'AWS::S3::BucketPolicy', 'TrailArchiveBucketPolicy').find(({ Sid }) => Sid === 'CloudTrailWrite').Condition,
    { StringEquals: { 'aws:SourceArn': 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/sightline', 's3:x-amz-acl': 'bucket-owner-full-control' } }],
  ['archive: members write under the organisation', organization, (hub) => text(policyOf(hub, 'AWS::S3::BucketPolicy', 'TrailArchiveBucketPolicy').find(({ Sid }) => Sid === 'CloudTrailWrite').Resource).includes('/AWSLogs/o-a1b2c3d4e5/*'), true],
  ['buckets: no public access', SMALL, (hub) => ofType(hub, 'AWS::S3::Bucket').every(({ Properties }) => Object.values(Properties.PublicAccessBlockConfiguration).every((on) => on === true)), true],
  ['buckets: no ACLs', SMALL, (hub) => ofType(hub, 'AWS::S3::Bucket').every(({ Properties }) => Properties.OwnershipControls.Rules[0].ObjectOwnership === 'BucketOwnerEnforced'), true],
  ['buckets: TLS only', SMALL, (hub) => ofType(hub, 'AWS::S3::BucketPolicy').filter(({ Properties }) => text(Properties).includes('"aws:SecureTransport":"false"')).length, 4],
  // Log groups
  ['log groups: encrypted and not kept for ever', SMALL, (hub) => ofType(hub, 'AWS::Logs::LogGroup').every(({ Properties }) => Properties.KmsKeyId && Properties.RetentionInDays > 0), true],
  // Stream
  ['stream: everything is subscribed to', SMALL, (hub) => one(hub, 'AWS::Logs::SubscriptionFilter').FilterPattern, ''],
  ['stream: Event endpoint', SMALL, (hub) => splunk(hub).HECEndpointType, 'Event'],
  ['stream: token by secret', SMALL, (hub) => splunk(hub).SecretsManagerConfiguration.Enabled, true],
  ['stream: no token in the template', SMALL, (hub) => splunk(hub).HECToken, undefined],
  ['stream: waits for acknowledgements', SMALL, (hub) => splunk(hub).HECAcknowledgmentTimeoutInSeconds, 300],
  ['stream: tries again', SMALL, (hub) => splunk(hub).RetryOptions.DurationInSeconds, 7_200],
  ['stream: no waiting', SMALL, (hub) => splunk(hub).BufferingHints, { IntervalInSeconds: 0, SizeInMBs: 1 }],
  ['stream: small transformations', SMALL, (hub) => processor(splunk(hub), 'BufferSizeInMBs'), '0.25'],
  ['stream: transformed soon', SMALL, (hub) => processor(splunk(hub), 'BufferIntervalInSeconds'), '5'],
  ['stream: failures are kept', SMALL, (hub) => [splunk(hub).S3BackupMode, splunk(hub).S3Configuration.ErrorOutputPrefix], ['FailedEventsOnly', '!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/']],
  ['stream: failures are encrypted', SMALL, (hub) => splunk(hub).S3Configuration.EncryptionConfiguration.KMSEncryptionConfig !== undefined, true],
  ['stream: failures are short-lived', SMALL, (hub) => bucket(hub, 'firehose-backup').LifecycleConfiguration.Rules[0].ExpirationInDays, 14],
  ['stream: encrypted', SMALL, (hub) => one(hub, 'AWS::KinesisFirehose::DeliveryStream').DeliveryStreamEncryptionConfigurationInput.KeyType, 'CUSTOMER_MANAGED_CMK'],
  ['stream: overflow may go back', SMALL, (hub) => text(allows(roleStatements(hub, 'firehosetransformRole'), 'firehose:PutRecordBatch')?.Resource).includes(':deliverystream/sightline'), true],
  ['transform: no cap but Lambda\'s to Splunk', SMALL, (hub) => fn(hub, 'firehose-transform').Environment.Variables.MAX_RECORD_BYTES, undefined],
  ['transform: no reserved concurrency', SMALL, (hub) => ofType(hub, 'AWS::Lambda::Function').every(({ Properties }) => Properties.ReservedConcurrentExecutions === undefined), true],
  // Relay
  ['relay: record cap', HUNTRESS, (hub) => fn(hub, 'firehose-transform').Environment.Variables.MAX_RECORD_BYTES, '1024000'],
  ['relay: response cap', HUNTRESS, (hub) => fn(hub, 'firehose-transform').Environment.Variables.MAX_RESPONSE_BYTES, '3000000'],
  ['relay: at most 4 MB', HUNTRESS, (hub) => relay(hub).BufferingHints.SizeInMBs <= 4, true],
  ['relay: access key by secret', HUNTRESS, (hub) => [relay(hub).SecretsManagerConfiguration.Enabled, relay(hub).EndpointConfiguration.AccessKey], [true, undefined]],
  ['relay: the same key on both sides', HUNTRESS, (hub) => text(fn(hub, 'firehose-relay').Environment.Variables.RELAY_KEY_SECRET) === text(relay(hub).SecretsManagerConfiguration.SecretARN), true],
  ['relay: failures are kept', HUNTRESS, (hub) => relay(hub).S3BackupMode, 'FailedDataOnly'],
  ['relay: answers before Firehose gives up', HUNTRESS, (hub) => fn(hub, 'firehose-relay').Timeout < 180, true],
  ['relay: no acks from who has none', HUNTRESS, (hub) => fn(hub, 'firehose-relay').Environment.Variables.HEC_ACKS, undefined],
  // Fast route
  ['rules: sources are pinned', SMALL, (hub) => ofType(hub, 'AWS::Events::Rule').every(({ Properties }) => Properties.EventPattern.source.every((source: string) => source.startsWith('aws.'))), true],
  ['rules: on', SMALL, (hub) => new Set(ofType(hub, 'AWS::Events::Rule').map(({ Properties }) => Properties.State)).has('ENABLED'), true],
  ['rules: reads when asked', organization, (hub) => ofType(hub, 'AWS::Events::Rule')[0]?.Properties.State, 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'],
  ['rules: failures are kept', SMALL, (hub) => ofType(hub, 'AWS::Events::Rule').every(({ Properties }) => Properties.Targets[0].DeadLetterConfig.Arn), true],
  ['fast: no waiting for company', SMALL, (hub) => [mapping(hub, 'Fast').BatchSize, mapping(hub, 'Fast').MaximumBatchingWindowInSeconds], [10, undefined]],
  ['fast: partial failures', SMALL, (hub) => mapping(hub, 'Fast').FunctionResponseTypes, ['ReportBatchItemFailures']],
  ['fast: bounded', SMALL, (hub) => mapping(hub, 'Fast').ScalingConfig.MaximumConcurrency, 5],
  ['fast: only its rules send', SMALL, (hub) => policyOf(hub, 'AWS::SQS::QueuePolicy', 'FastWaitingQueuePolicy').find(({ Sid }) => Sid === 'RulesSend').Condition.ArnEquals['aws:SourceArn'].length, ofType(synth(SMALL).hub, 'AWS::Events::Rule').length],
  // S3 route
  ['s3: partial failures', SMALL, (hub) => mapping(hub, 'S3').FunctionResponseTypes, ['ReportBatchItemFailures']],
  ['s3: bounded', organization, (hub) => mapping(hub, 'S3').ScalingConfig.MaximumConcurrency, 20],
  ['s3: only the bucket sends', SMALL, (hub) => policyOf(hub, 'AWS::SQS::QueuePolicy', 'S3WaitingQueuePolicy').find(({ Sid }) => Sid === 'BucketNotifies').Condition.StringEquals['aws:SourceAccount'], '111122223333'],
  ['s3: gaps beside a stream', SMALL, (hub) => fn(hub, 's3-forwarder').Environment.Variables.ONLY_OVER_BYTES, '262144'],
  ['s3: everything where it is alone', FULL, (hub) => fn(hub, 's3-forwarder').Environment.Variables.ONLY_OVER_BYTES, undefined],
  ['s3: what is left of a file may go back', SMALL, (hub) => allows(roleStatements(hub, 's3forwarderRole'), 'sqs:SendMessage') !== undefined, true],
  ['s3: may decrypt the archive', SMALL, (hub) => text(roleStatements(hub, 's3forwarderRole')).includes('TrailKey'), true],
  ['s3: may decrypt an existing archive', EXISTING, (hub) => text(roleStatements(hub, 's3forwarderRole')).includes('key/0a1b'), true],
  // Queues
  ['queues: encrypted', SMALL, (hub) => ofType(hub, 'AWS::SQS::Queue').every(({ Properties }) => Properties.KmsMasterKeyId), true],
  ['queues: TLS only', SMALL, (hub) => ofType(hub, 'AWS::SQS::QueuePolicy').filter(({ Properties }) => text(Properties).includes('aws:SecureTransport')).length, 5],
  ['queues: redrive', SMALL, (hub) => ofType(hub, 'AWS::SQS::Queue').filter(({ Properties }) => Properties.RedrivePolicy).length, 2],
  ['queues: dead letters outlive the queue', SMALL, (hub) => ofType(hub, 'AWS::SQS::Queue').map(({ Properties }) => Properties.MessageRetentionPeriod / 86_400).sort((a, b) => a - b), [7, 7, 14, 14, 14]],
  ['queues: not seen twice', SMALL, (hub) => ofType(hub, 'AWS::SQS::Queue').filter(({ Properties }) => Properties.RedrivePolicy).map(({ Properties }) => Properties.VisibilityTimeout), [390, 3_600]],
  // Secrets, failures, functions
  ['secrets: created empty', SMALL, (hub) => { const secret = one(hub, 'AWS::SecretsManager::Secret'); return [secret.SecretString, secret.GenerateSecretString]; }, [undefined, undefined]],
  ['secrets: encrypted', organization, (hub) => ofType(hub, 'AWS::SecretsManager::Secret').every(({ Properties }) => Properties.KmsKeyId), true],
  ['secrets: the mask key reaches every lane', organization, (hub) => ['firehose-transform', 'event-forwarder', 's3-forwarder'].every((name) => fn(hub, name).Environment.Variables.MASK_MODE === 'hmac' && fn(hub, name).Environment.Variables.MASK_KEY_SECRET), true],
  ['dead letters: kept for months', SMALL, (hub) => bucket(hub, 'dead-letters').LifecycleConfiguration.Rules[0].ExpirationInDays, 90],
  ['dead letters: every forwarder has them', SMALL, (hub) => ['event-forwarder', 's3-forwarder'].every((name) => fn(hub, name).Environment.Variables.DLQ_BUCKET), true],
  ['functions: Amazon Linux 2023', SMALL, (hub) => new Set(ofType(hub, 'AWS::Lambda::Function').map(({ Properties }) => `${Properties.Runtime} ${Properties.Architectures}`)), new Set(['provided.al2023 x86_64'])],
  ['functions: in the VPC', organization, (hub) => fn(hub, 's3-forwarder').VpcConfig.SubnetIds.length, 2],
  ['VPC: endpoints', organization, (hub) => ofType(hub, 'AWS::EC2::VPCEndpoint').length, 4],
  ['forwarders: acknowledgements', SMALL, (hub) => ['event-forwarder', 's3-forwarder'].map((name) => fn(hub, name).Environment.Variables.HEC_ACKS), ['on', 'on']],
  ['forwarders: may write dead letters', SMALL, (hub) => ['eventforwarderRole', 's3forwarderRole'].every((id) => allows(roleStatements(hub, id), 's3:PutObject')), true],
  ['forwarders: may read the token', SMALL, (hub) => ['eventforwarderRole', 's3forwarderRole', 'StreamRole'].every((id) => allows(roleStatements(hub, id), 'secretsmanager:GetSecretValue')), true],
  ['rules: may write to their dead letters', SMALL, (hub) => policyOf(hub, 'AWS::SQS::QueuePolicy', 'FastRuleDeadLetters').some(({ Sid }) => Sid === 'RulesSend'), true],
  // Alarms
  ['alarms: all go to the topic', SMALL, (hub) => ofType(hub, 'AWS::CloudWatch::Alarm').every(({ Properties }) => Properties.AlarmActions.length === 1), true],
  ['alarms: silence is missing data', SMALL, (hub) => ofType(hub, 'AWS::CloudWatch::Alarm').filter(({ Properties }) => Properties.TreatMissingData === 'breaching').map(({ Properties }) => Properties.AlarmName).sort(),
    ['sightline-silence-fast', 'sightline-silence-s3', 'sightline-silence-stream', 'sightline-silence-trail']],
  ['topic: no key silences it', SMALL, (hub) => one(hub, 'AWS::SNS::Topic').KmsMasterKeyId, undefined],
  ['topic: alarms may publish', SMALL, (hub) => policyOf(hub, 'AWS::SNS::TopicPolicy', 'Alarms').find(({ Sid }) => Sid === 'AlarmsPublish').Condition, { StringEquals: { 'aws:SourceAccount': '111122223333' } }],
  ['key: events come without saying for whom', SMALL, (hub) => policyOf(hub, 'AWS::KMS::Key', 'Key').find(({ Principal }) => Principal.Service === 'events.amazonaws.com').Condition, undefined],
  ['key: log files are announced', SMALL, (hub) => policyOf(hub, 'AWS::KMS::Key', 'Key').some(({ Principal }) => Principal.Service === 's3.amazonaws.com'), true],
  ['trail: waits for its role', SMALL, (hub) => text(ofType(hub, 'AWS::CloudTrail::Trail')[0]?.DependsOn).includes('TrailRoleDefaultPolicy'), true],
  ['trail: no log group without a stream', FULL, (hub) => trail(hub).CloudWatchLogsLogGroupArn, undefined],
  ['trail: log group for the stream', SMALL, (hub) => trail(hub).CloudWatchLogsLogGroupArn !== undefined, true],
  ['archive: expires before it would move', { ...SMALL, trail: { objectLockDays: 1, expireDays: 90 } }, (hub) => bucket(hub, 'archive').LifecycleConfiguration.Rules[0].Transitions, undefined],
  ['archive: moves to cheaper storage', SMALL, (hub) => bucket(hub, 'archive').LifecycleConfiguration.Rules[0].Transitions[0].TransitionInDays, 90],
  ['VPC: the collector\'s port is open', organization, (hub) => one(hub, 'AWS::EC2::SecurityGroup', ({ GroupDescription }) => GroupDescription === 'Sightline functions').SecurityGroupEgress.map(({ FromPort, ToPort }: any) => [FromPort, ToPort]), [[443, 443], [8088, 8088]]],
  ['secrets: the mask key outlives the stack, and what it is encrypted with', organization,
    (hub) => Object.entries(hub).filter(([id]) => id.startsWith('MaskKey') && !id.includes('Alias')).map(([, { Type, DeletionPolicy }]) => `${Type} ${DeletionPolicy}`),
    ['AWS::KMS::Key RetainExceptOnCreate', 'AWS::SecretsManager::Secret RetainExceptOnCreate']],
  ['secrets: a mask key that is there needs no key of ours', { ...SMALL, masking: { mode: 'hmac', keySecretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:acme/mask-AbCdEf' } }, (hub) => ofType(hub, 'AWS::KMS::Key').length, 2],
  ['alarms: what a rule cannot hand over', SMALL, (hub) => ofType(hub, 'AWS::CloudWatch::Alarm').filter(({ Properties }) => /fast-rule-\d+-failed/.test(Properties.AlarmName)).map(({ Properties }) => Properties.Metrics.map(({ Expression, MetricStat }: any) => Expression ?? MetricStat.Metric.MetricName).join()),
    ofType(synth(SMALL).hub, 'AWS::Events::Rule').map(() => 'FailedInvocations,InvocationsFailedToBeSentToDlq,FILL(a, 0) + FILL(b, 0)')],
  ['alarms: the subscription fails', SMALL, (hub) => one(hub, 'AWS::CloudWatch::Alarm', ({ AlarmName }) => AlarmName === 'sightline-subscription-errors').Metrics[0].Expression,
    'SELECT SUM(DeliveryErrors) FROM SCHEMA("AWS/Logs", DestinationType, FilterName, LogGroupName) WHERE LogGroupName = \'sightline/trail\' AND FilterName = \'sightline\''],
];

for (const [what, config, read, expected] of SWITCHES) {
  test(what, () => assert.deepEqual(read(synth(config).hub), expected));
}

test('other Regions relay to the hub, other accounts as well', () => {
  assert.equal(synth(SMALL).relays.length, 1);
  assert.equal(synth(organization).relays.length, 5);
  for (const relay of [...synth(SMALL).relays, ...synth(organization).relays]) {
    for (const { Properties } of ofType(relay, 'AWS::Events::Rule')) {
      assert.equal(Properties.Targets[0].Arn, 'arn:aws:events:eu-west-1:111122223333:event-bus/default');
      assert.ok(Properties.Targets[0].RoleArn && Properties.Targets[0].DeadLetterConfig.Arn);
    }
    assert.ok(ofType(relay, 'AWS::SQS::Queue').every(({ Properties }) => Properties.KmsMasterKeyId));
    assert.equal(ofType(relay, 'AWS::CloudWatch::Alarm').length, 1 + ofType(relay, 'AWS::Events::Rule').length);
  }
  const { Statement } = one(synth(organization).hub, 'AWS::Events::EventBusPolicy');
  assert.deepEqual(Statement.Principal, { AWS: ['arn:aws:iam::777788889999:root'] });
  const roles = synth(organization).relays.map((relay) => one(relay, 'AWS::IAM::Role').RoleName);
  const allowed: string[] = Statement.Condition.ArnLike['aws:PrincipalArn'];
  for (const role of new Set(roles)) assert.ok(allowed.includes(`arn:aws:iam::*:role/${role}`), role);
});

test('without the fast route nothing of it is made', () => {
  const { hub, relays } = synth({ ...SMALL, routes: { fast: false, s3: 'off' } });
  assert.equal(relays.length + ofType(hub, 'AWS::Events::Rule').length + ofType(hub, 'AWS::SQS::Queue').length, 0);
});
