/** The configuration of Sightline, as a user writes it. */

import { ExistingTrail, NewTrail } from './trail';

export { ExistingTrail, NewTrail } from './trail';

/** The collector. */
export interface Siem {
  /** Kind of collector. `huntress` has neither acknowledgments nor `index`. */
  readonly profile: 'splunk' | 'huntress' | 'generic';
  /**
   * Address of its HTTP Event Collector, without a token in it. `/services/collector/event` is added to
   * an empty path.
   */
  readonly url: string;
  /**
   * Protocol: `hec`, the Splunk HTTP Event Collector, or `logs`, `POST {url}/v1/logs`.
   * @default hec
   */
  readonly sink?: 'hec' | 'logs';
  /** `X-Organization-Id` of sink `logs`. @default - not sent */
  readonly organizationId?: string;
  /**
   * ARN of a secret with the token: `{"hec_token":"…"}`, with sink `logs` `{"api_key":"…"}`.
   * @default - an empty secret `<name>/hec-token` is created; put the token into it
   */
  readonly secretArn?: string;
  /**
   * ARN of the customer managed key that encrypts the secret of `secretArn`.
   * @default - the key `aws/secretsmanager`
   */
  readonly secretKeyArn?: string;
  /**
   * Whether an event counts as delivered only when an indexer has acknowledged it.
   * @default true with profile splunk, else false
   */
  readonly acks?: boolean;
  /** Index of every event. @default - the collector's own */
  readonly index?: string;
  /** Source type of every event. @default aws:cloudtrail */
  readonly sourceType?: string;
  /** Where annotations go. @default - as the profile has it */
  readonly annotate?: 'fields' | 'event' | 'off';
  /** How the objects of a request are put together. @default concatenated */
  readonly batch?: 'concatenated' | 'array' | 'single';
  /**
   * PEM file with certificate authorities that the functions trust in addition to the public ones, for a collector
   * with a private certificate. Firehose does not use it. It goes into the functions' packages.
   * @default - public certificate authorities only
   */
  readonly caFile?: string;
  /** Most bytes of a request before compression, 10000 to 4000000: functions are small. @default 1000000 */
  readonly maxBytes?: number;
}

/** The routes that events take. */
export interface Routes {
  /**
   * CloudWatch Logs, the steady stream of all events. `firehose`: by Firehose, to Splunk with acknowledgments or to
   * `firehose-relay`; `true` means the same. `direct`: a subscription that invokes `subscription-forwarder`, without
   * Firehose and without a public URL; what the collector does not accept in a few minutes waits in a bucket and a
   * queue. `false`: no stream.
   * @default firehose to Splunk with acknowledgments or where `stream` is set, else direct
   */
  readonly stream?: 'firehose' | 'direct' | boolean;
  /** EventBridge: blinding events, within a minute. @default true */
  readonly fast?: boolean;
  /**
   * Log files in S3: `full` if there is no stream, `gaps` for the records that are too large for
   * the stream (over 256 KB), or `off`.
   * @default gaps next to a stream, else full
   */
  readonly s3?: 'full' | 'gaps' | 'off';
}

/** Details of the stream route by Firehose. */
export interface StreamConfig {
  /**
   * What Firehose delivers to: Splunk with acknowledgements, or `firehose-relay`, which delivers
   * to collectors without.
   * @default - splunk with profile splunk and acknowledgements, else relay
   */
  readonly destination?: 'splunk' | 'relay';
  /** Address for Firehose where it differs from `siem.url`, as with Splunk Cloud. @default - siem.url */
  readonly url?: string;
  /**
   * Seconds that events wait for company: 0 to 60 to Splunk, 0 to 900 to the relay. The relay is
   * invoked for each delivery.
   * @default 0 to Splunk, 5 to the relay
   */
  readonly bufferSeconds?: number;
  /** Megabytes at which they wait no longer: 1 to 5 to Splunk, 1 to 3 to the relay. @default 1 */
  readonly bufferMegabytes?: number;
  /** Seconds for which delivery is tried again, 0 to 7200. @default 7200 */
  readonly retrySeconds?: number;
  /**
   * How many relays may run at once, required with destination `relay`. Anybody who finds the relay's function URL
   * can invoke it, although it answers only with Firehose's key: a number from 2 to 1000 limits what such calls
   * take from the account's concurrency. AWS reserves it, and refuses a reservation that leaves less than 100 of
   * the account's quota unreserved, so in a new account only `unbounded` is possible.
   */
  readonly relayConcurrency?: number | 'unbounded';
}

/** Details of the fast route. */
export interface FastConfig {
  /**
   * `blinding`: what the detection rules (and yours of `rulesDir`) name. `high`: also the curated
   * events of severity high.
   * @default high
   */
  readonly events?: 'blinding' | 'high';
  /**
   * Read-only management events too, where they are on the list. EventBridge keeps those that begin
   * with Get, List or Describe from rules otherwise, `GetPasswordData` of the curated list among
   * them. Synthesis warns where rules of yours name such.
   * @default false
   */
  readonly reads?: boolean;
  /**
   * Further accounts whose Regions relay to the hub, since EventBridge keeps the events of an
   * account in that account. Each needs CDK bootstrapped and trusting this account.
   * @default - none
   */
  readonly accounts?: readonly string[];
}

/** How people and addresses are masked. */
export interface Masking {
  /** `sha256` can be reversed for addresses; `hmac` needs a key. */
  readonly mode: 'off' | 'sha256' | 'hmac';
  /** Keys whose values are masked. @default sourceIPAddress, userName */
  readonly fields?: readonly string[];
  /** `keys`: those values only; `record`: wherever the person stands. @default record */
  readonly scope?: 'keys' | 'record';
  /**
   * ARN of a secret with the mask key.
   * @default - with hmac a secret `<name>/mask-key` is created, with a generated key
   */
  readonly keySecretArn?: string;
  /**
   * ARN of the customer managed key that encrypts the secret of `keySecretArn`.
   * @default - the key `aws/secretsmanager`
   */
  readonly secretKeyArn?: string;
}

/** AWS services that the functions call by interface endpoints, if there are such. */
export const INTERFACE_ENDPOINTS = ['secretsManager', 'sqs', 'firehose'] as const;

/** Whether an endpoint is created, or is in the VPC already. */
export type Endpoint = 'create' | 'existing';

/**
 * Endpoints to AWS in the VPC. AWS refuses a second S3 gateway endpoint on a route table, and a second interface
 * endpoint with private DNS names for a service: most VPCs with private subnets have the former already. What
 * is left out is neither created nor expected.
 */
export interface VpcEndpoints {
  /** The gateway endpoint to S3. `create` needs `routeTableIds`. */
  readonly s3?: Endpoint;
  /** Interface endpoints, billed by the hour and zone. */
  readonly secretsManager?: Endpoint;
  readonly sqs?: Endpoint;
  readonly firehose?: Endpoint;
  /**
   * Security groups of existing interface endpoints, which are to let the functions in.
   * @default - they do already
   */
  readonly securityGroupIds?: readonly string[];
}

/** A VPC for the functions. */
export interface VpcConfig {
  /** Id of the VPC. */
  readonly vpcId: string;
  /** Its CIDR block: what may reach the endpoints. */
  readonly cidr: string;
  /** Subnets for the functions, 16 at most. They may share zones and route tables. */
  readonly subnetIds: readonly string[];
  /** Availability zones of the subnets, in the same order. */
  readonly availabilityZones: readonly string[];
  /**
   * Route tables of the subnets, in the same order, for `endpoints.s3: 'create'`.
   * @default - no gateway endpoint is created
   */
  readonly routeTableIds?: readonly string[];
  /** Endpoints to AWS. @default - none: the functions reach AWS by your routes, as they do the collector */
  readonly endpoints?: VpcEndpoints;
}

/** Functions whose concurrency can be reserved. */
export const RESERVABLE = ['firehose-transform', 'subscription-forwarder', 'event-forwarder', 's3-forwarder'] as const;

/** Executions reserved for a function: 1 to 1000, and more than its queues may use: the self-check needs 1. */
export type ReservedConcurrency = Readonly<Partial<Record<(typeof RESERVABLE)[number], number>>>;

/** Alarms. */
export interface AlarmConfig {
  /** Addresses that are asked to subscribe. @default - none */
  readonly emails?: readonly string[];
  /** Minutes without an event on the stream or the S3 route that count as silence: 15 to 1440. @default 60 */
  readonly silenceMinutes?: number;
  /** Hours without an event on the fast route that count as silence: 1 to 24. @default 24 */
  readonly fastSilenceHours?: number;
}

/** How long things are kept, in days. */
export interface KeepConfig {
  /** Log lines of the functions: one of the periods CloudWatch Logs knows. @default 90 */
  readonly logDays?: number;
  /** Dead letters: masked events that the collector refused. @default 90 */
  readonly deadLetterDays?: number;
  /** What Firehose could not transform or deliver. May be unmasked, so short: 1 to 30. @default 14 */
  readonly rawDays?: number;
}

/**
 * More of your own resources, by the keys of `OWN_RESOURCES`. What Sightline makes or adopts is in
 * it already but for the ids of event source mappings: see the output `OwnMappings`.
 */
export type OwnResources = Readonly<Record<string, readonly string[] | number>>;

/** Everything. Three lines are enough: `region`, `trail`, `siem`. */
export interface SightlineConfig {
  /** First part of every name, 3 to 18 of a-z, 0-9 and hyphens. @default sightline */
  readonly name?: string;
  /** Account to deploy to. @default - that of the credentials */
  readonly account?: string;
  /**
   * Home Region: of the trail and of everything but the relays of other Regions. Of the partitions aws
   * and aws-us-gov; secrets, keys and topics that are there have to be in it.
   */
  readonly region: string;
  /**
   * Regions whose fast events are wanted, the home Region among them.
   * @default - the home Region and us-east-1, where global services report
   */
  readonly regions?: readonly string[];
  /** A new trail or one that is there. */
  readonly trail: NewTrail | ExistingTrail;
  /** The collector. */
  readonly siem: Siem;
  /** The routes that events take. @default - all three */
  readonly routes?: Routes;
  /** Details of the stream route by Firehose. */
  readonly stream?: StreamConfig;
  /** Details of the fast route. */
  readonly fast?: FastConfig;
  /**
   * Functions that may run at once for each queue, 2 to 1000. A new account runs 10 functions at once: three
   * queues leave 4 of them to Firehose and CloudWatch Logs. Raise it where the quota and the collector allow.
   * @default 2
   */
  readonly maxConcurrency?: number;
  /**
   * Concurrency that AWS reserves for functions, by name, such as `{ 'firehose-transform': 20 }`. It also limits
   * the function, and no other function can use it. AWS refuses reservations that leave less than 100 of the
   * account's quota unreserved (Lambda Developer Guide, "Configuring reserved concurrency for a function"), so
   * a new account with a quota of 10 can reserve none. `firehose-relay` has `stream.relayConcurrency`.
   * @default - none is reserved
   */
  readonly reservedConcurrency?: ReservedConcurrency;
  /** How people are masked. @default - off */
  readonly masking?: Masking;
  /** Event names to send: `*`, `curated` or a list. Events that blind are always sent. @default * */
  readonly eventNames?: '*' | 'curated' | readonly string[];
  /** Event categories to send, of those that the trail records. @default - all */
  readonly eventCategories?: readonly ('Management' | 'Data' | 'Insight' | 'NetworkActivity')[];
  /**
   * Folder of Sigma rules of your own. The fast route carries those that name their event sources
   * letter by letter; synthesis warns of the others.
   * @default - none
   */
  readonly rulesDir?: string;
  /** More own resources. @default - none */
  readonly own?: OwnResources;
  /** Processor of the functions. The zips have to be of the same. @default x86_64 */
  readonly architecture?: 'x86_64' | 'arm64';
  /**
   * How new versions of functions take over, once they have passed their self-check. `canary`: CodeDeploy sends
   * them 10 percent of the invocations for 5 minutes, and goes back to the previous version if one of these
   * invocations ends in an error. `all-at-once`: immediately, without going back.
   *
   * A canary proves that invocations of the new version end without an error. It does not prove that a version
   * which hangs until its time-out works (Lambda counts the error when the run ends, for some functions after the 5
   * minutes), nor one that is not invoked in this time, as on the fast route, nor that the collector accepts the
   * events: what it refuses is retried or kept, which is no error of an invocation.
   * @default canary
   */
  readonly deployment?: 'canary' | 'all-at-once';
  /** A VPC for the functions. @default - none: the functions reach the collector by the internet */
  readonly vpc?: VpcConfig;
  /** Alarms. */
  readonly alarms?: AlarmConfig;
  /** How long things are kept. */
  readonly keep?: KeepConfig;
}

/** Types a configuration where it is written. */
export function sightline(config: SightlineConfig): SightlineConfig {
  return config;
}
