import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { App, Aws, Lazy, Token } from 'aws-cdk-lib';
import { NAMESPACE } from '../lib/alarms/spec';
import { alarmNames, alarmSpecs } from '../lib/alarms';
import { build } from '../lib/app';
import { resolveConfig, SightlineConfig } from '../lib/config';
import { FLAGS } from '../lib/flags';
import { fastEventsOf } from '../lib/detection/fast-events';
import { isReference, Names } from '../lib/names';
import { EXAMPLES } from './examples';
import { isGuard } from './switches/watched-metrics';
import { NO_BUNDLE, ofType, one, SMALL, synth } from './support';
import metrics from '../../schema/metrics.json';
import protectedResources from '../../schema/protected_resources.json';
import settings from '../../schema/settings.json';

const CASES = Object.entries(EXAMPLES).map(([name, config]) => [name, { account: '111122223333', ...config }] as const);

function namesOf(config: SightlineConfig): Names {
  return new Names(resolveConfig(config), config.account ?? Aws.ACCOUNT_ID);
}

test('references are recognized as the CDK library recognizes them', () => {
  const texts = [Aws.ACCOUNT_ID, `sightline-archive-${Aws.ACCOUNT_ID}`, Lazy.string({ produce: () => 'x' }), 'sightline', '${Token}', ''];
  assert.deepEqual(texts.map(isReference), texts.map((text) => Token.isUnresolved(text)));
});

/** Metrics and dimensions that the functions publish. */
const PUBLISHED = new Map(metrics.metrics.map(({ name, dimensions }) => [name, dimensions]));

test('alarms use metrics that the functions publish', () => {
  for (const [, config] of CASES) {
    const names = namesOf(config);
    const functions = names.functions.map((name) => names.of(name));
    const watched = alarmSpecs(names, fastEventsOf(names.config).ruleNames).flatMap((spec) => (spec.math ? Object.values(spec.math.metrics) : [spec]));
    const own = watched.filter(({ namespace }) => namespace === NAMESPACE);
    assert.ok(own.length > 0);
    for (const { metric, dimensions } of own) {
      assert.deepEqual(Object.keys(dimensions), PUBLISHED.get(metric), metric);
      assert.ok(functions.includes(dimensions.Function ?? ''));
    }
  }
});

test('environments contain known settings only', () => {
  const known = settings.settings.map(({ name }) => name);
  for (const [, config] of CASES) {
    const functions = ofType(synth(config).hub, 'AWS::Lambda::Function').filter(({ Properties }) => Properties.FunctionName);
    assert.ok(functions.length >= 3);
    for (const { Properties } of functions) {
      const variables: Record<string, unknown> = Properties.Environment.Variables;
      for (const name of Object.keys(variables)) assert.ok(known.includes(name), name);
      assert.ok(JSON.stringify(variables).length < 4_096);
    }
  }
});

/** Types of protected resources: how their names are found, and their key. */
const NAMED: readonly [string, string, string][] = [
  ['AWS::S3::Bucket', 'BucketName', 'log_buckets'],
  ['AWS::Logs::LogGroup', 'LogGroupName', 'log_groups'],
  ['AWS::Lambda::Function', 'FunctionName', 'lambda_functions'],
  ['AWS::KinesisFirehose::DeliveryStream', 'DeliveryStreamName', 'firehose_streams'],
  ['AWS::SQS::Queue', 'QueueName', 'sqs_queues'],
  ['AWS::SNS::Topic', 'TopicName', 'sns_topics'],
  ['AWS::Events::Rule', 'Name', 'eventbridge_rules'],
  ['AWS::SecretsManager::Secret', 'Name', 'secrets'],
  ['AWS::Logs::SubscriptionFilter', 'FilterName', 'subscription_filters'],
  ['AWS::Logs::MetricFilter', 'FilterName', 'metric_filters'],
  ['AWS::IAM::Role', 'RoleName', 'iam_roles'],
  ['AWS::CloudWatch::Alarm', 'AlarmName', 'alarms'],
  ['AWS::CloudWatch::CompositeAlarm', 'AlarmName', 'alarms'],
  ['AWS::CodeDeploy::Application', 'ApplicationName', 'codedeploy_applications'],
];

function own(config: SightlineConfig): Record<string, string[]> {
  const names = namesOf(config);
  const rules = fastEventsOf(resolveConfig(config)).ruleNames;
  return names.protectedResources(rules, alarmNames(names, rules)).known as Record<string, string[]>;
}

for (const [name, config] of CASES) {
  test(`${name}: every created resource is a protected resource`, () => {
    const { hub, regionForwarders } = synth(config);
    const known = own(config);
    for (const resources of [hub, ...regionForwarders]) {
      for (const [type, property, key] of NAMED) {
        // Their names have a hash of the function's package, which contains the names of protected resources.
        for (const { Properties } of ofType(resources, type).filter((one) => !isGuard(one))) {
          // The library's helper for notifications of an existing bucket has no name and is not protected.
          if (typeof Properties[property] === 'string') assert.ok(known[key]?.includes(Properties[property]), `${key} lacks ${JSON.stringify(Properties[property])}`);
        }
      }
    }
  });
}

test('adopted resources and those that the user adds are protected resources', () => {
  const config = { ...EXAMPLES['existing-trail'], own: { kms_key_ids: ['0a1b'], dynamodb_tables: ['mine'] } } as SightlineConfig;
  const known = own(config);
  assert.ok(known.log_buckets?.includes('acme-trail') && known.log_groups?.includes('acme/trail'));
  assert.deepEqual(known.kms_key_ids, ['arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-1111-2222-3333-444455556666', '0a1b']);
  assert.deepEqual(known.dynamodb_tables, ['mine']);
});

test('protected resources have the keys that the functions know', () => {
  for (const [, config] of CASES) for (const key of Object.keys(own(config))) assert.ok(protectedResources.lists.includes(key), key);
});

test('names that are known only at deployment are in the environment', () => {
  const { account: _, ...anywhere } = SMALL;
  for (const config of [SMALL, anywhere]) {
    const { hub } = synth(config);
    for (const name of ['firehose-transform', 'event-forwarder', 's3-forwarder']) {
      const text = JSON.stringify(one(hub, 'AWS::Lambda::Function', ({ FunctionName }) => FunctionName?.endsWith(name)).Environment.Variables.OWN_RESOURCES);
      assert.match(text, /\{\\"include\\":\\"own-resources\.json\\"/);
      const keys = /kms_key_ids\\":\[.*?\]/.exec(text)?.[0] ?? '';
      assert.ok(keys.includes('{"Ref":"Key') && keys.includes('{"Ref":"TrailKey'), text);
      assert.equal(text.includes('sightline-archive-'), config === anywhere, 'a bucket has the account in its name');
    }
  }
});

test('functions that evaluate rules have the others in their package', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'sightline-test-'));
  const app = new App({ outdir, context: FLAGS });
  build(app, SMALL, { bundle: NO_BUNDLE, checks: false });
  const assembly = app.synth();
  const assets = JSON.parse(readFileSync(join(outdir, `${assembly.stacks[0]?.stackName}.assets.json`), 'utf8')) as { files: Record<string, { source: { path: string } }> };
  const folders = Object.values(assets.files).map(({ source }) => source.path).filter((path) => existsSync(join(outdir, path, 'bootstrap')));
  // Three functions with the same stub and the same names are one package.
  const packaged = folders.map((folder) => JSON.parse(readFileSync(join(outdir, folder, 'own-resources.json'), 'utf8')) as unknown);
  assert.deepEqual(packaged, [own(SMALL)]);
});
