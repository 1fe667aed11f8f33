import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SightlineConfig } from '../../lib/config';
import { EXISTING, RELAY, Resources, SMALL } from '../support';
import { bucket, fn, testSwitches, ofType, one, ORGANIZATION, shown, Switch, text, variables } from './read';

const RULES = mkdtempSync(join(tmpdir(), 'sightline-rules-'));
writeFileSync(join(RULES, 'mine.yml'), 'title: Mine\ndetection:\n  s:\n    eventSource: athena.amazonaws.com\n  condition: s\n');

/** Every option that reaches a function. */
const CHOICES: SightlineConfig = {
  ...EXISTING,
  routes: { stream: 'firehose' },
  stream: { relayConcurrency: 'unbounded' },
  masking: { mode: 'sha256', scope: 'keys', fields: ['userName', 'accessKeyId'] },
  networks: { 'corp-vpn': ['198.51.100.0/24', '2001:db8:1::/48'], office: ['203.0.113.0/28'] },
  eventNames: ['iam:CreateUser', 'StopLogging'],
  eventCategories: ['Management', 'Data'],
  rulesDir: RULES,
  siem: { profile: 'generic', url: 'https://hec.siem.example/x', index: 'aws', sourceType: 'acme:trail', annotate: 'event', batch: 'array', maxBytes: 500_000 },
};

const { stream: _, ...withoutStream } = CHOICES;
const DIRECT_CHOICES: SightlineConfig = { ...withoutStream, routes: { stream: 'direct' } };

/** A collector with the other protocol. */
const LOGS: SightlineConfig = { ...SMALL, siem: { profile: 'generic', sink: 'logs', url: 'https://otel.acme.example', organizationId: 'acme' } };

const WITH_RULES = ['firehose-transform', 'event-forwarder', 's3-forwarder'];
const SENDERS = ['firehose-relay', 'event-forwarder', 's3-forwarder'];

/** The value of a setting in all functions; reports functions that differ. */
function setting(hub: Resources, name: string, functions: readonly string[]): unknown {
  const values = new Set(functions.map((one) => variables(hub, one)[name]));
  return values.size === 1 ? [...values][0] : [...values];
}

const forRules = (name: string, value: unknown): Switch => [`settings: ${name} reaches every function that evaluates rules`, CHOICES, (hub) => setting(hub, name, WITH_RULES), value];
const forSenders = (name: string, value: unknown): Switch => [`settings: ${name} reaches every function that sends`, CHOICES, (hub) => setting(hub, name, SENDERS), value];

/** Two subnets in one zone, with one route table. */
const SHARED: SightlineConfig = {
  ...SMALL,
  vpc: {
    vpcId: 'vpc-0000000a', cidr: '10.0.0.0/16', subnetIds: ['subnet-0000000a', 'subnet-0000000b'], availabilityZones: ['eu-west-1a', 'eu-west-1a'], routeTableIds: ['rtb-0000000a', 'rtb-0000000a'],
    endpoints: { s3: 'create', secretsManager: 'create', sqs: 'create', firehose: 'create' },
  },
};

const SWITCHES: readonly Switch[] = [
  ['secrets: created empty', SMALL, (hub) => { const secret = one(hub, 'AWS::SecretsManager::Secret'); return [secret.SecretString, secret.GenerateSecretString]; }, [undefined, undefined]],
  // A changed property would generate another key, and so other pseudonyms under the same key id.
  ['secrets: the mask key is generated', ORGANIZATION, (hub) => one(hub, 'AWS::SecretsManager::Secret', ({ Name }) => Name.endsWith('mask-key')).GenerateSecretString,
    { SecretStringTemplate: '{"key_id":"k1"}', GenerateStringKey: 'key', PasswordLength: 64, ExcludePunctuation: true }],
  ['secrets: the relay\'s access key is generated', RELAY, (hub) => one(hub, 'AWS::SecretsManager::Secret', ({ Name }) => Name.endsWith('relay-key')).GenerateSecretString,
    { SecretStringTemplate: '{}', GenerateStringKey: 'api_key', PasswordLength: 48, ExcludePunctuation: true }],
  ['secrets: encrypted', ORGANIZATION, (hub) => ofType(hub, 'AWS::SecretsManager::Secret').every(({ Properties }) => Properties.KmsKeyId), true],
  ['secrets: the mask key reaches every function that masks', ORGANIZATION, (hub) => ['firehose-transform', 'event-forwarder', 's3-forwarder'].every((name) => fn(hub, name).Environment.Variables.MASK_MODE === 'hmac' && fn(hub, name).Environment.Variables.MASK_KEY_SECRET), true],
  ['dead letters: kept for months', SMALL, (hub) => bucket(hub, 'dead-letters').LifecycleConfiguration.Rules[0].ExpirationInDays, 90],
  ['dead letters: every forwarder has them', SMALL, (hub) => ['event-forwarder', 's3-forwarder'].every((name) => fn(hub, name).Environment.Variables.DLQ_BUCKET), true],
  ['functions: Amazon Linux 2023', SMALL, (hub) => new Set(ofType(hub, 'AWS::Lambda::Function').filter(({ Properties }) => Properties.FunctionName).map(({ Properties }) => `${Properties.Runtime} ${Properties.Architectures}`)), new Set(['provided.al2023 x86_64'])],
  ['functions: only s3-forwarder may continue in a loop', ORGANIZATION,
    (hub) => ofType(hub, 'AWS::Lambda::Function').filter(({ Properties }) => Properties.RecursiveLoop !== undefined).map(({ Properties }) => `${Properties.FunctionName} ${Properties.RecursiveLoop}`),
    ['acme-sightline-s3-forwarder Allow']],
  ['functions: in the VPC', ORGANIZATION, (hub) => fn(hub, 's3-forwarder').VpcConfig.SubnetIds.length, 2],
  ['VPC: missing endpoints are created', ORGANIZATION, (hub) => ofType(hub, 'AWS::EC2::VPCEndpoint').map(({ Properties }) => text(Properties.ServiceName).match(/(?<=\.)(s3|secretsmanager|sqs|kinesis-firehose)/)?.[0]), ['s3', 'secretsmanager', 'kinesis-firehose']],
  ['VPC: existing endpoints admit the functions', ORGANIZATION,
    (hub) => ofType(hub, 'AWS::EC2::SecurityGroupIngress').filter(({ Properties }) => Properties.GroupId === 'sg-0123456789abcdef0').map(({ Properties }) => [Properties.FromPort, Properties.ToPort, shown(Properties.SourceSecurityGroupId)]),
    [[443, 443, '<NetworkFunctions>']]],
  ['VPC: no endpoint by default', { ...SHARED, vpc: { ...SHARED.vpc, endpoints: undefined, routeTableIds: undefined } } as SightlineConfig, (hub) => ofType(hub, 'AWS::EC2::VPCEndpoint').length, 0],
  ['VPC: existing endpoints are not created', { ...SHARED, vpc: { ...SHARED.vpc, endpoints: { s3: 'existing', secretsManager: 'existing', sqs: 'existing', firehose: 'existing' }, routeTableIds: undefined } } as SightlineConfig,
    (hub) => ofType(hub, 'AWS::EC2::VPCEndpoint').length, 0],
  ['forwarders: acknowledgments', SMALL, (hub) => ['event-forwarder', 's3-forwarder'].map((name) => fn(hub, name).Environment.Variables.HEC_ACKS), ['on', 'on']],
  ['VPC: the collector\'s port is open', ORGANIZATION, (hub) => one(hub, 'AWS::EC2::SecurityGroup', ({ GroupDescription }) => GroupDescription === 'Sightline functions').SecurityGroupEgress.map(({ FromPort, ToPort }: any) => [FromPort, ToPort]), [[443, 443], [8088, 8088]]],
  ['secrets: the mask key is retained with the key that encrypts it', ORGANIZATION,
    (hub) => Object.entries(hub).filter(([id]) => id.startsWith('MaskKey') && !id.includes('Alias')).map(([, { Type, DeletionPolicy }]) => `${Type} ${DeletionPolicy}`),
    ['AWS::KMS::Key RetainExceptOnCreate', 'AWS::SecretsManager::Secret RetainExceptOnCreate']],
  ['secrets: an adopted mask key needs no additional KMS key', { ...SMALL, masking: { mode: 'hmac', keySecretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:acme/mask-AbCdEf' } }, (hub) => ofType(hub, 'AWS::KMS::Key').length, 2],
  ['functions: a limit for the relay\'s public URL', { ...RELAY, stream: { relayConcurrency: 50 } }, (hub) => fn(hub, 'firehose-relay').ReservedConcurrentExecutions, 50],
  ['functions: reserved concurrency only for the relay', { ...RELAY, stream: { relayConcurrency: 50 } },
    (hub) => ofType(hub, 'AWS::Lambda::Function').filter(({ Properties }) => Properties.ReservedConcurrentExecutions !== undefined).map(({ Properties }) => Properties.FunctionName).filter((name) => name !== 'sightline-firehose-relay'), []],
  ['functions: a configured reservation', { ...SMALL, reservedConcurrency: { 'firehose-transform': 20 } },
    (hub) => [fn(hub, 'firehose-transform').ReservedConcurrentExecutions, fn(hub, 's3-forwarder').ReservedConcurrentExecutions], [20, undefined]],
  ['functions: no reserved concurrency with destination Splunk', SMALL, (hub) => ofType(hub, 'AWS::Lambda::Function').every(({ Properties }) => Properties.ReservedConcurrentExecutions === undefined), true],
  forRules('MASK_MODE', 'sha256'),
  forRules('MASK_SCOPE', 'keys'),
  forRules('MASK_FIELDS', 'userName,accessKeyId'),
  forRules('NETWORKS', 'corp-vpn=198.51.100.0/24,corp-vpn=2001:db8:1::/48,office=203.0.113.0/28'),
  forRules('EVENT_NAMES', 'iam:CreateUser,StopLogging'),
  forRules('EVENT_CATEGORIES', 'Management,Data'),
  forRules('RULES_DIR', 'rules'),
  forRules('HEC_PROFILE', 'generic'),
  forRules('HEC_INDEX', 'aws'),
  forRules('SOURCE_TYPE', 'acme:trail'),
  forRules('ANNOTATE', 'event'),
  forSenders('HEC_URL', 'https://hec.siem.example/x'),
  forSenders('HEC_BATCH', 'array'),
  forSenders('HEC_MAX_BYTES', '500000'),
  forSenders('HEC_PROFILE', 'generic'),
  ['settings: an unbounded relay reserves nothing', RELAY, (hub) => fn(hub, 'firehose-relay').ReservedConcurrentExecutions, undefined],
  ['settings: subscription-forwarder has those of event-forwarder', DIRECT_CHOICES, (hub) => shown(variables(hub, 'subscription-forwarder')) === shown(variables(hub, 'event-forwarder')), true],
  ['settings: every option reaches the forwarders', DIRECT_CHOICES, (hub) => setting(hub, 'MASK_FIELDS', ['subscription-forwarder', 'event-forwarder', 's3-forwarder']), 'userName,accessKeyId'],
  ['settings: sink logs', LOGS, (hub) => ['SINK', 'LOGS_URL', 'LOGS_ORG_ID', 'HEC_URL'].map((name) => setting(hub, name, ['subscription-forwarder', 'event-forwarder', 's3-forwarder'])),
    ['logs', 'https://otel.acme.example', 'acme', undefined]],
  ['settings: HEC_CA_FILE reaches every function that sends', { ...RELAY, siem: { ...RELAY.siem, caFile: join(RULES, 'mine.yml') } }, (hub) => [setting(hub, 'HEC_CA_FILE', SENDERS), setting(hub, 'HEC_CA_FILE', ['firehose-transform'])], ['ca.pem', undefined]],
  ['settings: protected resources reach every function that evaluates rules', SMALL, (hub) => WITH_RULES.every((name) => text(variables(hub, name).OWN_RESOURCES).includes('own-resources.json')), true],
  ['settings: a configured scope', ORGANIZATION, (hub) => [setting(hub, 'MASK_SCOPE', WITH_RULES), setting(hub, 'MASK_FIELDS', WITH_RULES)], ['record', 'sourceIPAddress,userName']],
  ['settings: curated names', { ...SMALL, eventNames: 'curated' }, (hub) => setting(hub, 'EVENT_NAMES', WITH_RULES), 'curated'],
  ['settings: functions read the created secrets', ORGANIZATION,
    (hub) => [...WITH_RULES.map((name) => shown(variables(hub, name).MASK_KEY_SECRET)), ...['event-forwarder', 's3-forwarder'].map((name) => shown(variables(hub, name).SECRET_NAME))],
    ['<MaskKey>', '<MaskKey>', '<MaskKey>', '<Token>', '<Token>']],
  ['VPC: the functions have no other egress', ORGANIZATION,
    (hub) => one(hub, 'AWS::EC2::SecurityGroup', ({ GroupDescription }) => GroupDescription === 'Sightline functions').SecurityGroupEgress.map(({ CidrIp, IpProtocol }: any) => `${IpProtocol} ${CidrIp}`),
    ['tcp 0.0.0.0/0', 'tcp 0.0.0.0/0']],
  ['VPC: every function has the security group', ORGANIZATION, (hub) => WITH_RULES.every((name) => fn(hub, name).VpcConfig.SecurityGroupIds.length === 1), true],
  ['VPC: a route table that subnets share is named once', SHARED, (hub) => one(hub, 'AWS::EC2::VPCEndpoint', ({ VpcEndpointType }) => VpcEndpointType === 'Gateway').RouteTableIds, ['rtb-0000000a']],
  ['VPC: an endpoint has one subnet per zone', SHARED, (hub) => ofType(hub, 'AWS::EC2::VPCEndpoint').flatMap(({ Properties }) => (Properties.SubnetIds ? [Properties.SubnetIds.length] : [])), [1, 1, 1]],
];

testSwitches(SWITCHES);
