import { address } from './address';
import { isVpcBlock } from './network';
import { INTERFACE_ENDPOINTS, RESERVABLE } from './types';
import { REGION, REGION_ACCEPTED } from './places';
import { Shape, Problem, text, tested, number, boolean, words, list, object, either, record } from './shape';

/** Periods for which CloudWatch Logs can keep a log group. */
export const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const ACCOUNT = text(/^\d{12}$/, 'an account id: 12 digits');
const HOME = text(REGION, REGION_ACCEPTED);
const arn = (service: string, resource: string, accepted: string) =>
  text(new RegExp(`^arn:aws(-us-gov)?:${service}:[a-z0-9-]+:\\d{12}:${resource}$`), `an ARN: arn:aws:${service}:<region>:<account>:${accepted}`);
// A policy with a part of the ARN, or with a key of the JSON behind it, would let nobody read the secret.
const SECRET = arn('secretsmanager', 'secret:[\\w/+=.@-]+-[A-Za-z0-9]{6}', 'secret:<name>-AbCdEf, with the six characters at the end and no key behind them');
// IAM matches the ARNs of keys, never those of aliases.
const KEY = arn('kms', 'key/(mrk-)?[0-9a-f][0-9a-f-]*', 'key/<id>, no alias');
const TOPIC = arn('sns', '[\\w-]{1,256}', '<topic>, no FIFO topic, which S3 does not notify');
const BUCKET = tested(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, isBucket, 'the name of a bucket, as S3 accepts it');
const RESERVED_START = /^(xn--|sthree-|amzn-s3-demo-)/;
const TOKEN = text(/^[!#-[\]-~]{1,128}$/, '1 to 128 printable ASCII characters without blanks, quotes or backslashes');
const id = (kind: string, accepted: string) => text(new RegExp(`^${kind}-([0-9a-f]{8}|[0-9a-f]{17})$`), accepted);
const ENDPOINT = words('create', 'existing');
const LOG_PERIOD = number(1, 3653, LOG_DAYS);

/** Whether S3 takes the name: addresses, two dots in a row and what AWS keeps for itself are refused. */
function isBucket(name: string): boolean {
  const reserved = RESERVED_START.test(name) || /(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name);
  return !reserved && !name.includes('..') && !/^\d+(\.\d+){3}$/.test(name);
}

/** Whether everything can be named after it: buckets, and a log group that must not begin with `aws/`. */
function isName(name: string): boolean {
  return !RESERVED_START.test(name) && name !== 'aws';
}

const TRAIL = either(
  'existing',
  object({
    existing: object(
      {
        bucketName: BUCKET,
        keyArn: KEY,
        logGroupName: text(/^[\w.\-/#]{1,512}$/, 'the name of a log group'),
        topicArn: TOPIC,
        prefix: text(/^[^\s/][^\s]*\/$/, 'what stands before AWSLogs/, ending in a slash'),
      },
      ['bucketName'],
    ),
  }),
  object(
    {
      objectLockDays: either('choose', words('choose'), number(1, 36_500)),
      expireDays: number(1, 36_500),
      organizationId: text(/^o-[a-z0-9]{10,32}$/, 'the id of an organisation: o-…'),
      insights: boolean,
      dataEvents: list(words('s3', 'lambda')),
      logDays: LOG_PERIOD,
      notifyTopic: boolean,
    },
    ['objectLockDays'],
  ),
);

/** Every key of the configuration and what it accepts. */
const CONFIG: Shape = object(
  {
    name: tested(
      /^[a-z][a-z0-9-]{1,16}[a-z0-9]$/, isName,
      '3 to 18 of a-z, 0-9 and hyphens, beginning with a letter, neither aws nor with xn--, sthree- or amzn-s3-demo- in front',
    ),
    account: ACCOUNT,
    region: HOME,
    regions: list(HOME),
    trail: TRAIL,
    siem: object(
      {
        profile: words('splunk', 'huntress', 'generic'),
        url: address,
        sink: words('hec', 'logs'),
        organizationId: TOKEN,
        secretArn: SECRET,
        secretKeyArn: KEY,
        acks: boolean,
        index: TOKEN,
        sourceType: TOKEN,
        annotate: words('fields', 'event', 'off'),
        batch: words('concatenated', 'array', 'single'),
        caFile: text(/\S/, 'a PEM file'),
        // A function of 128 MB holds a batch, its compressed copy and the events of the next.
        maxBytes: number(10_000, 4_000_000),
      },
      ['profile', 'url'],
    ),
    routes: object({ stream: words('firehose', 'direct', true, false), fast: boolean, s3: words('full', 'gaps', 'off') }),
    stream: object({
      destination: words('splunk', 'relay'),
      url: address,
      bufferSeconds: number(0, 900),
      bufferMegabytes: number(1, 5),
      retrySeconds: number(0, 7_200),
      relayConcurrency: either('', words('unbounded'), number(2, 1_000)),
      dynamicPartitioning: boolean,
    }),
    fast: object({ events: words('blinding', 'high'), reads: boolean, accounts: list(ACCOUNT) }),
    maxConcurrency: number(2, 1_000),
    reservedConcurrency: object(Object.fromEntries(RESERVABLE.map((name) => [name, number(1, 1_000)]))),
    masking: object(
      {
        mode: words('off', 'sha256', 'hmac'),
        fields: list(text(/^[A-Za-z]\w*$/, 'a field of CloudTrail')),
        scope: words('keys', 'record'),
        keySecretArn: SECRET,
        secretKeyArn: KEY,
      },
      ['mode'],
    ),
    eventNames: either('*', words('*', 'curated'), list(text(/^([a-z0-9-]+:)?[A-Za-z]\w*$/, 'an event name, or source:name'))),
    eventCategories: list(words('Management', 'Data', 'Insight', 'NetworkActivity')),
    rulesDir: text(/\S/, 'a folder'),
    own: record(),
    architecture: words('x86_64', 'arm64'),
    deployment: words('canary', 'all-at-once'),
    vpc: object(
      {
        vpcId: id('vpc', 'the id of a VPC: vpc- and 8 or 17 hexadecimal digits'),
        cidr: tested(/./, isVpcBlock, 'a CIDR block of /16 to /28 such as 10.0.0.0/16'),
        subnetIds: list(id('subnet', 'the id of a subnet: subnet- and 8 or 17 hexadecimal digits')),
        availabilityZones: list(text(/^[a-z]{2,4}(-[a-z]+)+-\d[a-z]$/, 'an availability zone such as eu-west-1a'), 'repeated'),
        routeTableIds: list(id('rtb', 'the id of a route table: rtb- and 8 or 17 hexadecimal digits'), 'repeated'),
        endpoints: object({
          s3: ENDPOINT,
          ...Object.fromEntries(INTERFACE_ENDPOINTS.map((service) => [service, ENDPOINT])),
          securityGroupIds: list(id('sg', 'the id of a security group: sg- and 8 or 17 hexadecimal digits')),
        }),
      },
      ['vpcId', 'cidr', 'subnetIds', 'availabilityZones'],
    ),
    alarms: object({
      emails: list(text(/^[^\s@]+@[^\s@]+$/, 'a mail address')),
      silenceMinutes: number(15, 1_440),
      fastSilenceHours: number(1, 24),
    }),
    keep: object({ logDays: LOG_PERIOD, deadLetterDays: number(1, 3_650), rawDays: number(1, 30) }),
  },
  ['region', 'trail', 'siem'],
);

/** What is wrong with the values, one by one. Contradictions are another matter. */
export function faults(config: unknown): Problem[] {
  return CONFIG('', config);
}
