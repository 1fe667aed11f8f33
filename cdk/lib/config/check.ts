import { Shape, Problem, text, number, boolean, words, list, object, either, record } from './shape';

/** Periods for which CloudWatch Logs can keep a log group. */
export const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const ACCOUNT = text(/^\d{12}$/, 'an account id: 12 digits');
const REGION = text(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'a Region such as eu-west-1');
const ARN = (service: string) =>
  text(new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:.+$`), `an ARN: arn:aws:${service}:…`);
const BUCKET = text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket');
const URL = text(
  /^(https:\/\/[^\s/?#@]+|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?)([/?][^\s#]*)?$/,
  'an https URL without a user name (http on this machine)',
);
const TOKEN = text(/^[!#-[\]-~]{1,128}$/, '1 to 128 printable ASCII characters without blanks, quotes or backslashes');
const LOG_PERIOD = number(1, 3653, LOG_DAYS);

const TRAIL = either(
  'existing',
  object({
    existing: object(
      {
        bucketName: BUCKET,
        keyArn: ARN('kms'),
        logGroupName: text(/^[\w.\-/#]{1,512}$/, 'the name of a log group'),
        topicArn: ARN('sns'),
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
      managementAccount: ACCOUNT,
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
    name: text(/^[a-z][a-z0-9-]{1,16}[a-z0-9]$/, '3 to 18 of a-z, 0-9 and hyphens, beginning with a letter'),
    account: ACCOUNT,
    region: REGION,
    regions: list(REGION),
    trail: TRAIL,
    siem: object(
      {
        profile: words('splunk', 'huntress', 'generic'),
        url: URL,
        secretArn: ARN('secretsmanager'),
        secretKeyArn: ARN('kms'),
        acks: boolean,
        index: TOKEN,
        sourceType: TOKEN,
        annotate: words('fields', 'event', 'off'),
        batch: words('concatenated', 'array', 'single'),
        maxBytes: number(10_000, 800_000_000),
      },
      ['profile', 'url'],
    ),
    routes: object({ stream: boolean, fast: boolean, s3: words('full', 'gaps', 'off') }),
    stream: object({
      destination: words('splunk', 'relay'),
      url: URL,
      bufferSeconds: number(0, 900),
      bufferMegabytes: number(1, 5),
      retrySeconds: number(0, 7_200),
      dynamicPartitioning: boolean,
    }),
    fast: object({ events: words('blinding', 'high'), reads: boolean, accounts: list(ACCOUNT) }),
    maxConcurrency: number(2, 1_000),
    masking: object(
      {
        mode: words('off', 'sha256', 'hmac'),
        fields: list(text(/^[A-Za-z]\w*$/, 'a field of CloudTrail')),
        scope: words('keys', 'record'),
        keySecretArn: ARN('secretsmanager'),
        secretKeyArn: ARN('kms'),
      },
      ['mode'],
    ),
    eventNames: either('*', words('*', 'curated'), list(text(/^([a-z0-9-]+:)?[A-Za-z]\w*$/, 'an event name, or source:name'))),
    eventCategories: list(words('Management', 'Data', 'Insight', 'NetworkActivity')),
    rulesDir: text(/\S/, 'a folder'),
    own: record(),
    architecture: words('x86_64', 'arm64'),
    vpc: object(
      {
        vpcId: text(/^vpc-[0-9a-f]+$/, 'the id of a VPC: vpc-…'),
        cidr: text(/^\d+(\.\d+){3}\/\d+$/, 'a CIDR block such as 10.0.0.0/16'),
        subnetIds: list(text(/^subnet-[0-9a-f]+$/, 'the id of a subnet: subnet-…')),
        availabilityZones: list(text(/^[a-z]{2,4}(-[a-z]+)+-\d[a-z]$/, 'an availability zone such as eu-west-1a')),
        routeTableIds: list(text(/^rtb-[0-9a-f]+$/, 'the id of a route table: rtb-…')),
        endpoints: boolean,
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
