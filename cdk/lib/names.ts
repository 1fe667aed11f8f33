import { OwnResources, ResolvedConfig } from './config';
import { partitionOf } from './config/regions';
import { FIREHOSE_ERRORS } from './alarms/firehose-errors';

/** Whether a name is a reference of the CDK library, whose value is known at deployment: the format of its `Token`. */
export function isReference(name: string): boolean {
  return name.includes('${Token[');
}

/** The programs of Sightline, as their zips are named. */
export type ProgramName = 'firehose-transform' | 'firehose-relay' | 'event-forwarder' | 's3-forwarder';

/** The functions of Sightline. */
export type FunctionName = ProgramName | 'subscription-forwarder';

/**
 * The program of a function. `event-forwarder` runs as two functions: the one behind the queue of the fast route
 * is small and must not wait for, or be measured together with, the stream that CloudWatch Logs sends.
 */
export function programOf(name: FunctionName): ProgramName {
  return name === 'subscription-forwarder' ? 'event-forwarder' : name;
}

/** Name of the alias of every function. */
export const LIVE = 'live';

/** Protected resources, by when their names are known. */
export interface ProtectedResources {
  /** At synthesis: written to a file of the function's package. */
  readonly known: OwnResources;
  /** At deployment, such as the ids of keys: few enough for the environment. */
  readonly late: OwnResources;
}

/**
 * The names of all resources, known before any is created. Functions evaluate events about these names, so the names
 * are written to the functions' packages, which cannot contain references. Does not import the CDK library, because
 * the check before synthesis needs the names.
 */
export class Names {
  /** Functions that the configuration deploys. */
  readonly functions: readonly FunctionName[];
  /** Names of the queues. */
  readonly queues: readonly string[];

  /** `account` is a reference if the configuration does not name it. */
  constructor(readonly config: ResolvedConfig, readonly account: string) {
    const { stream, fast, s3 } = config.routes;
    this.functions = [
      ...(stream === 'firehose' ? ['firehose-transform' as const] : []),
      ...(this.usesRelay ? ['firehose-relay' as const] : []),
      ...(stream === 'direct' ? ['subscription-forwarder' as const] : []),
      ...(fast ? ['event-forwarder' as const] : []),
      ...(s3 !== 'off' || stream === 'direct' ? ['s3-forwarder' as const] : []),
    ];
    this.queues = [
      ...(fast ? ['fast', 'fast-dlq', 'fast-rule-dlq'] : []),
      ...(s3 === 'off' ? [] : ['s3', 's3-dlq']),
      ...(stream === 'direct' ? ['undelivered', 'undelivered-dlq'] : []),
    ].map((what) => this.of(what));
  }

  /** Whether Firehose delivers to `firehose-relay`. */
  get usesRelay(): boolean {
    return this.config.routes.stream === 'firehose' && this.config.stream.destination === 'relay';
  }

  /** A name with the prefix of the deployment: `sightline-fast`. */
  of(what: string): string {
    return `${this.config.name}-${what}`;
  }

  /** Name of a bucket, unique across all accounts. */
  bucket(what: 'archive' | 'access-logs' | 'dead-letters' | 'firehose-backup' | 'undelivered'): string {
    return `${this.config.name}-${what}-${this.account}-${this.config.region}`;
  }

  /** Name of a role. Roles are shared by all Regions of the account. */
  role(what: string): string {
    return `${this.of(what)}-role`;
  }

  /** Role with which the rules of another Region or account send to the hub. */
  regionForwarderRole(region: string): string {
    return `${this.of('relay')}-${region}-role`;
  }

  /** Regions with a region forwarder: with further accounts also the home Region in those. */
  private get forwardedRegions(): readonly string[] {
    const { regions, region, fast } = this.config;
    return regions.filter((one) => one !== region || fast.accounts.length > 0);
  }

  /** Log group of a function or a stream. */
  logGroup(what: FunctionName | 'firehose'): string {
    return what === 'firehose' ? `/aws/kinesisfirehose/${this.config.name}` : `/aws/lambda/${this.of(what)}`;
  }

  /** The log group that the trail writes to; `undefined` if there is none. */
  get trailLogGroup(): string | undefined {
    if (!this.config.newTrail) return this.config.existingTrail?.logGroupName;
    return this.config.routes.stream ? `${this.config.name}/trail` : undefined;
  }

  /** Namespace of the metrics that metric filters count: they have no dimension with the name of the deployment. */
  get logMetrics(): string {
    return `Sightline/${this.config.name}`;
  }

  /** Bucket that the trail writes to. */
  get archive(): string {
    return this.config.existingTrail?.bucketName ?? this.bucket('archive');
  }

  /** Name of the secret with the collector's token, if one is created. */
  get tokenSecret(): string {
    return `${this.config.name}/hec-token`;
  }

  /** Name of the secret with the mask key, if one is created. */
  get maskKeySecret(): string {
    return `${this.config.name}/mask-key`;
  }

  /** Name of the secret with the access key that Firehose sends to the relay. */
  get relayKeySecret(): string {
    return `${this.config.name}/relay-key`;
  }

  /** Name of the topic of alarms. */
  get alarmTopic(): string {
    return this.of('alarms');
  }

  /**
   * `OWN_RESOURCES`: the resources that Sightline creates or adopts, and those that the user adds. Ids of event source
   * mappings are not included, because a mapping is created after its function.
   */
  protectedResources(rules: readonly string[], alarms: readonly string[], keyIds: readonly string[] = []): ProtectedResources {
    const { config } = this;
    const { stream, fast, s3 } = config.routes;
    const firehose = stream === 'firehose';
    const masked = config.masking?.mode === 'hmac';
    const made: Record<string, readonly (string | undefined)[]> = {
      log_buckets: [
        this.archive,
        ...(config.newTrail ? [this.bucket('access-logs')] : []),
        this.bucket('dead-letters'),
        ...(firehose ? [this.bucket('firehose-backup')] : []),
        ...(stream === 'direct' ? [this.bucket('undelivered')] : []),
      ],
      log_groups: [this.trailLogGroup, ...this.functions.map((name) => this.logGroup(name)), ...(firehose ? [this.logGroup('firehose')] : [])],
      kms_key_ids: [...keyIds, config.existingTrail?.keyArn, config.siem.secretKeyArn, config.masking?.secretKeyArn],
      lambda_functions: this.functions.map((name) => this.of(name)),
      firehose_streams: firehose ? [config.name] : [],
      sqs_queues: this.queues,
      sns_topics: [this.alarmTopic, config.existingTrail?.topicArn, ...(config.newTrail?.notifyTopic ? [this.of('log-files')] : [])],
      eventbridge_rules: rules,
      secrets: [
        config.siem.secretArn ?? this.tokenSecret,
        ...(masked ? [config.masking?.keySecretArn ?? this.maskKeySecret] : []),
        ...(this.usesRelay ? [this.relayKeySecret] : []),
      ],
      subscription_filters: stream ? [config.name] : [],
      subscription_destination_arn: stream ? [firehose ? this.streamArn : `${this.functionArn('subscription-forwarder')}:${LIVE}`] : [],
      iam_roles: [
        ...this.functions.map((name) => this.role(name)),
        ...(firehose ? [this.role('firehose'), this.role('subscription')] : []),
        ...(config.newTrail && stream ? [this.role('trail')] : []),
        ...(fast ? this.forwardedRegions.map((region) => this.regionForwarderRole(region)) : []),
        ...(s3 === 'off' ? [] : [this.role('backfill')]),
        ...(config.deployment === 'canary' ? [this.role('deployment')] : []),
      ],
      alarms,
      metric_filters: firehose ? FIREHOSE_ERRORS.filter(({ destinations }) => destinations.includes(config.stream.destination)).map(({ id }) => id) : [],
      codedeploy_applications: config.deployment === 'canary' ? [config.name] : [],
    };
    const known = { ...config.own } as Record<string, readonly string[] | number>;
    const late: Record<string, readonly string[]> = {};
    for (const [key, names] of Object.entries(made)) {
      const added = known[key];
      const all = [...names, ...(Array.isArray(added) ? (added as string[]) : [])];
      const given = [...new Set(all.filter((name) => name !== undefined))];
      const [references, texts] = [given.filter(isReference), given.filter((name) => !isReference(name))];
      if (texts.length > 0) known[key] = texts;
      if (references.length > 0) late[key] = references;
    }
    return { known, late };
  }

  /** ARN of a function, without its alias. */
  functionArn(name: FunctionName): string {
    return `arn:${this.partition}:lambda:${this.config.region}:${this.account}:function:${this.of(name)}`;
  }

  /** ARN of the delivery stream. */
  get streamArn(): string {
    return `arn:${this.partition}:firehose:${this.config.region}:${this.account}:deliverystream/${this.config.name}`;
  }

  /** ARN of the trail, if one is created. */
  get trailArn(): string {
    return `arn:${this.partition}:cloudtrail:${this.config.region}:${this.account}:trail/${this.config.name}`;
  }

  /** Partition of the home Region. */
  get partition(): string {
    return partitionOf(this.config.region);
  }
}
