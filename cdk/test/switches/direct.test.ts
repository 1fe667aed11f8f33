import { SightlineConfig } from '../../lib/config';
import { EXISTING, HUNTRESS, RELAY, Resources, SMALL, synth } from '../support';
import { allowed, bucket, fn, testSwitches, mapping, ofType, one, policyOf, shown, Switch, dependenciesOf } from './read';

const ALONE: SightlineConfig = { ...HUNTRESS, routes: { s3: 'off', fast: false } };
/** To Splunk with acknowledgments, and by choice. */
const CHOSEN: SightlineConfig = { ...SMALL, routes: { stream: 'direct' } };
const ADOPTED: SightlineConfig = { ...EXISTING, siem: HUNTRESS.siem };

const filter = (hub: Resources): any => one(hub, 'AWS::Logs::SubscriptionFilter');
const permission = (hub: Resources): any => one(hub, 'AWS::Lambda::Permission');
const failures = (hub: Resources): any => one(hub, 'AWS::Lambda::EventInvokeConfig');
const undelivered = (hub: Resources): any => bucket(hub, 'undelivered');
const queue = (hub: Resources): any => one(hub, 'AWS::SQS::Queue', ({ QueueName }) => QueueName === 'sightline-undelivered');

const filterId = (hub: Resources): string | undefined => Object.keys(hub).find((id) => hub[id]?.Type === 'AWS::Logs::SubscriptionFilter');

const SWITCHES: readonly Switch[] = [
  ['direct: no Firehose, no relay, no URL', HUNTRESS,
    (hub) => Object.values(hub).filter(({ Type }) => ['AWS::KinesisFirehose::DeliveryStream', 'AWS::Lambda::Url'].includes(Type)).length + ofType(hub, 'AWS::Lambda::Function').filter(({ Properties }) => /firehose/.test(Properties.FunctionName)).length, 0],
  ['direct: the subscription invokes the alias', HUNTRESS, (hub) => [shown(filter(hub).DestinationArn), filter(hub).RoleArn], ['<subscriptionforwarderLive>', undefined]],
  ['direct: everything is subscribed to', HUNTRESS, (hub) => filter(hub).FilterPattern, ''],
  ['direct: CloudWatch Logs may invoke the alias, for the trail\'s log group of this account', HUNTRESS,
    (hub) => [permission(hub).Action, shown(permission(hub).FunctionName), permission(hub).Principal, permission(hub).SourceAccount, shown(permission(hub).SourceArn)],
    ['lambda:InvokeFunction', '<subscriptionforwarderLive>', 'logs.amazonaws.com', '111122223333', 'arn:aws:logs:eu-west-1:111122223333:log-group:sightline/trail:*']],
  ['direct: an adopted log group', ADOPTED, (hub) => [filter(hub).LogGroupName, shown(permission(hub).SourceArn)], ['acme/trail', 'arn:aws:logs:eu-west-1:111122223333:log-group:acme/trail:*']],
  ['direct: the subscription waits for the right to invoke, for the bucket of failures and for the log group', HUNTRESS,
    (hub) => ['SubscriptionInvoke', 'DirectFailures', 'DirectMapping', 'TrailLogGroup'].filter((id) => !dependenciesOf(hub, 'AWS::Logs::SubscriptionFilter').includes(id)), []],
  ['direct: a failed batch is tried three times, a throttled one for 6 hours', HUNTRESS, (hub) => [failures(hub).MaximumRetryAttempts, failures(hub).MaximumEventAgeInSeconds], [2, 21_600]],
  ['direct: what fails is written to a bucket', HUNTRESS, (hub) => [failures(hub).Qualifier, shown(failures(hub).FunctionName), shown(failures(hub).DestinationConfig.OnFailure.Destination)], ['live', '<subscriptionforwarder>', '<DirectUndelivered>']],
  ['direct: Lambda may write there when it is told to', HUNTRESS, (hub) => ['subscriptionforwarderRoleDefaultPolicy', 'subscriptionforwarderLive'].filter((id) => !dependenciesOf(hub, 'AWS::Lambda::EventInvokeConfig').includes(id)), []],
  ['undelivered: encrypted by the pipeline\'s key', HUNTRESS, (hub) => shown(undelivered(hub).BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.KMSMasterKeyID), '<Key>'],
  ['undelivered: unmasked, so short-lived', { ...HUNTRESS, keep: { rawDays: 7 } }, (hub) => undelivered(hub).LifecycleConfiguration.Rules[0].ExpirationInDays, 7],
  ['undelivered: the queue is notified of Lambda\'s objects', HUNTRESS,
    (hub) => undelivered(hub).NotificationConfiguration.QueueConfigurations.map(({ Event, Queue, Filter }: any) => [Event, shown(Queue), Filter.S3Key.Rules]),
    [['s3:ObjectCreated:*', '<DirectWaitingQueue>', [{ Name: 'prefix', Value: 'aws/lambda/async/' }]]]],
  ['undelivered: only the bucket sends', HUNTRESS, (hub) => policyOf(hub, 'AWS::SQS::QueuePolicy', 'DirectWaitingQueuePolicy').filter(({ Effect }) => Effect === 'Allow').map((statement) => allowed([statement])).flat(),
    ['s3.amazonaws.com: sqs:SendMessage on <DirectWaitingQueue> if aws:SourceAccount StringEquals 111122223333 and aws:SourceArn ArnEquals arn:aws:s3:::sightline-undelivered-111122223333-eu-west-1']],
  ['undelivered: S3 may encrypt messages without the S3 route as well', ALONE, (hub) => policyOf(hub, 'AWS::KMS::Key', 'Key').some(({ Sid }) => Sid === 'Sends3'), true],
  ['undelivered: the bucket waits for the queue\'s policy', HUNTRESS, (hub) => dependenciesOf(hub, 'AWS::S3::Bucket', 'DirectUndelivered').includes('DirectWaitingQueuePolicy'), true],
  ['undelivered: tried for two days, then kept', HUNTRESS, (hub) => queue(hub).RedrivePolicy.maxReceiveCount * queue(hub).VisibilityTimeout >= 172_800, true],
  ['undelivered: delivered by the alias of s3-forwarder', HUNTRESS, (hub) => [shown(mapping(hub, 'Direct').EventSourceArn), mapping(hub, 'Direct').ScalingConfig.MaximumConcurrency, mapping(hub, 'Direct').FunctionResponseTypes], ['<DirectWaitingQueue>', 2, ['ReportBatchItemFailures']]],
  ['undelivered: dead letters are kept longer than the bucket\'s objects', HUNTRESS, (hub) => one(hub, 'AWS::SQS::Queue', ({ QueueName }) => QueueName === 'sightline-undelivered-dlq').MessageRetentionPeriod / 86_400, 14],
  ['direct: the S3 route carries oversize records', HUNTRESS, (hub) => fn(hub, 's3-forwarder').Environment.Variables.ONLY_OVER_BYTES, '262144'],
  ['direct: s3-forwarder without the S3 route', ALONE, (hub) => [ofType(hub, 'AWS::Lambda::EventSourceMapping').length, fn(hub, 's3-forwarder').Environment.Variables.ONLY_OVER_BYTES], [1, undefined]],
  ['direct: no role of Batch Operations without the S3 route', ALONE, (hub) => ofType(hub, 'AWS::IAM::Role').filter(({ Properties }) => Properties.RoleName === 'sightline-backfill-role').length, 0],
  ['direct: another route changes the filter in place, since two of one name are one', HUNTRESS, (hub) => filterId(hub) === filterId(synth(RELAY).hub), true],
  ['direct: memory for a batch that inflates', HUNTRESS, (hub) => [fn(hub, 'subscription-forwarder').MemorySize, fn(hub, 'event-forwarder').MemorySize], [512, 128]],
  ['direct: to Splunk, with acknowledgments', CHOSEN, (hub) => [fn(hub, 'subscription-forwarder').Timeout, fn(hub, 'subscription-forwarder').Environment.Variables.HEC_ACKS], [360, 'on']],
  ['direct: both functions run the same package', HUNTRESS, (hub) => shown(fn(hub, 'subscription-forwarder').Code.S3Key) === shown(fn(hub, 'event-forwarder').Code.S3Key), true],
  ['direct: the trail waits for the subscription', HUNTRESS, (hub) => dependenciesOf(hub, 'AWS::CloudTrail::Trail').includes('"Subscription'), true],
];

testSwitches(SWITCHES);
