import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { resolveConfig } from '../lib/config';
import { problems, refused, Wrong } from './problems';
import { EXISTING, HUNTRESS, RELAY, SMALL } from './support';

const siem = SMALL.siem;
const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x-AbCdEf';
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/0a1b';

const PRIVATE_KEY = join(mkdtempSync(join(tmpdir(), 'sightline-key-')), 'key.pem');
writeFileSync(PRIVATE_KEY, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n');

const WRONG: readonly Wrong[] = [
  ['nothing', {}, /^region: missing; use a Region of the partitions aws and aws-us-gov such as eu-west-1/],
  ['no object', 'eu-west-1', /^the configuration: "eu-west-1" is not valid; use an object with name/],
  ['an unknown key', { ...SMALL, regoins: ['eu-west-1'] }, /^regoins: unknown key; did you mean regions\? Known keys: name/],
  ['an unknown key within', { ...SMALL, siem: { ...siem, sourcetype: 'x' } }, /^siem\.sourcetype: unknown key; did you mean sourceType\? Known keys: profile/],
  ['a trail that is both', { ...SMALL, trail: { objectLockDays: 1, existing: { bucketName: 'acme-trail' } } }, /^trail\.existing: unknown key;/],
  ['a trail that is neither', { ...SMALL, trail: 'mine' }, /^trail: "mine" is not valid; use an object with objectLockDays, .*, or with existing$/],
  ['an unknown key of an existing trail', { ...SMALL, trail: { existing: { bucketNme: 'acme-trail' } } }, /^trail\.existing\.bucketName: missing;/],
  ['an event name that is not valid', { ...SMALL, eventNames: ['Console Login'] }, /^eventNames\[0\]: "Console Login" is not valid; use an event name, or source:name$/],
  ['neither a word nor a list of event names', { ...SMALL, eventNames: 'all' }, /^eventNames: "all" is not valid; use \*, curated, or a list of event names$/],
  ['a concurrency that is neither', { ...RELAY, stream: { relayConcurrency: 'many' } }, /^stream\.relayConcurrency: "many" is not valid; use a whole number from 2 to 1000, or unbounded$/],
  ['a key of every object', { ...SMALL, constructor: 1 }, /^constructor: unknown key;/],
  ['no Object Lock days', { ...SMALL, trail: {} }, /^trail\.objectLockDays: missing; use a whole number from 1 to 36500$/],
  ['Object Lock of no days', { ...SMALL, trail: { objectLockDays: 0 } }, /^trail\.objectLockDays: 0 is not valid; use a whole number from 1 to 36500/],
  ['expiry within the lock', { ...SMALL, trail: { objectLockDays: 30, expireDays: 7 } }, /^trail\.expireDays: 7 is less than objectLockDays;/],
  ['a bad organization', { ...SMALL, trail: { objectLockDays: 1, organizationId: 'acme' } }, /^trail\.organizationId: "acme" is not valid; use the id of an organization: o-…/],
  ['a retention period that CloudWatch Logs does not have', { ...SMALL, trail: { objectLockDays: 1, logDays: 31 } }, /^trail\.logDays: 31 is not valid; use one of 1/],
  ['a stream without a log group', { ...SMALL, trail: { existing: { bucketName: 'acme-trail' } } }, /^trail\.existing\.logGroupName: missing, but the stream route reads it;/],
  ['acks with huntress', { ...HUNTRESS, siem: { ...HUNTRESS.siem, acks: true } }, /^siem\.acks: is true, but profile huntress has no acknowledgments; remove it or use false/],
  ['an index with huntress', { ...HUNTRESS, siem: { ...HUNTRESS.siem, index: 'main' } }, /^siem\.index: is set, but profile huntress has no index;/],
  ['fields with huntress', { ...HUNTRESS, siem: { ...HUNTRESS.siem, annotate: 'fields' } }, /^siem\.annotate: is fields, but profile huntress ignores fields;/],
  ['certificate authorities that are not a file', { ...HUNTRESS, siem: { ...HUNTRESS.siem, caFile: '/no/such.pem' } }, /^siem\.caFile: "\/no\/such\.pem" is not a file; use a PEM file with certificates$/],
  ['a private key among certificate authorities', { ...HUNTRESS, siem: { ...HUNTRESS.siem, caFile: PRIVATE_KEY } }, /^siem\.caFile: "[^"]+" contains a private key; use a PEM file with certificates$/],
  ['the whole address of sink logs', { ...SMALL, siem: { profile: 'generic', sink: 'logs', url: 'https://logs.siem.example/api/v1/logs/' } }, /^siem\.url: ends in \/v1\/logs, which is appended to it; use the URL before \/v1\/logs$/],
  ['certificate authorities of Firehose', { ...SMALL, siem: { ...siem, caFile: 'ca.pem' } }, /^siem\.caFile: is set, but Firehose, which delivers to siem\.url, cannot use it;/],
  ['http', { ...SMALL, siem: { ...siem, url: 'http://hec.siem.example' } }, /^siem\.url: has the scheme http:\/\/; use an https URL without user name/],
  ['a token in the address', { ...SMALL, siem: { ...siem, url: 'https://token@hec.siem.example' } }, /^siem\.url: contains a user name or a password; use an https URL without user name/],
  ['a path where Firehose appends one', { ...SMALL, siem: { ...siem, url: 'https://hec.siem.example/services/collector' } }, /^siem\.url: has the path \/services\/collector, but Firehose appends a path itself;/],
  ['an unknown profile', { ...SMALL, siem: { ...siem, profile: 'Splunk' } }, /^siem\.profile: "Splunk" is not valid; use splunk, huntress or generic$/],
  ['the key of no secret', { ...SMALL, siem: { ...siem, secretKeyArn: KEY } }, /^siem\.secretKeyArn: is set without siem\.secretArn;/],
  ['a name for an ARN', { ...SMALL, siem: { ...siem, secretArn: 'hec-token' } }, /^siem\.secretArn: "hec-token" is not valid; use an ARN of the form arn:aws:secretsmanager:<region>:<account>:secret:<name>-AbCdEf/],
  ['Splunk without acks', { ...SMALL, siem: { ...siem, acks: false }, stream: { destination: 'splunk' } }, /^stream\.destination: is splunk, but Firehose delivers to Splunk only with acknowledgments;/],
  ['Splunk for another collector', { ...SMALL, siem: { ...siem, profile: 'generic', acks: true }, stream: { destination: 'splunk' } }, /^stream\.destination: is splunk, but the profile is generic;/],
  ['zero buffering with dynamic partitioning', { ...SMALL, stream: { bufferSeconds: 0, dynamicPartitioning: true } }, /^stream\.dynamicPartitioning: is true, but neither Splunk nor an HTTP endpoint supports it, and it forbids a buffer of 0 seconds;/],
  ['long buffering to Splunk', { ...SMALL, stream: { bufferSeconds: 61 } }, /^stream\.bufferSeconds: 61 is not valid with destination splunk; use a whole number from 0 to 60/],
  ['more than a request to Lambda holds', { ...RELAY, stream: { relayConcurrency: 'unbounded', bufferMegabytes: 4 } }, /^stream\.bufferMegabytes: 4 is not valid with destination relay: with one more record, base64-encoded, it exceeds the 6 MB that Lambda accepts; use a whole number from 1 to 3$/],
  ['an address the relay ignores', { ...RELAY, stream: { relayConcurrency: 'unbounded', url: 'https://a.example' } }, /^stream\.url: is set, but destination relay delivers to siem\.url;/],
  ['oversize records without a stream', { ...SMALL, routes: { stream: false, s3: 'oversize-only' } }, /^routes\.s3: is oversize-only, but there is no stream route/],
  ['gaps without a stream', { ...SMALL, routes: { stream: false, s3: 'gaps' } }, /^routes\.s3: is gaps, but there is no stream route, so most events would not be delivered; use full/],
  ['full with a stream', { ...SMALL, routes: { s3: 'full' } }, /^routes\.s3: is full, but there is a stream route, so every event would be delivered and billed twice; use oversize-only or off/],
  ['neither', { ...SMALL, routes: { stream: false, s3: 'off' } }, /^routes\.s3: is off, but there is no stream route, so most events would not be delivered;/],
  ['concurrency of no relay', { ...SMALL, stream: { relayConcurrency: 50 } }, /^stream\.relayConcurrency: is set, but destination splunk has no relay; remove it$/],
  ['details of no stream', { ...SMALL, routes: { stream: false }, stream: { retrySeconds: 1 } }, /^stream: is set, but it is only for Firehose and routes\.stream is false; remove it, or use routes\.stream: firehose$/],
  ['details of Firehose on the direct route', { ...HUNTRESS, routes: { stream: 'direct' }, stream: { bufferSeconds: 5 } }, /^stream: is set, but it is only for Firehose and routes\.stream is direct;/],
  ['full next to a direct stream', { ...HUNTRESS, routes: { s3: 'full' } }, /^routes\.s3: is full, but there is a stream route, so every event would be delivered and billed twice;/],
  ['an unknown stream', { ...SMALL, routes: { stream: 'kinesis' } }, /^routes\.stream: "kinesis" is not valid; use firehose, direct, true or false$/],
  ['a relay without a bound', { ...HUNTRESS, routes: { stream: 'firehose' } },
    /^stream\.relayConcurrency: missing, and destination relay has a function URL that anyone can invoke; use a whole number from 2 to 1000, or unbounded; routes\.stream: direct has no URL$/],
  ['a relay without a bound, by its details', { ...HUNTRESS, stream: { bufferSeconds: 5 } }, /^stream\.relayConcurrency: missing, and destination relay has a function URL that anyone can invoke;/],
  ['a relay with a bound of nothing', { ...RELAY, stream: { relayConcurrency: 1 } }, /^stream\.relayConcurrency: 1 is not valid; use a whole number from 2 to 1000$/],
  ['the log group of a function', { ...SMALL, trail: { existing: { bucketName: 'acme-trail', logGroupName: '/aws/lambda/sightline-event-forwarder' } } },
    /^trail\.existing\.logGroupName: \/aws\/lambda\/sightline-event-forwarder is a log group of Sightline itself, so every line would create another;/],
  ['the log group of another name\'s function', { ...SMALL, name: 'acme', trail: { existing: { bucketName: 'acme-trail', logGroupName: '/aws/lambda/acme-subscription-forwarder' } } }, /^trail\.existing\.logGroupName: \/aws\/lambda\/acme-subscription-forwarder is a log group of Sightline itself, so every line would create another;/],
  ['logs to Splunk', { ...SMALL, siem: { ...siem, sink: 'logs' } }, /^siem\.sink: is logs, but the protocol of profile splunk is HEC;/],
  ['an index of logs', { ...SMALL, siem: { profile: 'generic', url: siem.url, sink: 'logs', index: 'main' } }, /^siem\.index: is set, but sink logs has no index;/],
  ['an organization for HEC', { ...SMALL, siem: { ...siem, organizationId: 'acme' } }, /^siem\.organizationId: is set, but sink hec does not send it;/],
  ['details of no fast route', { ...SMALL, routes: { fast: false }, fast: { reads: true } }, /^fast: is set, but the fast route is off;/],
  ['Regions of no fast route', { ...SMALL, routes: { fast: false }, regions: ['eu-west-1'] }, /^regions: is set, but the fast route is off;/],
  ['Regions without the home Region', { ...SMALL, regions: ['us-east-1'] }, /^regions: does not contain the home Region eu-west-1; add eu-west-1/],
  ['a Region twice', { ...SMALL, regions: ['eu-west-1', 'eu-west-1'] }, /^regions: contains "eu-west-1" twice;/],
  ['no Region', { ...SMALL, regions: [] }, /^regions: \[\] is not valid; use a list with at least one element/],
  ['a bad Region', { ...SMALL, regions: ['eu-west-1', 'Ireland'] }, /^regions\[1\]: "Ireland" is not valid; use a Region of the partitions aws and aws-us-gov such as eu-west-1/],
  ['further accounts and no own', { ...SMALL, account: undefined, fast: { accounts: ['777788889999'] } }, /^account: missing, but fast\.accounts needs the account of the hub;/],
  ['the hub among the accounts', { ...SMALL, fast: { accounts: ['111122223333'] } }, /^fast\.accounts: contains the account of the hub;/],
  ['one function at once', { ...SMALL, maxConcurrency: 1 }, /^maxConcurrency: 1 is not valid; use a whole number from 2 to 1000$/],
  ['a reservation below what a queue may use', { ...SMALL, maxConcurrency: 20, reservedConcurrency: { 's3-forwarder': 20 } },
    /^reservedConcurrency\.s3-forwarder: 20 is not enough: the queues of s3-forwarder may use 20, and its self-check 1 more; use a whole number from 21 to 1000, or a lower maxConcurrency$/],
  ['a reservation for a function that is not deployed', { ...SMALL, routes: { fast: false }, reservedConcurrency: { 'event-forwarder': 10 } },
    /^reservedConcurrency\.event-forwarder: is set, but no route uses event-forwarder; remove it$/],
  ['a reservation of nothing', { ...SMALL, reservedConcurrency: { 'firehose-transform': 0 } }, /^reservedConcurrency\.firehose-transform: 0 is not valid; use a whole number from 1 to 1000$/],
  ['a key for no masking', { ...SMALL, masking: { mode: 'sha256', keySecretArn: ARN } }, /^masking\.keySecretArn: is set, but mode sha256 has no key;/],
  ['fields of no masking', { ...SMALL, masking: { mode: 'off', scope: 'record' } }, /^masking\.mode: is off, but fields or scope is set;/],
  ['an unknown mode', { ...SMALL, masking: { mode: 'on' } }, /^masking\.mode: "on" is not valid; use off, sha256 or hmac$/],
  ['too many names', { ...SMALL, eventNames: Array.from({ length: 200 }, (_, at) => `CreateSomething${at}`) }, /^eventNames: has \d+ bytes, \d+ together with the other settings, but a function's environment holds 4 KB;/],
  ['a folder that does not exist', { ...SMALL, rulesDir: '/no/such/folder' }, /^rulesDir: "\/no\/such\/folder" is not a folder;/],
  ['an unknown list of protected resources', { ...SMALL, own: { buckets: ['a'] } }, /^own\.buckets: unknown key; use log_buckets/],
  ['an unknown processor', { ...SMALL, architecture: 'arm' }, /^architecture: "arm" is not valid; use x86_64 or arm64$/],
  ['zones for other subnets', { ...SMALL, vpc: { vpcId: 'vpc-0000000a', cidr: '10.0.0.0/16', subnetIds: ['subnet-0000000a', 'subnet-0000000b'], availabilityZones: ['eu-west-1a'] } }, /^vpc\.availabilityZones: has 1 elements for 2 subnets;/],
  ['raw records for long', { ...SMALL, keep: { rawDays: 90 } }, /^keep\.rawDays: 90 is not valid; use a whole number from 1 to 30$/],
  ['a name of capitals', { ...SMALL, name: 'Sightline' }, /^name: "Sightline" is not valid; use 3 to 18 characters of a-z/],
  ['an account that is a number', { ...SMALL, account: 111122223333 }, /^account: 111122223333 is not valid; use an account id of 12 digits/],
];

refused(WRONG);

test('all problems are reported at once', () => {
  const found = problems({ ...SMALL, region: 'Ireland', trail: {}, siem: { profile: 'splunk' } });
  assert.deepEqual(found.map((line) => line.split(':')[0]), ['region', 'trail.objectLockDays', 'siem.url']);
  assert.equal(problems({ ...HUNTRESS, siem: { ...HUNTRESS.siem, acks: true, index: 'main' }, regions: ['us-east-1'], routes: { s3: 'full' } }).length, 4);
});

test('a local collector needs no TLS', () => {
  assert.deepEqual(problems({ ...SMALL, siem: { profile: 'generic', url: 'http://127.0.0.1:8088/x' } }), []);
  assert.notDeepEqual(problems({ ...SMALL, siem: { profile: 'generic', url: 'http://127.0.0.1.example/x' } }), []);
});

test('defaults follow from other keys', () => {
  const splunk = resolveConfig(SMALL);
  assert.deepEqual(splunk.regions, ['eu-west-1', 'us-east-1']);
  assert.deepEqual([splunk.acks, splunk.routes.s3, splunk.stream.destination, splunk.stream.bufferSeconds], [true, 'oversize-only', 'splunk', 0]);
  const huntress = resolveConfig(HUNTRESS);
  assert.deepEqual([huntress.acks, huntress.routes.stream, huntress.routes.s3], [false, 'direct', 'oversize-only']);
  assert.deepEqual([resolveConfig(RELAY).stream.destination, resolveConfig(RELAY).stream.bufferSeconds], ['relay', 5]);
  assert.equal(resolveConfig({ ...SMALL, routes: { stream: false } }).routes.s3, 'full');
  assert.deepEqual(resolveConfig({ ...SMALL, routes: { s3: 'gaps' } }).routes, resolveConfig({ ...SMALL, routes: { s3: 'oversize-only' } }).routes);
  assert.deepEqual(resolveConfig({ ...SMALL, region: 'us-gov-east-1' }).regions, ['us-gov-east-1', 'us-gov-west-1']);
  assert.equal(resolveConfig(EXISTING).existingTrail?.bucketName, 'acme-trail');
});
