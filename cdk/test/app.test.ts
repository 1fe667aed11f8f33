import assert from 'node:assert/strict';
import test from 'node:test';
import { App } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import organization from '../examples/organization';
import { build } from '../lib/app';
import { FLAGS } from '../lib/flags';
import { built, NO_BUNDLE, SMALL } from './support';

/** Names of the stacks of a configuration. */
function stacks(config: object): string[] {
  const { hub, regionForwarders } = built({ ...SMALL, ...config });
  return [hub, ...regionForwarders].map(({ stackName }) => stackName);
}

test('deployments with different names share no stack name', () => {
  assert.deepEqual(stacks({}), ['Sightline', 'Sightline-Relay-us-east-1']);
  const names = ['prod1', 'prod-1', 'prod', 'prod-us-east-1', 'prod-relay'].flatMap((name) => stacks({ name, regions: ['eu-west-1', 'us-east-1'] }));
  assert.equal(new Set(names).size, names.length, names.join());
});

test('region forwarders are created after the hub, to whose rules they send events', () => {
  for (const config of [SMALL, organization]) {
    const { hub, regionForwarders } = built(config);
    for (const forwarder of regionForwarders) assert.ok(forwarder.dependencies.includes(hub), forwarder.stackName);
  }
});

test('a property that CloudFormation would reject stops synthesis', () => {
  const app = new App({ context: FLAGS });
  const { hub } = build(app, SMALL, { bundle: NO_BUNDLE, checks: false });
  const rule = hub.node.findAll().find((node) => node instanceof CfnRule);
  rule?.addPropertyOverride('Targets.0.RetryPolicy.MaximumRetryAttempts', 186);
  assert.throws(() => app.synth(), /Validation failed/);
});
