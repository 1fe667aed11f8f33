import assert from 'node:assert/strict';
import test from 'node:test';
import { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { build } from '../lib/app';
import { SightlineConfig } from '../lib/config';
import { FLAGS } from '../lib/flags';
import { reasonFor, wildcards } from '../lib/reasons';
import { EXAMPLES } from './examples';
import { NO_BUNDLE, ofType, Resources, synth } from './support';

const TOPIC: SightlineConfig = {
  ...EXAMPLES['existing-trail'],
  trail: { existing: { bucketName: 'acme-trail', logGroupName: 'acme/trail', topicArn: 'arn:aws:sns:eu-central-1:111122223333:acme' } },
} as SightlineConfig;

for (const [name, config] of Object.entries({ ...EXAMPLES, topic: TOPIC })) {
  test(`${name}: cdk-nag is content, and every wildcard has a reason`, () => {
    const app = new App({ context: FLAGS });
    const { hub, relays } = build(app, config, { bundle: NO_BUNDLE, checks: false });
    app.synth();
    for (const stack of [hub, ...relays]) {
      const report = new AwsSolutionsChecks(app).validateScope(stack);
      const found = report.violations.map((one) => `${one.ruleName} ${one.violatingResources.map(({ constructPath }) => constructPath)}`);
      assert.deepEqual(found, []);
      for (const node of stack.node.findAll()) {
        for (const finding of wildcards(node)) assert.ok(reasonFor(node, finding), `${node.node.path}: ${finding}`);
      }
    }
  });

  test(`${name}: nobody outside is let in`, () => {
    const { hub, relays } = synth(config);
    for (const resources of [hub, ...relays]) {
      for (const { principal, statement, id } of statements(resources)) {
        if (statement.Effect !== 'Allow') continue;
        // The account itself, or a service on behalf of this account.
        const service = Object.hasOwn(principal, 'Service');
        if (service) assert.ok(guarded(statement), `${id}: ${JSON.stringify(statement)}`);
        else assert.doesNotMatch(JSON.stringify(principal), /"\*"/, id);
      }
      for (const { Properties } of ofType(resources, 'AWS::Events::EventBusPolicy')) assertOnlyRelays(Properties.Statement, config);
      for (const { Properties } of ofType(resources, 'AWS::Lambda::Permission')) assert.ok(isRelay(resources, Properties.FunctionName) && byUrl(Properties), JSON.stringify(Properties));
      for (const { Properties } of ofType(resources, 'AWS::Lambda::Url')) assert.ok(isRelay(resources, Properties.TargetFunctionArn), JSON.stringify(Properties));
    }
  });
}

/** Other accounts put events by the roles of relays alone. */
function assertOnlyRelays({ Effect, Principal, Action, Condition }: any, { fast, name = 'sightline' }: SightlineConfig): void {
  assert.deepEqual([Effect, Action], ['Allow', 'events:PutEvents']);
  assert.deepEqual(Principal, { AWS: (fast?.accounts ?? []).map((account) => `arn:aws:iam::${account}:root`) });
  for (const role of Condition.ArnLike['aws:PrincipalArn']) assert.match(role, new RegExp(`^arn:aws:iam::(\\*|\\d{12}):role/${name}-relay-[a-z0-9-]+-role$`));
}

/** Whether a reference is to the one function that anybody may call: it asks for its key. */
function isRelay(resources: Resources, reference: any): boolean {
  const found = resources[reference.Ref ?? reference['Fn::GetAtt'][0]];
  if (found?.Type === 'AWS::Lambda::Alias') return isRelay(resources, found.Properties.FunctionName);
  return found?.Properties.FunctionName.endsWith('-firehose-relay');
}

function byUrl({ FunctionUrlAuthType, InvokedViaFunctionUrl }: any): boolean {
  return FunctionUrlAuthType === 'NONE' || InvokedViaFunctionUrl === true;
}

/** Services that act for whoever they act for, unless a condition says for whom. */
function guarded(statement: any): boolean {
  const trust = [statement.Action].flat().includes('sts:AssumeRole');
  // Roles that somebody of the account has to pass on.
  if (trust && ['lambda.amazonaws.com', 'batchoperations.s3.amazonaws.com', 'firehose.amazonaws.com', 'cloudtrail.amazonaws.com'].includes(statement.Principal.Service)) return true;
  // Its calls to KMS do not say for whom; the queues' own policies do.
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
