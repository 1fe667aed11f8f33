import assert from 'node:assert/strict';
import test from 'node:test';
import { SightlineConfig } from '../../lib/config';
import { Resources, SMALL, synth } from '../support';
import { ofType, one, ORGANIZATION, shown, text } from './read';

const relaysOf = (config: SightlineConfig): Resources[] => synth(config).relays;

test('other Regions relay to the hub, other accounts as well', () => {
  assert.equal(relaysOf(SMALL).length, 1);
  assert.equal(relaysOf(ORGANIZATION).length, 5);
  for (const relay of [...relaysOf(SMALL), ...relaysOf(ORGANIZATION)]) {
    for (const { Properties } of ofType(relay, 'AWS::Events::Rule')) {
      const [target, ...more] = Properties.Targets;
      assert.equal(more.length, 0);
      assert.equal(target.Arn, 'arn:aws:events:eu-west-1:111122223333:event-bus/default');
      assert.deepEqual([shown(target.RoleArn), shown(target.DeadLetterConfig.Arn)], ['<Role>', '<RuleDeadLetters>']);
      assert.deepEqual(target.RetryPolicy, { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 });
    }
    assert.ok(ofType(relay, 'AWS::SQS::Queue').every(({ Properties }) => shown(Properties.KmsMasterKeyId) === '<Key>'));
    assert.equal(ofType(relay, 'AWS::CloudWatch::Alarm').length, 1 + 2 * ofType(relay, 'AWS::Events::Rule').length);
  }
});

test('relays listen for what the hub listens for, every rule on', () => {
  for (const config of [SMALL, ORGANIZATION]) {
    const heard = (resources: Resources) => ofType(resources, 'AWS::Events::Rule').map(({ Properties }) => text([Properties.State, Properties.EventPattern])).sort();
    const { hub, relays } = synth(config);
    for (const relay of relays) assert.deepEqual(heard(relay), heard(hub));
  }
});

test('the hub lets the relays of other accounts in, and nobody else of them', () => {
  const { Statement } = one(synth(ORGANIZATION).hub, 'AWS::Events::EventBusPolicy');
  assert.deepEqual(Statement.Principal, { AWS: ['arn:aws:iam::777788889999:root'] });
  assert.deepEqual([Statement.Effect, Statement.Action, Statement.Resource], ['Allow', 'events:PutEvents', 'arn:aws:events:eu-west-1:111122223333:event-bus/default']);
  const roles = relaysOf(ORGANIZATION).map((relay) => one(relay, 'AWS::IAM::Role').RoleName as string);
  assert.deepEqual(Statement.Condition.ArnLike['aws:PrincipalArn'], [...new Set(roles)].map((role) => `arn:aws:iam::*:role/${role}`).sort(byRegion));
});

/** In the order of the configuration's Regions. */
function byRegion(a: string, b: string): number {
  const place = (arn: string) => (ORGANIZATION.regions ?? []).findIndex((region) => arn.includes(region));
  return place(a) - place(b);
}

test('what a relay cannot hand over wakes somebody', () => {
  for (const relay of relaysOf(ORGANIZATION)) {
    assert.deepEqual(ofType(relay, 'AWS::SNS::Subscription').map(({ Properties }) => `${Properties.Protocol} ${Properties.Endpoint}`), ['email soc@acme.example']);
    assert.ok(ofType(relay, 'AWS::CloudWatch::Alarm').every(({ Properties }) => shown(Properties.AlarmActions[0]) === '<AlarmsTopic>'));
    const { Threshold, ComparisonOperator, Dimensions } = one(relay, 'AWS::CloudWatch::Alarm', ({ AlarmName }) => AlarmName.endsWith('fast-rule-dlq-not-empty'));
    assert.deepEqual([Threshold, ComparisonOperator, Dimensions], [0, 'GreaterThanThreshold', [{ Name: 'QueueName', Value: one(relay, 'AWS::SQS::Queue').QueueName }]]);
  }
});
