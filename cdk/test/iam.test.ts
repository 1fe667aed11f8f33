import assert from 'node:assert/strict';
import test from 'node:test';
import { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { build } from '../lib/app';
import { SightlineConfig } from '../lib/config';
import { FLAGS } from '../lib/flags';
import { reasonFor, wildcards } from '../lib/nag-suppressions';
import { EXAMPLES } from './examples';
import { NO_BUNDLE, ofType, RELAY, Resources, synth } from './support';

const TOPIC: SightlineConfig = {
  ...EXAMPLES['existing-trail'],
  trail: { existing: { bucketName: 'acme-trail', logGroupName: 'acme/trail', topicArn: 'arn:aws:sns:eu-central-1:111122223333:acme' } },
} as SightlineConfig;

for (const [name, config] of Object.entries({ ...EXAMPLES, topic: TOPIC, relay: RELAY })) {
  test(`${name}: cdk-nag has no findings, and every wildcard has a reason`, () => {
    const app = new App({ context: FLAGS });
    const { hub, regionForwarders } = build(app, config, { bundle: NO_BUNDLE, checks: false });
    app.synth();
    for (const stack of [hub, ...regionForwarders]) {
      const report = new AwsSolutionsChecks(app).validateScope(stack);
      const found = report.violations.map((one) => `${one.ruleName} ${one.violatingResources.map(({ constructPath }) => constructPath)}`);
      assert.deepEqual(found, []);
      for (const node of stack.node.findAll()) {
        for (const finding of wildcards(node)) assert.ok(reasonFor(node, finding), `${node.node.path}: ${finding}`);
      }
    }
  });

  test(`${name}: no access from other accounts`, () => {
    const { hub, regionForwarders } = synth(config);
    for (const resources of [hub, ...regionForwarders]) {
      for (const { principal, statement, id } of statements(resources)) {
        if (statement.Effect !== 'Allow') continue;
        // The account itself, or a service on behalf of this account.
        const service = Object.hasOwn(principal, 'Service');
        if (service) assert.ok(guarded(statement), `${id}: ${JSON.stringify(statement)}`);
        else assert.doesNotMatch(JSON.stringify(principal), /"\*"/, id);
      }
      for (const { Properties } of ofType(resources, 'AWS::Events::EventBusPolicy')) assertOnlyRelays(Properties.Statement, config);
      for (const { Properties } of ofType(resources, 'AWS::Lambda::Permission')) {
        const relay = isFunction(resources, Properties.FunctionName, 'firehose-relay') && byUrl(Properties);
        const subscriber = isFunction(resources, Properties.FunctionName, 'subscription-forwarder') && byTrail(Properties);
        assert.ok(relay || subscriber, JSON.stringify(Properties));
      }
      for (const { Properties } of ofType(resources, 'AWS::Lambda::Url')) assert.ok(isFunction(resources, Properties.TargetFunctionArn, 'firehose-relay'), JSON.stringify(Properties));
    }
  });
}

/** Other accounts can put events only with the roles of region forwarders. */
function assertOnlyRelays({ Effect, Principal, Action, Condition }: any, { fast, name = 'sightline' }: SightlineConfig): void {
  assert.deepEqual([Effect, Action], ['Allow', 'events:PutEvents']);
  assert.deepEqual(Principal, { AWS: (fast?.accounts ?? []).map((account) => `arn:aws:iam::${account}:root`) });
  for (const role of Condition.ArnLike['aws:PrincipalArn']) assert.match(role, new RegExp(`^arn:aws:iam::(\\*|\\d{12}):role/${name}-relay-[a-z0-9-]+-role$`));
}

/** Whether a reference is to a function or its alias. */
function isFunction(resources: Resources, reference: any, name: string): boolean {
  const found = resources[reference.Ref ?? reference['Fn::GetAtt'][0]];
  if (found?.Type === 'AWS::Lambda::Alias') return isFunction(resources, found.Properties.FunctionName, name);
  return found?.Properties.FunctionName.endsWith(`-${name}`);
}

/** Whether only CloudWatch Logs can invoke, on behalf of one log group of this account. */
function byTrail({ Principal, SourceArn, SourceAccount }: any): boolean {
  return Principal === 'logs.amazonaws.com' && SourceAccount !== undefined && /log-group:[^*]+:\*"/.test(JSON.stringify(SourceArn));
}

test('Huntress: no principal outside the account can invoke or write', () => {
  const { hub, regionForwarders } = synth(EXAMPLES.huntress as SightlineConfig);
  for (const resources of [hub, ...regionForwarders]) {
    assert.deepEqual(ofType(resources, 'AWS::Lambda::Url'), []);
    for (const { Properties } of ofType(resources, 'AWS::Lambda::Permission')) assert.notEqual(Properties.Principal, '*');
    for (const { principal, statement, id } of statements(resources)) {
      // Every bucket and queue denies requests without TLS.
      if (statement.Effect === 'Allow') assert.doesNotMatch(JSON.stringify(principal), /"\*"/, id);
    }
  }
});

function byUrl({ FunctionUrlAuthType, InvokedViaFunctionUrl }: any): boolean {
  return FunctionUrlAuthType === 'NONE' || InvokedViaFunctionUrl === true;
}

/** Services that act on behalf of any account unless a condition restricts them. */
function guarded(statement: any): boolean {
  const trust = [statement.Action].flat().includes('sts:AssumeRole');
  // Roles that a principal of the account must pass.
  if (trust && ['lambda.amazonaws.com', 'batchoperations.s3.amazonaws.com', 'firehose.amazonaws.com', 'cloudtrail.amazonaws.com'].includes(statement.Principal.Service)) return true;
  // Its calls to KMS do not state the account; the policies of the queues do.
  if (statement.Principal.Service === 'events.amazonaws.com' && [statement.Action].flat().every((action: string) => action.startsWith('kms:'))) return true;
  return /aws:SourceArn|aws:SourceAccount|kms:EncryptionContext/.test(JSON.stringify(statement.Condition ?? {}));
}

function* statements(resources: Resources): Generator<{ id: string; principal: any; statement: any }> {
  for (const [id, { Properties }] of Object.entries(resources)) {
    const documents = [Properties?.PolicyDocument, Properties?.KeyPolicy, Properties?.AssumeRolePolicyDocument];
    for (const document of documents) {
      for (const statement of document?.Statement ?? []) {
        if (statement.Principal) yield { id, principal: statement.Principal, statement };
      }
    }
  }
}
