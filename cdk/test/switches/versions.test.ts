import assert from 'node:assert/strict';
import test from 'node:test';
import { SightlineConfig } from '../../lib/config';
import { EXAMPLES } from '../examples';
import { FULL, testSwitches, ofType, one, resource, shown, Switch } from './read';
import { HUNTRESS, RELAY, Resources, SMALL, synth, synthesize } from '../support';
import { ALARM, isGuard } from './watched-metrics';

const CASES: Readonly<Record<string, SightlineConfig>> = { ...EXAMPLES, SMALL, FULL, HUNTRESS, RELAY };

/** Logical ids of Sightline's functions; those of the CDK library have no name. */
function functions(hub: Resources): string[] {
  return Object.entries(hub).filter(([, { Type, Properties }]) => Type === 'AWS::Lambda::Function' && Properties.FunctionName).map(([id]) => id);
}

/** Logical ids of the resources of a type that refer to one of these. */
function refer(hub: Resources, ids: readonly string[]): { type: string; id: string; to: string }[] {
  return Object.entries(hub).flatMap(([id, { Type, Properties }]) => {
    const text = JSON.stringify(Properties);
    return ids.filter((to) => text.includes(`"Ref":"${to}"`) || text.includes(`"Fn::GetAtt":["${to}"`)).map((to) => ({ type: Type, id, to }));
  });
}

for (const [name, config] of Object.entries(CASES)) {
  test(`${name}: functions are invoked only through their alias`, () => {
    const { hub } = synth(config);
    const ids = functions(hub);
    assert.ok(ids.length >= 2);
    const found = refer(hub, ids).filter(({ type, id }) => {
      // These name the function, and the alias as its qualifier.
      if (['AWS::Lambda::Url', 'AWS::Lambda::EventInvokeConfig'].includes(type)) return hub[id]?.Properties.Qualifier !== 'live';
      const needed = ['AWS::Lambda::Version', 'AWS::Lambda::Alias'].includes(type) || /^(RolloutRole|AWSCDKTriggerCustomResourceProvider)/.test(id);
      return !needed;
    });
    assert.deepEqual(found, []);
  });

  test(`${name}: an alias moves to a version that has passed its self-check`, () => {
    const { hub } = synth(config);
    for (const id of functions(hub)) {
      const [alias, ...more] = Object.values(hub).filter(({ Type, Properties }) => Type === 'AWS::Lambda::Alias' && Properties.FunctionName.Ref === id);
      assert.ok(alias && more.length === 0, id);
      assert.equal(alias.Properties.Name, 'live');
      const version = alias.Properties.FunctionVersion['Fn::GetAtt'][0];
      assert.equal(hub[version]?.Properties.FunctionName.Ref, id);
      const checks = [alias.DependsOn ?? []].flat().map((waits) => hub[waits]).filter((waits) => waits?.Type === 'Custom::Trigger');
      assert.deepEqual(checks.map((check) => [check?.Properties.HandlerArn.Ref, check?.Properties.InvocationType]), [[version, 'RequestResponse']]);
      // With the role's rights, or it could not read its secrets.
      const waits = [hub[id]?.DependsOn ?? []].flat();
      assert.ok(waits.some((one) => hub[one]?.Type === 'AWS::IAM::Policy'), waits.join());
    }
  });
}

/** Logical ids of the self-checks. */
const selfChecks = (config: SightlineConfig, { hub } = synth(config)) => Object.entries(hub).filter(([, { Type }]) => Type === 'Custom::Trigger').map(([id]) => id);

test('a new version has a self-check of its own, which a rollback deletes', () => {
  const changed = selfChecks({ ...SMALL, siem: { ...SMALL.siem, index: 'other' } });
  assert.equal(changed.length, 3);
  assert.deepEqual(changed.filter((id) => selfChecks(SMALL).includes(id)), []);
  assert.deepEqual(selfChecks(SMALL, synthesize(SMALL)), selfChecks(SMALL));
});

for (const [name, config] of Object.entries(CASES)) {
  test(`${name}: self-checks run one after the other`, () => {
    const { hub } = synth(config);
    const waits = selfChecks(config).map((id) => [hub[id]?.DependsOn ?? []].flat().filter((on) => hub[on]?.Type === 'Custom::Trigger'));
    assert.deepEqual(waits, selfChecks(config).map((_, at, ids) => ids.slice(Math.max(at - 1, 0), at)));
  });
}

test('a canary rolls back on errors of the new version, regardless of the other alarms', () => {
  const { hub } = synth(SMALL);
  const aliases = Object.values(hub).filter(({ Type }) => Type === 'AWS::Lambda::Alias') as (Resources[string] & { UpdatePolicy: any })[];
  assert.equal(aliases.length, 3);
  for (const { UpdatePolicy, Properties, DependsOn } of aliases) {
    const { ApplicationName, DeploymentGroupName } = UpdatePolicy.CodeDeployLambdaAliasUpdate;
    assert.equal(shown(ApplicationName), '<RolloutApplication>');
    assert.ok([DependsOn].flat().includes(DeploymentGroupName.Ref), 'the group has the alarm of the new version before the alias moves');
    const group = hub[DeploymentGroupName.Ref]?.Properties;
    const { Enabled, Alarms: [watched, ...more] } = group.AlarmConfiguration;
    assert.deepEqual([Enabled, more], [true, []]);
    const name = hub[Properties.FunctionName.Ref]?.Properties.FunctionName;
    const { Period, EvaluationPeriods, Statistic, Threshold, ComparisonOperator, TreatMissingData, ...alarm } = hub[watched.Name.Ref]?.Properties;
    assert.deepEqual([Period, EvaluationPeriods, Statistic, ComparisonOperator, Threshold, TreatMissingData], [60, 1, 'Sum', 'GreaterThanThreshold', 0, 'notBreaching']);
    assert.deepEqual([alarm.Namespace, alarm.MetricName], ['AWS/Lambda', 'Errors']);
    assert.deepEqual(alarm.Dimensions, [
      { Name: 'FunctionName', Value: name }, { Name: 'Resource', Value: `${name}:live` }, { Name: 'ExecutedVersion', Value: Properties.FunctionVersion },
    ]);
    assert.ok(group.AutoRollbackConfiguration.Events.includes('DEPLOYMENT_STOP_ON_ALARM'));
    assert.equal(group.DeploymentConfigName, 'CodeDeployDefault.LambdaCanary10Percent5Minutes');
  }
});

test('the alarm of a new version has a new name and inherits no state', () => {
  const guards = (config: SightlineConfig) => ofType(synth(config).hub, ALARM).filter(isGuard).map(({ Properties }) => Properties.AlarmName as string);
  const changed = guards({ ...SMALL, siem: { ...SMALL.siem, index: 'other' } });
  assert.equal(changed.length, 3);
  assert.deepEqual(changed.filter((name) => guards(SMALL).includes(name)), []);
});

test('jobs use the ARN of the alias, the only function that their role can invoke', () => {
  const { hub, json } = synth(SMALL);
  const { BackfillFunction, BackfillRole } = json.Outputs;
  const rights = Object.values(hub).filter(({ Type, Properties }) => Type === 'AWS::IAM::Policy' && Properties.Roles[0].Ref === BackfillRole.Value['Fn::GetAtt'][0]);
  const invokes = rights.flatMap(({ Properties }) => Properties.PolicyDocument.Statement).filter(({ Action }) => Action === 'lambda:InvokeFunction');
  assert.deepEqual(invokes.map(({ Resource }) => Resource), [BackfillFunction.Value]);
});

const AT_ONCE: SightlineConfig = { ...SMALL, deployment: 'all-at-once' };

const SWITCHES: readonly Switch[] = [
  ['all at once: no deployment group', AT_ONCE, (hub) => Object.values(hub).filter(({ Type }) => Type.startsWith('AWS::CodeDeploy')).length, 0],
  ['all at once: no alarm on a version', AT_ONCE, (hub) => ofType(hub, ALARM).filter(isGuard).length, 0],
  ['all at once: no role', AT_ONCE, (hub) => ofType(hub, 'AWS::IAM::Role').filter(({ Properties }) => Properties.RoleName === 'sightline-deployment-role').length, 0],
  ['all at once: aliases move at once', AT_ONCE, (hub) => ofType(hub, 'AWS::Lambda::Alias').filter((alias) => 'UpdatePolicy' in alias).length, 0],
  ['all at once: self-checks stay', AT_ONCE, (hub) => ofType(hub, 'Custom::Trigger').length, 3],
  ['self-checks: the log group of their function is ours', SMALL, (hub) => {
    const id = Object.keys(hub).find((key) => key.startsWith('AWSCDKTriggerCustomResourceProviderCustomResourceProviderHandler')) ?? '';
    const [log] = ofType(hub, 'AWS::Logs::LogGroup').filter(({ Properties }) => JSON.stringify(Properties.LogGroupName).includes(id));
    return [log?.Properties.RetentionInDays, shown(log?.Properties.KmsKeyId), log?.DeletionPolicy];
  }, [30, '<Key>', 'Delete']],
  ['VPC: self-checks wait for every endpoint', CASES.organization as SightlineConfig, (hub) => {
    const endpoints = Object.keys(hub).filter((id) => hub[id]?.Type === 'AWS::EC2::VPCEndpoint');
    return endpoints.length > 0 && ofType(hub, 'Custom::Trigger').every(({ DependsOn }) => endpoints.every((id) => [DependsOn ?? []].flat().includes(id)));
  }, true],
  ['the function URL is the alias\'s', RELAY, (hub) => one(hub, 'AWS::Lambda::Url').Qualifier, 'live'],
  ['what may invoke the URL may invoke the alias alone', RELAY, (hub) => ofType(hub, 'AWS::Lambda::Permission').map(({ Properties }) => shown(Properties.FunctionName)), ['<firehoserelayLive>', '<firehoserelayLive>']],
  ['a previous version stays, and that of a failed deployment goes', SMALL, (hub) => resource(hub, 'AWS::Lambda::Version', 's3forwarder').DeletionPolicy, 'RetainExceptOnCreate'],
];

testSwitches(SWITCHES);
