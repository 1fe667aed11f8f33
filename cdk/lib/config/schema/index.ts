import * as z from 'zod';
import { list, object, text, wholeNumber, word } from '../kinds';
import { ACCOUNT, LOG_DAYS, REGION } from './fields';
import { NETWORKS } from './networks';
import { OWN } from './own';
import { FAST, RESERVED_CONCURRENCY, ROUTES, STREAM } from './routes';
import { MASKING, SIEM } from './siem';
import { EXISTING_TRAIL, NEW_TRAIL, RESERVED_PREFIX } from './trail';
import { VPC } from './vpc';
import { WORDS } from './words';

/** Alarms. */
const ALARMS = object({
  /** Email addresses that are asked to subscribe. @default - none */
  emails: list(text(/^[^\s@]+@[^\s@]+$/, 'an email address')).optional(),
  /** Minutes without an event on the stream or the S3 route that count as silence: 15 to 1440. @default 60 */
  silenceMinutes: wholeNumber(15, 1_440).optional(),
  /** Hours without an event on the fast route that count as silence: 1 to 24. @default 24 */
  fastSilenceHours: wholeNumber(1, 24).optional(),
});

/** Retention, in days. */
const KEEP = object({
  /** Log lines of the functions: one of the periods that CloudWatch Logs accepts. @default 90 */
  logDays: LOG_DAYS.optional(),
  /** Dead letters: masked events that the collector rejected. @default 90 */
  deadLetterDays: wholeNumber(1, 3_650).optional(),
  /** Records that Firehose could not transform or deliver. They may be unmasked: 1 to 30. @default 14 */
  rawDays: wholeNumber(1, 30).optional(),
});

/** Every key of the configuration. Three are required: `region`, `trail`, `siem`. */
export const CONFIG = object({
  /** Prefix of every name, 3 to 18 of a-z, 0-9 and hyphens. @default sightline */
  name: text(
    /^[a-z][a-z0-9-]{1,16}[a-z0-9]$/,
    '3 to 18 characters of a-z, 0-9 and hyphens, beginning with a letter; not aws, and not beginning with xn--, sthree- or amzn-s3-demo-',
    // Buckets and a log group are named after it; names of log groups must not begin with `aws/`.
    (name) => !RESERVED_PREFIX.test(name) && name !== 'aws',
  ).optional(),
  /** Account to deploy to. @default - the account of the credentials */
  account: ACCOUNT.optional(),
  /**
   * Home Region: of the trail and of everything except the region forwarders of other Regions. It must belong to the
   * partition aws or aws-us-gov. Existing secrets, keys and topics must be in it.
   */
  region: REGION,
  /**
   * Regions whose events the fast route forwards, including the home Region.
   * @default - the home Region and us-east-1, where global services report
   */
  regions: list(REGION).optional(),
  /** A new trail or an existing one. */
  trail: z.union([NEW_TRAIL, EXISTING_TRAIL], { error: `an object with ${Object.keys(NEW_TRAIL.shape).join(', ')}, or with existing` }),
  /** The collector. */
  siem: SIEM,
  /** The routes that events take. @default - all three */
  routes: ROUTES.optional(),
  /** Details of the stream route by Firehose. */
  stream: STREAM.optional(),
  /** Details of the fast route. */
  fast: FAST.optional(),
  /**
   * Maximum number of concurrent functions per queue, 2 to 1000. A new account can run 10 functions at once: three
   * queues leave 4 of them to Firehose and CloudWatch Logs. Raise it as far as the quota and the collector allow.
   * @default 2
   */
  maxConcurrency: wholeNumber(2, 1_000).optional(),
  /**
   * Concurrency that AWS reserves for functions, by name, such as `{ 'firehose-transform': 20 }`. It also limits
   * the function, and no other function can use it. AWS refuses reservations that leave less than 100 of the
   * account's quota unreserved (Lambda Developer Guide, "Configuring reserved concurrency for a function"), so
   * a new account with a quota of 10 can reserve none. `firehose-relay` has `stream.relayConcurrency`.
   * @default - none is reserved
   */
  reservedConcurrency: RESERVED_CONCURRENCY.optional(),
  /** How personal data is masked. @default - it is not masked */
  masking: MASKING.optional(),
  /**
   * Networks by label, such as `{ 'corp-vpn': ['198.51.100.0/24', '2001:db8:1::/48'] }`. The annotation `src_network` is
   * the label of the network that contains the caller's address, else `external`. The longest prefix wins.
   * @default - events have no `src_network`
   */
  networks: NETWORKS.optional(),
  /** Event names to send: `*`, `curated` or a list. Defense-evasion events are always sent. @default * */
  eventNames: z.union(
    [word('*', 'curated'), list(text(/^([a-z0-9-]+:)?[A-Za-z]\w*$/, 'an event name, or source:name'))],
    { error: '*, curated, or a list of event names' },
  ).optional(),
  /** Event categories to send, of those that the trail records. @default - all */
  eventCategories: list(word(...WORDS.EVENT_CATEGORIES)).optional(),
  /**
   * Folder of your own Sigma rules. The fast route carries those that name their event sources literally; synthesis
   * warns about the others.
   * @default - none
   */
  rulesDir: text(/\S/, 'a folder').optional(),
  /**
   * Further protected resources, by the keys of `OWN_RESOURCES`. What Sightline creates or adopts is already
   * included, except the ids of event source mappings: see the output `OwnMappings`.
   * @default - none
   */
  own: OWN.optional(),
  /** Processor of the functions. The zips must be built for it. @default x86_64 */
  architecture: word('x86_64', 'arm64').optional(),
  /**
   * How new versions of functions take over after their self-check. `canary`: CodeDeploy sends them 10 percent of the
   * invocations for 5 minutes, and returns to the previous version if one of these invocations fails. `all-at-once`:
   * immediately, without a return.
   *
   * A canary proves that invocations of the new version end without an error. It does not prove that a version which
   * hangs until its timeout works (Lambda counts the error when the run ends, for some functions after the 5 minutes),
   * that a version works which is not invoked in this time, as on the fast route, or that the collector accepts the
   * events: rejected events are retried or stored, which is not an error of an invocation.
   * @default canary
   */
  deployment: word('canary', 'all-at-once').optional(),
  /** A VPC for the functions. @default - none: the functions reach the collector over the internet */
  vpc: VPC.optional(),
  /** Alarms. */
  alarms: ALARMS.optional(),
  /** Retention. */
  keep: KEEP.optional(),
});
