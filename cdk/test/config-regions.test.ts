import assert from 'node:assert/strict';
import test from 'node:test';
import { resolveConfig } from '../lib/config';
import { problems, refused, Wrong } from './problems';
import { EXISTING, HUNTRESS, RELAY, SMALL } from './support';

const { siem } = SMALL;
const existing = (more: object) => ({ ...EXISTING, trail: { existing: { bucketName: 'acme-trail', logGroupName: 'acme/trail', ...more } } });
const SECRET = (place: string, end = 'x-AbCdEf') => `arn:${place}:111122223333:secret:${end}`;
const REGION = /^region: "[^"]+" is not valid; use a Region of the partitions aws and aws-us-gov such as eu-west-1; China, isolated and sovereign Regions are not supported$/;
const SECRETLESS = /^siem\.secretArn: .* is not valid; use an ARN of the form arn:aws:secretsmanager:<region>:<account>:secret:<name>-AbCdEf, with the six characters/;
const VPC = {
  vpcId: 'vpc-0000000a', cidr: '10.0.0.0/16', subnetIds: ['subnet-0000000a', 'subnet-0000000b'], availabilityZones: ['eu-west-1a', 'eu-west-1b'],
};
const vpc = (more: object) => ({ ...SMALL, vpc: { ...VPC, ...more } });

const WRONG: readonly Wrong[] = [
  ...['cn-north-1', 'us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'eusc-de-east-1', 'xx-foo-9', 'eu-west-0', 'eu-west', 'EU-WEST-1'].map(
    (region): Wrong => [`the Region ${region}`, { ...SMALL, region }, REGION]),
  ['further Regions of China', { ...SMALL, regions: ['eu-west-1', 'cn-north-1'] }, /^regions\[1\]: "cn-north-1" is not valid; use a Region of the partitions aws and aws-us-gov such as eu-west-1/],
  ['Regions of another partition', { ...SMALL, regions: ['eu-west-1', 'us-gov-east-1'] }, /^regions: us-gov-east-1 is not in the partition of eu-west-1; use Regions of the partition aws$/],
  ['Regions of aws for a home Region in aws-us-gov', { ...SMALL, region: 'us-gov-west-1', regions: ['us-gov-west-1', 'us-east-1'] }, /^regions: us-east-1 is not in the partition of us-gov-west-1; use Regions of the partition aws-us-gov$/],
  ...['eu-south-2', 'ap-east-2', 'us-gov-west-1'].map((region): Wrong => [
    `the relay in ${region}`, { ...RELAY, region },
    new RegExp(`^region: Lambda has no function URLs in ${region}, and firehose-relay needs one; use another Region, stream\\.destination: splunk, or routes\\.stream: direct$`)]),
  // Secrets, keys, topics
  ['a secret of another Region', { ...SMALL, siem: { ...siem, secretArn: SECRET('aws:secretsmanager:us-east-1') } }, /^siem\.secretArn: is in us-east-1 of the partition aws; use an ARN that begins with arn:aws:secretsmanager:eu-west-1:$/],
  ['a secret of another partition', { ...SMALL, siem: { ...siem, secretArn: SECRET('aws-us-gov:secretsmanager:eu-west-1') } }, /^siem\.secretArn: is in eu-west-1 of the partition aws-us-gov;/],
  ['a part of the ARN of a secret', { ...SMALL, siem: { ...siem, secretArn: SECRET('aws:secretsmanager:eu-west-1', 'acme/hec') } }, SECRETLESS],
  ['a key in a secret', { ...SMALL, siem: { ...siem, secretArn: SECRET('aws:secretsmanager:eu-west-1', 'x-AbCdEf:hec_token') } }, SECRETLESS],
  ['a key and versions of a secret', { ...SMALL, siem: { ...siem, secretArn: SECRET('aws:secretsmanager:eu-west-1', 'x-AbCdEf:hec_token::') } }, SECRETLESS],
  ['a mask key of another Region', { ...SMALL, masking: { mode: 'hmac', keySecretArn: SECRET('aws:secretsmanager:us-east-1') } }, /^masking\.keySecretArn: is in us-east-1 of the partition aws;/],
  ['a part of the ARN of a mask key', { ...SMALL, masking: { mode: 'hmac', keySecretArn: SECRET('aws:secretsmanager:eu-west-1', 'mask') } }, /^masking\.keySecretArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:mask" is not valid;/],
  ['the alias of a key', existing({ keyArn: 'arn:aws:kms:eu-west-1:111122223333:alias/trail' }), /^trail\.existing\.keyArn: "arn:aws:kms:eu-west-1:111122223333:alias\/trail" is not valid; use an ARN of the form arn:aws:kms:<region>:<account>:key\/<id>, not the ARN of an alias$/],
  ['the alias of the key of a secret', { ...SMALL, siem: { ...siem, secretArn: SECRET('aws:secretsmanager:eu-west-1'), secretKeyArn: 'arn:aws:kms:eu-west-1:111122223333:alias/a' } }, /^siem\.secretKeyArn: "arn:aws:kms:eu-west-1:111122223333:alias\/a" is not valid; use an ARN of the form arn:aws:kms:<region>:<account>:key\/<id>, not the ARN of an alias$/],
  ['a key of another Region', existing({ keyArn: 'arn:aws:kms:us-east-1:111122223333:key/0a1b' }), /^trail\.existing\.keyArn: is in us-east-1 of the partition aws; use an ARN that begins with arn:aws:kms:eu-west-1:$/],
  ['a topic of another Region', existing({ topicArn: 'arn:aws:sns:us-east-1:111122223333:acme' }), /^trail\.existing\.topicArn: is in us-east-1 of the partition aws;/],
  ['a FIFO topic', existing({ topicArn: 'arn:aws:sns:eu-west-1:111122223333:acme.fifo' }), /^trail\.existing\.topicArn: "arn:aws:sns:eu-west-1:111122223333:acme\.fifo" is not valid; use an ARN of the form arn:aws:sns:<region>:<account>:<topic>/],
  // Networks
  ...['999.0.0.0/99', '10.0.0.0/8', '10.0.0.0/29', '10.0.0/16', '10.0.0.0', '10.0.0.0/016', '10.0.0.256/16', '10.0.0.0/16/16'].map(
    (cidr): Wrong => [`the CIDR block ${cidr}`, vpc({ cidr }), /^vpc\.cidr: "[^"]*" is not valid; use a CIDR block from \/16 to \/28 such as 10\.0\.0\.0\/16$/]),
  ['zones of another Region', vpc({ availabilityZones: ['eu-west-1a', 'us-east-1b'] }), /^vpc\.availabilityZones: us-east-1b is not in eu-west-1; use zones such as eu-west-1a$/],
  ['an id that is not valid', vpc({ subnetIds: ['subnet-0a', 'subnet-0000000b'] }), /^vpc\.subnetIds\[0\]: "subnet-0a" is not valid; use the id of a subnet: subnet- and 8 or 17 hexadecimal digits$/],
  ['route tables for other subnets', vpc({ routeTableIds: ['rtb-0000000a'], endpoints: { s3: 'create' } }), /^vpc\.routeTableIds: has 1 elements for 2 subnets; use one for each subnet$/],
  ['a gateway endpoint on no route table', vpc({ endpoints: { s3: 'create' } }), /^vpc\.routeTableIds: missing, but the gateway endpoint to S3 is created for route tables; use one for each subnet, or vpc\.endpoints\.s3: existing$/],
  ['route tables for no endpoint', vpc({ routeTableIds: ['rtb-0000000a', 'rtb-0000000b'], endpoints: { s3: 'existing' } }), /^vpc\.routeTableIds: is set, but no gateway endpoint to S3 is created;/],
  ['security groups of no endpoint', vpc({ endpoints: { sqs: 'create', securityGroupIds: ['sg-0000000a'] } }), /^vpc\.endpoints\.securityGroupIds: is set, but no interface endpoint is existing; remove it, or use existing for one of secretsManager, sqs, firehose$/],
  ['endpoints without a word for each', vpc({ endpoints: true }), /^vpc\.endpoints: true is not valid; use an object with s3, secretsManager, sqs, firehose, securityGroupIds$/],
  ['a subnet twice', vpc({ subnetIds: ['subnet-0000000a', 'subnet-0000000a'] }), /^vpc\.subnetIds: contains "subnet-0000000a" twice;/],
  ['more subnets than a function can have', vpc({ subnetIds: Array.from({ length: 17 }, (_, at) => `subnet-${String(at).padStart(8, '0')}`), availabilityZones: Array.from({ length: 17 }, () => 'eu-west-1a') }),
    /^vpc\.subnetIds: has 17 elements; use at most 16/],
];

refused(WRONG);

test('resources in the right Region and partition are accepted', () => {
  const gov = { ...SMALL, region: 'us-gov-east-1' };
  assert.deepEqual(problems({ ...gov, siem: { ...siem, secretArn: SECRET('aws-us-gov:secretsmanager:us-gov-east-1', 'acme/hec-AbC123') } }), []);
  assert.deepEqual(problems(existing({ keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef', topicArn: 'arn:aws:sns:eu-west-1:111122223333:acme' })), []);
  for (const region of ['ap-southeast-2', 'mx-central-1', 'il-central-1', 'ap-northeast-3']) assert.deepEqual(problems({ ...SMALL, region }), [], region);
  for (const stream of [false, 'direct'] as const) assert.deepEqual(problems({ ...HUNTRESS, region: 'eu-south-2', routes: { stream } }), []);
  assert.deepEqual(resolveConfig(gov).regions, ['us-gov-east-1', 'us-gov-west-1']);
});

test('subnets may share a zone and a route table', () => {
  assert.deepEqual(problems(vpc({ availabilityZones: ['eu-west-1a', 'eu-west-1a'], routeTableIds: ['rtb-0000000a', 'rtb-0000000a'], endpoints: { s3: 'create' } })), []);
  assert.deepEqual(problems(vpc({ endpoints: { s3: 'existing', sqs: 'existing', firehose: 'create', securityGroupIds: ['sg-0000000a'] } })), []);
});
