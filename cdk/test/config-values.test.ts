import assert from 'node:assert/strict';
import test from 'node:test';
import { ENVIRONMENT_LIMIT } from '../lib/config/cross-field/environment';
import { problems, refused, Wrong } from './problems';
import { EXISTING, HUNTRESS, ofType, SMALL, synth } from './support';

const { siem } = SMALL;
const to = (url: string, profile = 'generic') => ({ ...SMALL, siem: { profile, url } });
const NO_URL = /^siem\.url: not a valid URL; use an https URL without user name, password or token/;
const QUERY = /^siem\.url: has a query, from which Splunk reads only a token; remove the query$/;
const bucket = (bucketName: string): Wrong =>
  [`the bucket ${bucketName}`, { ...EXISTING, trail: { existing: { bucketName, logGroupName: 'acme/trail' } } }, /^trail\.existing\.bucketName: "[^"]*" is not valid; use the name of an S3 bucket$/];
const name = (given: string): Wrong =>
  [`the name ${given}`, { ...SMALL, name: given }, /^name: "[^"]*" is not valid; use 3 to 18 characters of a-z, 0-9 and hyphens, beginning with a letter; not aws, and not beginning with xn--, sthree- or amzn-s3-demo-$/];
const labeled = (networks: Record<string, string[]>) => ({ ...SMALL, networks });
const created = (more: object) => ({ ...SMALL, trail: { objectLockDays: 1, ...more } });

const WRONG: readonly Wrong[] = [
  ...['https://:8088', 'https://host:99999', 'https://[zz]', 'https://%%%', 'https:host', 'https://ho st', 'https://host:0', 'https://a\\b', 'host:8088', ''].map(
    (url): Wrong => [`the address ${url || 'of nothing'}`, to(url), NO_URL]),
  ['an address that is no text', to(8088 as unknown as string), /^siem\.url: not a string;/],
  ['ftp', to('ftp://host'), NO_URL],
  ['a fragment', to('https://host/x#y'), /^siem\.url: has a fragment, which is never sent to a collector;/],
  ['a password', to('https://user:word@host'), /^siem\.url: contains a user name or a password;/],
  ['a token for Splunk', to('https://hec:8088?token=SECRET', 'splunk'), /^siem\.url: has the query parameter "token", which belongs in the secret; use an https URL without user name/],
  ['any query for Splunk', to('https://hec:8088?channel=1', 'splunk'), QUERY],
  ['any query for Firehose', { ...SMALL, stream: { url: 'https://hec:8088?channel=1' } }, /^stream\.url: has a query, from which Splunk reads only a token;/],
  ...['token', 'api_key', 'X-Auth', 'Password', 'client_secret', 'Splunk-Token', 'sig'].map(
    (key): Wrong => [`${key} in an address`, to(`https://hec/x?a=1&${key}=SECRET`), new RegExp(`^siem\\.url: has the query parameter "${key}"`)]),
  ['no TLS from Firehose', to('http://127.0.0.1:8088', 'splunk'), /^siem\.url: has the scheme http, but Firehose delivers from outside this machine; use an https URL/],
  ...['a..b', '192.168.0.1', 'xn--acme', 'sthree-acme', 'amzn-s3-demo-acme', 'acme-s3alias', 'acme--ol-s3', 'acme--x-s3', 'acme.mrap', 'Acme', 'ab'].map(bucket),
  ...['xn--acme', 'sthree-acme', 'amzn-s3-demo-acme', 'aws'].map(name),
  ['batches that no function holds', { ...SMALL, siem: { ...siem, maxBytes: 4_000_001 } }, /^siem\.maxBytes: 4000001 is not valid; use a whole number from 10000 to 4000000$/],
  ['data events that are not recorded', { ...created({}), eventCategories: ['Data'] }, /^eventCategories: contains Data, but the trail records no data events; remove it, or set trail\.dataEvents$/],
  ['Insights that are not enabled', { ...created({ insights: false }), eventCategories: ['Insight'] }, /^eventCategories: contains Insight, but the trail has no Insights; remove it, or use trail\.insights: true$/],
  ['network activity that is not recorded', { ...created({}), eventCategories: ['NetworkActivity'] }, /^eventCategories: contains NetworkActivity, but a trail that Sightline creates does not record it;/],
  ['fields that fill the environment', { ...SMALL, masking: { mode: 'sha256', fields: Array.from({ length: 200 }, (_, at) => `someLongField${at}`) } },
    /^masking\.fields: has \d+ bytes, \d+ together with the other settings, but a function's environment holds 4 KB; use at most 2500 bytes for all settings together/],
  ['no network', { ...SMALL, networks: {} }, /^networks: contains no network; use at least one network, or remove the key$/],
  ['networks in a list', { ...SMALL, networks: ['198.51.100.0/24'] as unknown as Record<string, string[]> }, /^networks: .* is not valid; use an object of labels with lists of networks$/],
  ['a label in upper case', labeled({ Corp: ['198.51.100.0/24'] }), /^networks\.Corp: the label "Corp" is not valid; use 1 to 32 of a-z, 0-9 and hyphens$/],
  ['a long label', labeled({ ['x'.repeat(33)]: ['198.51.100.0/24'] }), /^networks\.x+: the label "x+" is not valid; use 1 to 32 of a-z, 0-9 and hyphens$/],
  ['the reserved label', labeled({ external: ['198.51.100.0/24'] }), /^networks\.external: this label marks addresses outside all networks; use another label$/],
  ...['198.51.100.0', '198.51.100.0/33', '2001:db8::/129', '198.51.100/24', 'fe80::%eth0/64', '198.51.100.0/24/24', '198.51.100.0/24,10.0.0.0/8'].map(
    (cidr): Wrong => [`the network ${cidr}`, labeled({ corp: [cidr] }), /^networks\.corp\[0\]: "[^"]*" is not valid; use a network in CIDR notation, such as 198\.51\.100\.0\/24 or 2001:db8::\/48$/]),
  ['too many networks', labeled({ corp: Array.from({ length: 201 }, (_, at) => `10.0.${at}.0/24`) }), /^networks: contains 201 networks; use at most 200$/],
  ['a network that names hosts', { ...labeled({ corp: ['198.51.100.0/29', '198.51.100.8/30'] }), masking: { mode: 'hmac' } }, /^networks\.corp\[1\]: "198\.51\.100\.8\/30" would name hosts that are masked; use \/29 or shorter$/],
  ['an IPv6 network that names a host', { ...labeled({ corp: ['2001:db8::/65'] }), masking: { mode: 'sha256' } }, /^networks\.corp\[0\]: "2001:db8::\/65" would name hosts that are masked; use \/64 or shorter$/],
  ['networks that fill the environment', labeled({ corp: Array.from({ length: 150 }, (_, at) => `10.0.${at}.0/24`) }), /^networks: has \d+ bytes, \d+ together with the other settings, but a function's environment holds 4 KB;/],
  ['an address that fills the environment', to(`https://hec/${'x'.repeat(ENVIRONMENT_LIMIT)}`), /^siem\.url: has \d+ bytes, \d+ together with the other settings, but a function's environment holds 4 KB;/],
];

refused(WRONG);

test('no message shows a token', () => {
  for (const url of ['https://hec:8088?token=SECRET', 'https://SECRET@hec', 'ftp://hec?token=SECRET', 'https://hec:99999?token=SECRET']) {
    assert.doesNotMatch(problems(to(url)).join(), /SECRET/, url);
  }
});

test('valid values are accepted', () => {
  for (const url of ['https://hec.acme.net:8088/x/y?tenant=acme', 'https://[::1]:8088/x', 'http://localhost:8088', 'https://hec/a@b']) assert.deepEqual(problems(to(url)), [], url);
  assert.deepEqual(problems({ ...created({ dataEvents: ['s3'], insights: true }), eventCategories: ['Management', 'Data', 'Insight'] }), []);
  assert.deepEqual(problems({ ...EXISTING, eventCategories: ['Data', 'Insight', 'NetworkActivity'] }), []);
  assert.deepEqual(problems({ ...SMALL, name: 'aws-trail' }), []);
  const networks = { 'corp-vpn': ['198.51.100.0/29', '2001:db8:1::/64'], all: ['0.0.0.0/0', '::/0'] };
  assert.deepEqual(problems({ ...SMALL, networks, masking: { mode: 'hmac' } }), []);
  assert.deepEqual(problems(labeled({ host: ['198.51.100.7/32', '2001:db8::1/128'] })), []);
  assert.deepEqual(problems({ ...SMALL, stream: { bufferMegabytes: 5 } }), []);
  // Without a transition S3 accepts an early expiry.
  assert.deepEqual(problems(created({ expireDays: 7 })), []);
});

/** The longest value after deployment. */
function resolved(value: any): string {
  if (typeof value === 'string') return value;
  if (value['Fn::Join']) return (value['Fn::Join'][1] as unknown[]).map(resolved).join(value['Fn::Join'][0]);
  if (value.Ref === 'AWS::AccountId') return '1'.repeat(12);
  return 'x'.repeat(value.Ref ? 63 : 110);
}

test('accepted values fit the environment, regardless of what is known only at deployment', () => {
  const { account: _, ...anywhere } = HUNTRESS;
  const fields = (count: number) => Array.from({ length: count }, (_, at) => `field${String(at).padStart(4, '0')}`);
  const config = (count: number) => ({
    ...anywhere, name: 'a'.repeat(18), region: 'ap-southeast-2', masking: { mode: 'hmac', scope: 'record', fields: fields(count) } as const,
    siem: { ...HUNTRESS.siem, annotate: 'event', batch: 'concatenated', maxBytes: 4_000_000 } as const,
  });
  let count = 100;
  while (problems(config(count + 1)).length === 0) count += 1;
  for (const { Properties } of ofType(synth(config(count)).hub, 'AWS::Lambda::Function').filter(({ Properties }) => Properties.FunctionName)) {
    const bytes = Object.entries(Properties.Environment.Variables).map(([key, value]) => key.length + resolved(value).length + 6);
    const total = bytes.reduce((sum, one) => sum + one, 2);
    assert.ok(total < 4_096, `${Properties.FunctionName} has ${total}`);
  }
});
