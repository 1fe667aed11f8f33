import assert from 'node:assert/strict';
import test from 'node:test';
import { SightlineConfig } from '../../lib/config';
import { EXAMPLES } from '../examples';
import { EXISTING, HUNTRESS, RELAY, Resources, SMALL, synth } from '../support';
import { fn, FULL, testSwitches, mapping, ofType, ORGANIZATION, policyOf, shown, Switch, text } from './read';

const SWITCHES: readonly Switch[] = [
  ['rules: sources are pinned', SMALL, (hub) => ofType(hub, 'AWS::Events::Rule').every(({ Properties }) => Properties.EventPattern.source.every((source: string) => source.startsWith('aws.'))), true],
  ['rules: reads when asked', ORGANIZATION, (hub) => ofType(hub, 'AWS::Events::Rule')[0]?.Properties.State, 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'],
  ['rules: failures are kept', SMALL, (hub) => ofType(hub, 'AWS::Events::Rule').every(({ Properties }) => Properties.Targets[0].DeadLetterConfig.Arn), true],
  ['fast: no waiting for company', SMALL, (hub) => [mapping(hub, 'Fast').BatchSize, mapping(hub, 'Fast').MaximumBatchingWindowInSeconds], [10, undefined]],
  ['fast: partial failures', SMALL, (hub) => mapping(hub, 'Fast').FunctionResponseTypes, ['ReportBatchItemFailures']],
  ['fast: bounded', SMALL, (hub) => mapping(hub, 'Fast').ScalingConfig.MaximumConcurrency, 2],
  ['fast: only its rules send', SMALL, (hub) => policyOf(hub, 'AWS::SQS::QueuePolicy', 'FastWaitingQueuePolicy').find(({ Sid }) => Sid === 'RulesSend').Condition.ArnEquals['aws:SourceArn'].length, ofType(synth(SMALL).hub, 'AWS::Events::Rule').length],
  ['s3: partial failures', SMALL, (hub) => mapping(hub, 'S3').FunctionResponseTypes, ['ReportBatchItemFailures']],
  ['s3: bounded', ORGANIZATION, (hub) => mapping(hub, 'S3').ScalingConfig.MaximumConcurrency, 20],
  ['s3: only the bucket sends', SMALL, (hub) => policyOf(hub, 'AWS::SQS::QueuePolicy', 'S3WaitingQueuePolicy').find(({ Sid }) => Sid === 'BucketNotifies').Condition.StringEquals['aws:SourceAccount'], '111122223333'],
  ['s3: oversize records with a stream', SMALL, (hub) => fn(hub, 's3-forwarder').Environment.Variables.ONLY_OVER_BYTES, '262144'],
  ['s3: everything where it is alone', FULL, (hub) => fn(hub, 's3-forwarder').Environment.Variables.ONLY_OVER_BYTES, undefined],
  ['queues: encrypted', SMALL, (hub) => ofType(hub, 'AWS::SQS::Queue').every(({ Properties }) => Properties.KmsMasterKeyId), true],
  ['queues: TLS only', SMALL, (hub) => ofType(hub, 'AWS::SQS::QueuePolicy').filter(({ Properties }) => text(Properties).includes('aws:SecureTransport')).length, 5],
  ['queues: redrive', SMALL, (hub) => ofType(hub, 'AWS::SQS::Queue').filter(({ Properties }) => Properties.RedrivePolicy).length, 2],
  ['queues: dead letters are kept longer than messages of the queue', SMALL, (hub) => ofType(hub, 'AWS::SQS::Queue').map(({ Properties }) => Properties.MessageRetentionPeriod / 86_400).sort((a, b) => a - b), [7, 7, 14, 14, 14]],
  ['queues: not seen twice', SMALL, (hub) => ofType(hub, 'AWS::SQS::Queue').filter(({ Properties }) => Properties.RedrivePolicy).map(({ Properties }) => Properties.VisibilityTimeout), [390, 3_600]],
  ['rules: may write to their dead letters', SMALL, (hub) => policyOf(hub, 'AWS::SQS::QueuePolicy', 'FastRuleDeadLetters').some(({ Sid }) => Sid === 'RulesSend'), true],
  ['rules: on, every one', SMALL, (hub) => [...new Set(ofType(hub, 'AWS::Events::Rule').map(({ Properties }) => Properties.State))], ['ENABLED']],
  ['rules: reads in every one', ORGANIZATION, (hub) => [...new Set(ofType(hub, 'AWS::Events::Rule').map(({ Properties }) => Properties.State))], ['ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS']],
  ['rules: try for a day', SMALL, (hub) => ofType(hub, 'AWS::Events::Rule').every(({ Properties }) => text(Properties.Targets[0].RetryPolicy) === '{"MaximumEventAgeInSeconds":86400,"MaximumRetryAttempts":185}'), true],
  ['rules: hand over to the queue', SMALL, (hub) => [...new Set(ofType(hub, 'AWS::Events::Rule').flatMap(({ Properties }) => Properties.Targets.map(({ Arn }: any) => shown(Arn))))], ['<FastWaitingQueue>']],
  ['rules: failures go to their own queue', SMALL, (hub) => [...new Set(ofType(hub, 'AWS::Events::Rule').map(({ Properties }) => shown(Properties.Targets[0].DeadLetterConfig.Arn)))], ['<FastRuleDeadLetters>']],
  ['queues: tried while a collector is away for a day or two', SMALL, (hub) => tries(hub).map(({ seconds }) => seconds >= 86_400), [true, true]],
  ['queues: tried more than once', SMALL, (hub) => tries(hub).map(({ count }) => count >= 40 && count <= 1_000), [true, true]],
  ['queues: redrive to their own', SMALL, (hub) => ofType(hub, 'AWS::SQS::Queue').flatMap(({ Properties }) => (Properties.RedrivePolicy ? [shown(Properties.RedrivePolicy.deadLetterTargetArn)] : [])),
    ['<FastWaitingDeadLetters>', '<S3WaitingDeadLetters>']],
];

testSwitches(SWITCHES);

/** Maximum receive count of a message, and its minimum retry period. */
function tries(hub: Resources): { count: number; seconds: number }[] {
  return ofType(hub, 'AWS::SQS::Queue').filter(({ Properties }) => Properties.RedrivePolicy).map(({ Properties }) => {
    const count: number = Properties.RedrivePolicy.maxReceiveCount;
    return { count, seconds: count * Properties.VisibilityTimeout };
  });
}

/** A direct stream with all other routes. */
const ALL: SightlineConfig = { ...HUNTRESS, routes: { stream: 'direct', fast: true, s3: 'gaps' } };

/** The concurrency quota of a new account, and the share that event source mappings can use by default. */
const NEW_ACCOUNT = { quota: 10, mappings: 6 };

for (const [name, config] of Object.entries({ ...EXAMPLES, SMALL, FULL, HUNTRESS, EXISTING, RELAY, ALL }).filter(([, { maxConcurrency }]) => maxConcurrency === undefined)) {
  test(`${name}: queues leave room for other functions in an account with a quota of ${NEW_ACCOUNT.quota}`, () => {
    const { hub } = synth(config);
    const sum = ofType(hub, 'AWS::Lambda::EventSourceMapping').reduce((all, { Properties }) => all + Properties.ScalingConfig.MaximumConcurrency, 0);
    assert.ok(sum > 0 && sum <= NEW_ACCOUNT.mappings, `${sum}`);
    const reserved = ofType(hub, 'AWS::Lambda::Function').filter(({ Properties }) => Properties.ReservedConcurrentExecutions !== undefined);
    assert.deepEqual(reserved.map(({ Properties }) => Properties.ReservedConcurrentExecutions), [config.stream?.relayConcurrency].filter(Number.isInteger));
  });
}

test('without the fast route none of its resources is created', () => {
  const { hub, regionForwarders } = synth({ ...SMALL, routes: { fast: false, s3: 'off' } });
  assert.equal(regionForwarders.length + ofType(hub, 'AWS::Events::Rule').length + ofType(hub, 'AWS::SQS::Queue').length, 0);
});
