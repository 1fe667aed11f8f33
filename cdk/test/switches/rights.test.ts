import assert from 'node:assert/strict';
import test from 'node:test';
import { SightlineConfig } from '../../lib/config';
import { EXISTING, HUNTRESS, RELAY, Resources, SMALL, synth } from '../support';
import { allowed, may, one, ORGANIZATION, policyOf, resource, shown, trusts } from './read';

const VIA = (service: string) => `if kms:ViaService StringEquals ${service}.eu-west-1.amazonaws.com`;
const STREAM = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/sightline';
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:acme/hec-AbCdEf';
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/0a1b';

const readsToken = ['secretsmanager:GetSecretValue on <Token>', `kms:Decrypt on <Key> ${VIA('secretsmanager')}`];
const keepsDeadLetters = ['s3:PutObject on <DeadLetters>/dead-letters/*', `kms:Decrypt kms:GenerateDataKey on <Key> ${VIA('s3')}`];
const usesStreamKey = [`kms:Decrypt kms:GenerateDataKey on <Key> ${VIA('firehose')}`];
const logs = (name: string) => [`logs:CreateLogStream logs:PutLogEvents on <${name}Logs>`];
const consumes = (queue: string, more = '') => [
  `sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage${more} on <${queue}>`,
  `kms:Decrypt kms:GenerateDataKey on <Key> ${VIA('sqs')}`,
];
const hubOf = (config: SightlineConfig): Resources => synth(config).hub;
const forwarderOf = (config: SightlineConfig): Resources => synth(config).regionForwarders[0] ?? {};

/** The exact rights of each role: a missing right loses events, an additional right widens access. */
const RIGHTS: readonly [string, Resources, string, readonly string[]][] = [
  ['CloudTrail', hubOf(SMALL), 'TrailRole', [
    'logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:eu-west-1:111122223333:log-group:sightline/trail:log-stream:111122223333_*',
  ]],
  ['CloudTrail of an organization', hubOf(ORGANIZATION), 'TrailRole', ['111122223333', 'o-a1b2c3d4e5'].map(
    (owner) => `logs:CreateLogStream logs:PutLogEvents on arn:aws:logs:eu-west-1:111122223333:log-group:acme-sightline/trail:log-stream:${owner}_*`)],
  ['the subscription', hubOf(SMALL), 'SubscriptionRole', [`firehose:PutRecord firehose:PutRecordBatch on ${STREAM}`, ...usesStreamKey]],
  ['Firehose', hubOf(SMALL), 'StreamRole', [
    'lambda:GetFunctionConfiguration lambda:InvokeFunction on <firehosetransformLive>',
    's3:GetBucketLocation s3:ListBucket s3:ListBucketMultipartUploads on <FirehoseBackup>',
    's3:AbortMultipartUpload s3:GetObject s3:PutObject on <FirehoseBackup>/*',
    `kms:Decrypt kms:GenerateDataKey on <Key> ${VIA('s3')}, firehose.eu-west-1.amazonaws.com`,
    'logs:PutLogEvents on <StreamLogs>',
    ...readsToken,
  ]],
  ['firehose-transform', hubOf(SMALL), 'firehosetransformRole', [...logs('firehosetransform'), `firehose:PutRecordBatch on ${STREAM}`, ...usesStreamKey]],
  ['firehose-relay', hubOf(RELAY), 'firehoserelayRole', [
    ...logs('firehoserelay'), ...readsToken, 'secretsmanager:GetSecretValue on <RelayKey>', ...keepsDeadLetters,
  ]],
  ['event-forwarder', hubOf(SMALL), 'eventforwarderRole', [...logs('eventforwarder'), ...readsToken, ...keepsDeadLetters, ...consumes('FastWaitingQueue')]],
  ['s3-forwarder', hubOf(SMALL), 's3forwarderRole', [
    ...logs('s3forwarder'), ...readsToken, ...keepsDeadLetters,
    // The remaining part of a file is re-queued.
    ...consumes('S3WaitingQueue', ' sqs:SendMessage'),
    's3:GetObject s3:GetObjectVersion on <TrailArchiveBucket>/AWSLogs/*', 's3:ListBucket on <TrailArchiveBucket>', 'kms:Decrypt on <TrailKey>',
  ]],
  ['subscription-forwarder', hubOf(HUNTRESS), 'subscriptionforwarderRole', [
    ...logs('subscriptionforwarder'), ...readsToken, ...keepsDeadLetters,
    // Lambda writes failed invocations with these rights.
    's3:PutObject on <DirectUndelivered>/*', 's3:ListBucket on <DirectUndelivered>',
  ]],
  ['s3-forwarder of a direct stream', hubOf(HUNTRESS), 's3forwarderRole', [
    ...logs('s3forwarder'), ...readsToken, ...keepsDeadLetters,
    ...consumes('S3WaitingQueue', ' sqs:SendMessage'), ...consumes('DirectWaitingQueue').filter((right) => right.startsWith('sqs:')),
    's3:GetObject s3:GetObjectVersion on <TrailArchiveBucket>/AWSLogs/*', 's3:ListBucket on <TrailArchiveBucket>', 'kms:Decrypt on <TrailKey>',
    's3:GetObject on <DirectUndelivered>/aws/lambda/async/*', 's3:ListBucket on <DirectUndelivered>',
  ]],
  ['s3-forwarder of a direct stream alone', hubOf({ ...HUNTRESS, routes: { s3: 'off' } }), 's3forwarderRole', [
    ...logs('s3forwarder'), ...readsToken, ...keepsDeadLetters, ...consumes('DirectWaitingQueue'),
    's3:GetObject on <DirectUndelivered>/aws/lambda/async/*', 's3:ListBucket on <DirectUndelivered>',
  ]],
  ['S3 Batch Operations', hubOf(SMALL), 'S3Backfill', [
    'lambda:InvokeFunction on <s3forwarderLive>', 's3:GetObject s3:GetObjectVersion s3:PutObject on <DeadLetters>/backfill/*', 'kms:Decrypt kms:GenerateDataKey on <Key>',
  ]],
  ['CodeDeploy', hubOf(SMALL), 'RolloutRole', [
    'cloudwatch:DescribeAlarms on *',
    ...['firehosetransform', 'eventforwarder', 's3forwarder'].flatMap((name) => [
      `lambda:GetAlias lambda:UpdateAlias on <${name}>`, `lambda:GetAlias lambda:UpdateAlias on <${name}>:live`,
      `lambda:GetProvisionedConcurrencyConfig on <${name}>`, `lambda:GetProvisionedConcurrencyConfig on <${name}>:*`,
    ]),
  ]],
  ['rules of another Region', forwarderOf(SMALL), 'Role', ['events:PutEvents on arn:aws:events:eu-west-1:111122223333:event-bus/default']],
];

for (const [who, resources, role, rights] of RIGHTS) {
  test(`${who} has exactly its rights`, () => assert.deepEqual(may(resources, role), [...rights].sort()));
}

test('the CDK library\'s function for self-checks invokes versions of our functions, and nothing else', () => {
  const { Policies } = resource(hubOf(SMALL), 'AWS::IAM::Role', 'AWSCDKTriggerCustomResourceProvider').Properties;
  assert.deepEqual(Policies.flatMap(({ PolicyDocument }: any) => allowed(PolicyDocument.Statement)).sort(),
    ['eventforwarder', 'firehosetransform', 's3forwarder'].map((name) => `lambda:InvokeFunction on <${name}>:*`));
});

test('Firehose reads the access key of the relay only with destination relay', () => {
  const rights = may(synth(RELAY).hub, 'StreamRole');
  assert.ok(rights.includes('secretsmanager:GetSecretValue on <RelayKey>') && rights.includes(`kms:Decrypt on <Key> ${VIA('secretsmanager')}`), rights.join('\n'));
  assert.ok(!rights.includes('secretsmanager:GetSecretValue on <Token>'));
});

test('every function that masks reads the mask key, with its key', () => {
  const { hub } = synth(ORGANIZATION);
  const key = shown(one(hub, 'AWS::SecretsManager::Secret', ({ Name }) => Name.endsWith('mask-key')).KmsKeyId);
  for (const name of ['firehosetransform', 'eventforwarder', 's3forwarder']) {
    const rights = may(hub, `${name}Role`);
    for (const right of ['secretsmanager:GetSecretValue on <MaskKey>', `kms:Decrypt on ${key} ${VIA('secretsmanager')}`]) assert.ok(rights.includes(right), `${name}: ${right}`);
  }
});

test('functions in a VPC can create network interfaces', () => {
  for (const name of ['firehosetransform', 'eventforwarder', 's3forwarder']) {
    const rights = may(synth(ORGANIZATION).hub, `${name}Role`).filter((right) => right.endsWith(' on *'));
    assert.equal(rights.length, 1);
    for (const action of ['CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DeleteNetworkInterface']) assert.ok(rights[0]?.includes(`ec2:${action}`), action);
  }
});

const ADOPTED: SightlineConfig = { ...EXISTING, siem: { ...SMALL.siem, secretArn: SECRET, secretKeyArn: KEY } };

test('adopted resources can be read: archive, secret, and their keys', () => {
  const rights = may(synth(ADOPTED).hub, 's3forwarderRole');
  for (const right of [
    's3:GetObject s3:GetObjectVersion on arn:aws:s3:::acme-trail/AWSLogs/*', `kms:Decrypt on ${KEY}`,
    `secretsmanager:GetSecretValue on ${SECRET}`, `kms:Decrypt on ${KEY} ${VIA('secretsmanager')}`,
  ]) assert.ok(rights.includes(right), `${right} is not in\n${rights.join('\n')}`);
  for (const role of ['StreamRole', 'eventforwarderRole']) assert.ok(may(synth(ADOPTED).hub, role).includes(`secretsmanager:GetSecretValue on ${SECRET}`), role);
});

/** Who can assume a role. */
const TRUST: readonly [Resources, string, string][] = [
  [hubOf(SMALL), 'TrailRole', 'cloudtrail.amazonaws.com: sts:AssumeRole on itself'],
  [hubOf(SMALL), 'StreamRole', 'firehose.amazonaws.com: sts:AssumeRole on itself'],
  [hubOf(SMALL), 'SubscriptionRole', 'logs.amazonaws.com: sts:AssumeRole on itself if aws:SourceArn StringLike arn:aws:logs:eu-west-1:111122223333:*'],
  [hubOf(SMALL), 'eventforwarderRole', 'lambda.amazonaws.com: sts:AssumeRole on itself'],
  [hubOf(SMALL), 'RolloutRole', 'codedeploy.amazonaws.com: sts:AssumeRole on itself if aws:SourceAccount StringEquals 111122223333 '
    + 'and aws:SourceArn StringLike arn:aws:codedeploy:eu-west-1:111122223333:deploymentgroup:sightline/*'],
  [hubOf(SMALL), 'S3Backfill', 'batchoperations.s3.amazonaws.com: sts:AssumeRole on itself'],
  [forwarderOf(SMALL), 'Role', 'events.amazonaws.com: sts:AssumeRole on itself if aws:SourceAccount StringEquals 111122223333'],
];

test('every role is for one service, with the conditions of its trust policy', () => {
  for (const [resources, role, who] of TRUST) assert.deepEqual(trusts(resources, role), [who]);
});

const LOG_GROUPS = 'logs.eu-west-1.amazonaws.com: kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey* kms:ReEncrypt* on * '
  + 'if kms:EncryptionContext:aws:logs:arn ArnLike arn:aws:logs:eu-west-1:111122223333:log-group:*';
const TRAIL = 'if aws:SourceArn StringEquals arn:aws:cloudtrail:eu-west-1:111122223333:trail/sightline';
const OWNER = 'arn:aws:iam::111122223333:root: kms:* on *';
const RULES = 'events.amazonaws.com: kms:Decrypt kms:GenerateDataKey* on *';

/** Who can use a key: a queue or log group whose service cannot use it accepts no message. */
const KEYS: readonly [string, Resources, string, readonly string[]][] = [
  ['the pipeline\'s', hubOf(SMALL), 'Key', [OWNER, RULES, LOG_GROUPS, 's3.amazonaws.com: kms:Decrypt kms:GenerateDataKey* on * if aws:SourceAccount StringEquals 111122223333']],
  ['the trail\'s', hubOf(SMALL), 'TrailKey', [
    OWNER, LOG_GROUPS, `cloudtrail.amazonaws.com: kms:Decrypt on * ${TRAIL}`, `cloudtrail.amazonaws.com: kms:DescribeKey on * ${TRAIL}`,
    `cloudtrail.amazonaws.com: kms:GenerateDataKey* on * ${TRAIL} and kms:EncryptionContext:aws:cloudtrail:arn StringLike arn:aws:cloudtrail:*:111122223333:trail/*`,
  ]],
  ['a region forwarder\'s', forwarderOf(SMALL), 'Key', [OWNER, RULES]],
];

for (const [whose, resources, id, users] of KEYS) {
  test(`${whose} key is usable by exactly these principals`, () => assert.deepEqual(allowed(policyOf(resources, 'AWS::KMS::Key', id)), [...users].sort()));
}

test('CloudTrail can encrypt and publish notifications of log files', () => {
  const source = 'if aws:SourceArn StringEquals arn:aws:cloudtrail:eu-west-1:111122223333:trail/acme-sightline';
  const { hub } = synth(ORGANIZATION);
  assert.ok(allowed(policyOf(hub, 'AWS::KMS::Key', 'TrailKey')).includes(`cloudtrail.amazonaws.com: kms:Decrypt kms:GenerateDataKey* on * ${source}`));
  assert.deepEqual(allowed(policyOf(hub, 'AWS::SNS::TopicPolicy', 'TrailTopic')),
    [`cloudtrail.amazonaws.com: sns:Publish on arn:aws:sns:eu-west-1:111122223333:acme-sightline-log-files ${source}`]);
});

test('alarms can publish', () => {
  const said = ['cloudwatch.amazonaws.com: sns:Publish on <AlarmsTopic> if aws:SourceAccount StringEquals 111122223333'];
  for (const resources of [synth(SMALL).hub, forwarderOf(SMALL)]) assert.deepEqual(allowed(policyOf(resources, 'AWS::SNS::TopicPolicy', 'Alarms')), said);
});
