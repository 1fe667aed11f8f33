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
  const { hub, relays } = built({ ...SMALL, ...config });
  return [hub, ...relays].map(({ stackName }) => stackName);
}

test('the stacks of two names have nothing in common', () => {
  assert.deepEqual(stacks({}), ['Sightline', 'Sightline-Relay-us-east-1']);
  const names = ['prod1', 'prod-1', 'prod', 'prod-us-east-1', 'prod-relay'].flatMap((name) => stacks({ name, regions: ['eu-west-1', 'us-east-1'] }));
  assert.equal(new Set(names).size, names.length, names.join());
});

test('relays wait for the hub, whose rules they would hand events to', () => {
  for (const config of [SMALL, organization]) {
    const { hub, relays } = built(config);
    for (const relay of relays) assert.ok(relay.dependencies.includes(hub), relay.stackName);
  }
});

test('a property that CloudFormation would refuse stops synthesis', () => {
  const app = new App({ context: FLAGS });
  const { hub } = build(app, SMALL, { bundle: NO_BUNDLE, checks: false });
  const rule = hub.node.findAll().find((node) => node instanceof CfnRule);
  rule?.addPropertyOverride('Targets.0.RetryPolicy.MaximumRetryAttempts', 186);
  assert.throws(() => app.synth(), /Validation failed/);
});
