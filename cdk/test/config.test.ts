import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { settle } from '../lib/config';
import { problems, refused, Wrong } from './problems';
import { EXISTING, HUNTRESS, RELAY, SMALL } from './support';

const siem = SMALL.siem;
const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x-AbCdEf';
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/0a1b';

const PRIVATE_KEY = join(mkdtempSync(join(tmpdir(), 'sightline-key-')), 'key.pem');
writeFileSync(PRIVATE_KEY, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n');

const WRONG: readonly Wrong[] = [
  ['nothing', {}, /^region is missing; accepted: a Region of the partitions aws and aws-us-gov such as eu-west-1; /],
  ['no object', 'eu-west-1', /^the configuration is "eu-west-1"; accepted: an object with name, account/],
  ['an unknown key', { ...SMALL, regoins: ['eu-west-1'] }, /^regoins is no key; accepted: name, account, region, /],
  ['a key of every object', { ...SMALL, constructor: 1 }, /^constructor is no key/],
  ['no Object Lock days', { ...SMALL, trail: {} }, /^trail\.objectLockDays is missing; accepted: a whole number from 1 to 36500$/],
  ['Object Lock of no days', { ...SMALL, trail: { objectLockDays: 0 } }, /^trail\.objectLockDays is 0; accepted: a whole number from 1/],
  ['expiry within the lock', { ...SMALL, trail: { objectLockDays: 30, expireDays: 7 } }, /^trail\.expireDays is 7, less than objectLockDays/],
  ['a bad organisation', { ...SMALL, trail: { objectLockDays: 1, organizationId: 'acme' } }, /^trail\.organizationId is "acme"; accepted: the id of an organisation/],
  ['a log group kept for a period that is none', { ...SMALL, trail: { objectLockDays: 1, logDays: 31 } }, /^trail\.logDays is 31; accepted: one of 1, 3, 5/],
  ['a stream without a log group', { ...SMALL, trail: { existing: { bucketName: 'acme-trail' } } }, /^trail\.existing\.logGroupName is missing, and the stream route reads it/],
  ['acks with huntress', { ...HUNTRESS, siem: { ...HUNTRESS.siem, acks: true } }, /^siem\.acks is true with profile huntress.*accepted: false/],
  ['an index with huntress', { ...HUNTRESS, siem: { ...HUNTRESS.siem, index: 'main' } }, /^siem\.index is set with profile huntress/],
  ['fields with huntress', { ...HUNTRESS, siem: { ...HUNTRESS.siem, annotate: 'fields' } }, /^siem\.annotate is fields with profile huntress/],
  ['certificate authorities that are not a file', { ...HUNTRESS, siem: { ...HUNTRESS.siem, caFile: '/no/such.pem' } }, /^siem\.caFile is "\/no\/such\.pem", which is not a file; accepted: a PEM file$/],
  ['a private key among certificate authorities', { ...HUNTRESS, siem: { ...HUNTRESS.siem, caFile: PRIVATE_KEY } }, /^siem\.caFile is ".*", which holds a private key; accepted: a PEM file$/],
  ['the whole address of sink logs', { ...SMALL, siem: { profile: 'generic', sink: 'logs', url: 'https://logs.siem.example/api/v1/logs/' } }, /^siem\.url ends in \/v1\/logs, which is added to it; accepted: the address before \/v1\/logs$/],
  ['certificate authorities of Firehose', { ...SMALL, siem: { ...siem, caFile: 'ca.pem' } }, /^siem\.caFile is set, and Firehose, which delivers to siem\.url, cannot use it/],
  ['http', { ...SMALL, siem: { ...siem, url: 'http://hec.siem.example' } }, /^siem\.url is a URL with http:\/\/; accepted: an https URL/],
  ['a token in the address', { ...SMALL, siem: { ...siem, url: 'https://token@hec.siem.example' } }, /^siem\.url has a user name or a password in it; accepted: .*without a user name/],
  ['a path where Firehose appends one', { ...SMALL, siem: { ...siem, url: 'https://hec.siem.example/services/collector' } }, /^siem\.url has the path \/services\/collector/],
  ['an unknown profile', { ...SMALL, siem: { ...siem, profile: 'Splunk' } }, /^siem\.profile is "Splunk"; accepted: splunk, huntress, generic$/],
  ['the key of no secret', { ...SMALL, siem: { ...siem, secretKeyArn: KEY } }, /^siem\.secretKeyArn is the key of no secret/],
  ['a name for an ARN', { ...SMALL, siem: { ...siem, secretArn: 'hec-token' } }, /^siem\.secretArn is "hec-token"; accepted: an ARN/],
  ['Splunk without acks', { ...SMALL, siem: { ...siem, acks: false }, stream: { destination: 'splunk' } }, /^stream\.destination is splunk without acknowledgements/],
  ['Splunk for another collector', { ...SMALL, siem: { ...siem, profile: 'generic', acks: true }, stream: { destination: 'splunk' } }, /^stream\.destination is splunk with profile generic/],
  ['zero buffering with dynamic partitioning', { ...SMALL, stream: { bufferSeconds: 0, dynamicPartitioning: true } }, /^stream\.dynamicPartitioning is true, which forbids buffering of 0 seconds/],
  ['long buffering to Splunk', { ...SMALL, stream: { bufferSeconds: 61 } }, /^stream\.bufferSeconds is 61 with destination splunk; accepted: a whole number from 0 to 60/],
  ['more than Lambda takes', { ...RELAY, stream: { relayConcurrency: 'unbounded', bufferMegabytes: 4 } }, /^stream\.bufferMegabytes is 4 with destination relay.*accepted: a whole number from 1 to 3$/],
  ['an address the relay ignores', { ...RELAY, stream: { relayConcurrency: 'unbounded', url: 'https://a.example' } }, /^stream\.url is set with destination relay/],
  ['gaps without a stream', { ...SMALL, routes: { stream: false, s3: 'gaps' } }, /^routes\.s3 is gaps without a stream route.*accepted: full/],
  ['full beside a stream', { ...SMALL, routes: { s3: 'full' } }, /^routes\.s3 is full next to a stream route.*accepted: gaps or off/],
  ['neither', { ...SMALL, routes: { stream: false, s3: 'off' } }, /^routes\.s3 is off without a stream route/],
  ['concurrency of no relay', { ...SMALL, stream: { relayConcurrency: 50 } }, /^stream\.relayConcurrency is set with destination splunk, which has no relay; accepted: leave it out$/],
  ['details of no stream', { ...SMALL, routes: { stream: false }, stream: { retrySeconds: 1 } }, /^stream is set with routes\.stream: false, and is for Firehose alone; accepted: leave it out, or routes\.stream: firehose$/],
  ['details of Firehose on the direct route', { ...HUNTRESS, routes: { stream: 'direct' }, stream: { bufferSeconds: 5 } }, /^stream is set with routes\.stream: direct/],
  ['full next to a direct stream', { ...HUNTRESS, routes: { s3: 'full' } }, /^routes\.s3 is full next to a stream route/],
  ['an unknown stream', { ...SMALL, routes: { stream: 'kinesis' } }, /^routes\.stream is "kinesis"; accepted: firehose, direct, true, false$/],
  ['a relay without a bound', { ...HUNTRESS, routes: { stream: 'firehose' } },
    /^stream\.relayConcurrency is missing, and destination relay has a function URL that anybody can invoke; accepted: a whole number from 2 to 1000, or unbounded; or routes\.stream: direct, which has no URL$/],
  ['a relay without a bound, by its details', { ...HUNTRESS, stream: { bufferSeconds: 5 } }, /^stream\.relayConcurrency is missing/],
  ['a relay with a bound of nothing', { ...RELAY, stream: { relayConcurrency: 1 } }, /^stream\.relayConcurrency is 1; accepted: a whole number from 2 to 1000$/],
  ['the log group of a function', { ...SMALL, trail: { existing: { bucketName: 'acme-trail', logGroupName: '/aws/lambda/sightline-event-forwarder' } } },
    /^trail\.existing\.logGroupName is \/aws\/lambda\/sightline-event-forwarder, a log group of Sightline itself/],
  ['the log group of another name\'s function', { ...SMALL, name: 'acme', trail: { existing: { bucketName: 'acme-trail', logGroupName: '/aws/lambda/acme-subscription-forwarder' } } }, /a log group of Sightline itself/],
  ['logs to Splunk', { ...SMALL, siem: { ...siem, sink: 'logs' } }, /^siem\.sink is logs with profile splunk/],
  ['an index of logs', { ...SMALL, siem: { profile: 'generic', url: siem.url, sink: 'logs', index: 'main' } }, /^siem\.index is set with sink logs/],
  ['an organization for HEC', { ...SMALL, siem: { ...siem, organizationId: 'acme' } }, /^siem\.organizationId is set with sink hec/],
  ['details of no fast route', { ...SMALL, routes: { fast: false }, fast: { reads: true } }, /^fast is set without a fast route/],
  ['Regions of no fast route', { ...SMALL, routes: { fast: false }, regions: ['eu-west-1'] }, /^regions is set without a fast route/],
  ['Regions without the home Region', { ...SMALL, regions: ['us-east-1'] }, /^regions lacks the home Region eu-west-1; accepted: a list with eu-west-1/],
  ['a Region twice', { ...SMALL, regions: ['eu-west-1', 'eu-west-1'] }, /^regions has "eu-west-1" twice/],
  ['no Region', { ...SMALL, regions: [] }, /^regions is \[\]; accepted: a list with at least one element/],
  ['a bad Region', { ...SMALL, regions: ['eu-west-1', 'Ireland'] }, /^regions\[1\] is "Ireland"; accepted: a Region/],
  ['further accounts and no own', { ...SMALL, account: undefined, fast: { accounts: ['777788889999'] } }, /^account is missing/],
  ['the hub among the accounts', { ...SMALL, fast: { accounts: ['111122223333'] } }, /^fast\.accounts has the hub's own account/],
  ['one function at once', { ...SMALL, maxConcurrency: 1 }, /^maxConcurrency is 1; accepted: a whole number from 2 to 1000$/],
  ['a reservation below what a queue may use', { ...SMALL, maxConcurrency: 20, reservedConcurrency: { 's3-forwarder': 20 } },
    /^reservedConcurrency\.s3-forwarder is 20, and the queues of s3-forwarder may use 20, its self-check 1 more; accepted: a whole number from 21 to 1000, or a lower maxConcurrency$/],
  ['a reservation for a function that is not deployed', { ...SMALL, routes: { fast: false }, reservedConcurrency: { 'event-forwarder': 10 } },
    /^reservedConcurrency\.event-forwarder is set, and no route uses event-forwarder; accepted: leave it out$/],
  ['a reservation of nothing', { ...SMALL, reservedConcurrency: { 'firehose-transform': 0 } }, /^reservedConcurrency\.firehose-transform is 0; accepted: a whole number from 1 to 1000$/],
  ['a key for no masking', { ...SMALL, masking: { mode: 'sha256', keySecretArn: ARN } }, /^masking\.keySecretArn is set with mode sha256/],
  ['fields of no masking', { ...SMALL, masking: { mode: 'off', scope: 'record' } }, /^masking\.mode is off, with fields or scope set/],
  ['an unknown mode', { ...SMALL, masking: { mode: 'on' } }, /^masking\.mode is "on"; accepted: off, sha256, hmac$/],
  ['too many names', { ...SMALL, eventNames: Array.from({ length: 200 }, (_, at) => `CreateSomething${at}`) }, /^eventNames is \d+ bytes long, which makes \d+ with the other settings, and a function's environment holds 4 KB/],
  ['a folder that is none', { ...SMALL, rulesDir: '/no/such/folder' }, /^rulesDir is "\/no\/such\/folder", which is no folder/],
  ['an own resource that is none', { ...SMALL, own: { buckets: ['a'] } }, /^own\.buckets is no key; accepted: log_buckets, /],
  ['an unknown processor', { ...SMALL, architecture: 'arm' }, /^architecture is "arm"; accepted: x86_64, arm64$/],
  ['zones for other subnets', { ...SMALL, vpc: { vpcId: 'vpc-0000000a', cidr: '10.0.0.0/16', subnetIds: ['subnet-0000000a', 'subnet-0000000b'], availabilityZones: ['eu-west-1a'] } }, /^vpc\.availabilityZones has 1 elements for 2 subnets/],
  ['raw records for long', { ...SMALL, keep: { rawDays: 90 } }, /^keep\.rawDays is 90; accepted: a whole number from 1 to 30$/],
  ['a name of capitals', { ...SMALL, name: 'Sightline' }, /^name is "Sightline"; accepted: 3 to 18 of a-z/],
  ['an account that is a number', { ...SMALL, account: 111122223333 }, /^account is 111122223333; accepted: an account id/],
];

refused(WRONG);

test('everything that is wrong is said at once', () => {
  const found = problems({ ...SMALL, region: 'Ireland', trail: {}, siem: { profile: 'splunk' } });
  assert.deepEqual(found.map((line) => line.split(' ')[0]), ['region', 'trail.objectLockDays', 'siem.url']);
  assert.equal(problems({ ...HUNTRESS, siem: { ...HUNTRESS.siem, acks: true, index: 'main' }, regions: ['us-east-1'], routes: { s3: 'full' } }).length, 4);
});

test('a collector on this machine needs no TLS', () => {
  assert.deepEqual(problems({ ...SMALL, siem: { profile: 'generic', url: 'http://127.0.0.1:8088/x' } }), []);
  assert.notDeepEqual(problems({ ...SMALL, siem: { profile: 'generic', url: 'http://127.0.0.1.example/x' } }), []);
});

test('defaults follow from what is said', () => {
  const splunk = settle(SMALL);
  assert.deepEqual(splunk.regions, ['eu-west-1', 'us-east-1']);
  assert.deepEqual([splunk.acks, splunk.routes.s3, splunk.stream.destination, splunk.stream.bufferSeconds], [true, 'gaps', 'splunk', 0]);
  const huntress = settle(HUNTRESS);
  assert.deepEqual([huntress.acks, huntress.routes.stream, huntress.routes.s3], [false, 'direct', 'gaps']);
  assert.deepEqual([settle(RELAY).stream.destination, settle(RELAY).stream.bufferSeconds], ['relay', 5]);
  assert.equal(settle({ ...SMALL, routes: { stream: false } }).routes.s3, 'full');
  assert.deepEqual(settle({ ...SMALL, region: 'us-gov-east-1' }).regions, ['us-gov-east-1', 'us-gov-west-1']);
  assert.equal(settle(EXISTING).existingTrail?.bucketName, 'acme-trail');
});
