import assert from 'node:assert/strict';
import test from 'node:test';
import { SightlineConfig } from '../../lib/config';
import { Resources, SMALL, synth } from '../support';
import { ofType, one, ORGANIZATION, shown, text } from './read';

const forwardersOf = (config: SightlineConfig): Resources[] => synth(config).regionForwarders;

test('other Regions forward to the hub, other accounts as well', () => {
  assert.equal(forwardersOf(SMALL).length, 1);
  assert.equal(forwardersOf(ORGANIZATION).length, 5);
  for (const forwarder of [...forwardersOf(SMALL), ...forwardersOf(ORGANIZATION)]) {
    for (const { Properties } of ofType(forwarder, 'AWS::Events::Rule')) {
      const [target, ...more] = Properties.Targets;
      assert.equal(more.length, 0);
      assert.equal(target.Arn, 'arn:aws:events:eu-west-1:111122223333:event-bus/default');
      assert.deepEqual([shown(target.RoleArn), shown(target.DeadLetterConfig.Arn)], ['<Role>', '<RuleDeadLetters>']);
      assert.deepEqual(target.RetryPolicy, { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 });
    }
    assert.ok(ofType(forwarder, 'AWS::SQS::Queue').every(({ Properties }) => shown(Properties.KmsMasterKeyId) === '<Key>'));
    assert.equal(ofType(forwarder, 'AWS::CloudWatch::Alarm').length, 1 + 2 * ofType(forwarder, 'AWS::Events::Rule').length);
  }
});

test('region forwarders have the rules of the hub, all enabled', () => {
  for (const config of [SMALL, ORGANIZATION]) {
    const heard = (resources: Resources) => ofType(resources, 'AWS::Events::Rule').map(({ Properties }) => text([Properties.State, Properties.EventPattern])).sort();
    const { hub, regionForwarders } = synth(config);
    for (const forwarder of regionForwarders) assert.deepEqual(heard(forwarder), heard(hub));
  }
});

test('the hub accepts events of the region forwarders of other accounts only', () => {
  const { Statement } = one(synth(ORGANIZATION).hub, 'AWS::Events::EventBusPolicy');
  assert.deepEqual(Statement.Principal, { AWS: ['arn:aws:iam::777788889999:root'] });
  assert.deepEqual([Statement.Effect, Statement.Action, Statement.Resource], ['Allow', 'events:PutEvents', 'arn:aws:events:eu-west-1:111122223333:event-bus/default']);
  const roles = forwardersOf(ORGANIZATION).map((forwarder) => one(forwarder, 'AWS::IAM::Role').RoleName as string);
  assert.deepEqual(Statement.Condition.ArnLike['aws:PrincipalArn'], [...new Set(roles)].map((role) => `arn:aws:iam::*:role/${role}`).sort(byRegion));
});

/** In the order of the configured Regions. */
function byRegion(a: string, b: string): number {
  const place = (arn: string) => (ORGANIZATION.regions ?? []).findIndex((region) => arn.includes(region));
  return place(a) - place(b);
}

test('an event that cannot be forwarded raises an alarm', () => {
  for (const forwarder of forwardersOf(ORGANIZATION)) {
    assert.deepEqual(ofType(forwarder, 'AWS::SNS::Subscription').map(({ Properties }) => `${Properties.Protocol} ${Properties.Endpoint}`), ['email soc@acme.example']);
    assert.ok(ofType(forwarder, 'AWS::CloudWatch::Alarm').every(({ Properties }) => shown(Properties.AlarmActions[0]) === '<AlarmsTopic>'));
    const { Threshold, ComparisonOperator, Dimensions } = one(forwarder, 'AWS::CloudWatch::Alarm', ({ AlarmName }) => AlarmName.endsWith('fast-rule-dlq-not-empty'));
    assert.deepEqual([Threshold, ComparisonOperator, Dimensions], [0, 'GreaterThanThreshold', [{ Name: 'QueueName', Value: one(forwarder, 'AWS::SQS::Queue').QueueName }]]);
  }
});
