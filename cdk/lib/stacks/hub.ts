import { Annotations, Aws, Fn, CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { alarmSpecs, compositeAlarmSpecs } from '../alarms';
import { ResolvedConfig } from '../config';
import { Alarms } from '../constructs/alarms';
import { FailureBucket } from '../constructs/failure-bucket';
import { FastRoute, allowCrossAccountPutEvents } from '../constructs/fast-route';
import { DirectRoute } from '../constructs/direct-route';
import { PipelineKey } from '../constructs/key';
import { VpcPlacement } from '../constructs/vpc-placement';
import { S3Route } from '../constructs/s3-route';
import { DeliveryStream } from '../constructs/delivery-stream';
import { FunctionTarget, StreamTarget, Subscription } from '../constructs/subscription';
import { Trail } from '../constructs/trail';
import { WRITES } from '../alarms/firehose-errors';
import { Names } from '../names';
import { filterPattern } from '../detection/patterns';
import { FastEvents } from '../detection/fast-events';
import { isExample, refuseDeployment } from '../deployment-guards';
import { warnings } from '../warnings';
import { HubFunctions } from './functions';
import { HubSecrets } from './secrets';

/** Props of `HubStack`. */
export interface HubProps extends StackProps {
  /** The configuration. */
  readonly config: ResolvedConfig;
  /** Events of the fast route. */
  readonly fast: FastEvents;
  /** Folder of the functions' zips. @default - target/bundle */
  readonly bundle?: string;
}

/** The stack of the home Region: the trail, the routes, the alarms. */
export class HubStack extends Stack {
  private readonly config: ResolvedConfig;
  private readonly names: Names;
  private readonly key: Key;
  private readonly deadLetters: FailureBucket;
  private readonly secrets: HubSecrets;
  private readonly functions: HubFunctions;
  private readonly mappings: string[] = [];

  constructor(scope: Construct, id: string, private readonly props: HubProps) {
    super(scope, id, { description: 'Sightline: CloudTrail to the SIEM', ...props });
    const { config } = props;
    this.config = config;
    this.names = new Names(config, config.account ?? Aws.ACCOUNT_ID);
    const { names } = this;
    const bucketsNotify = config.routes.stream === 'direct' || (config.routes.s3 !== 'off' && !config.existingTrail?.topicArn);
    this.key = new PipelineKey(this, 'Key', {
      alias: config.name,
      account: names.account,
      region: config.region,
      partition: names.partition,
      senders: [...(config.routes.fast ? ['events.amazonaws.com'] : []), ...(bucketsNotify ? ['s3.amazonaws.com'] : [])],
    });
    this.deadLetters = new FailureBucket(this, 'DeadLetters', {
      bucketName: names.bucket('dead-letters'), key: this.key, keepDays: config.keep.deadLetterDays,
    });
    this.secrets = new HubSecrets(this, config, names, this.key);
    const placement = config.vpc && new VpcPlacement(this, 'Network', { ...config.vpc, collector: config.siem.url });
    for (const { id, text } of warnings(config)) Annotations.of(this).addWarningV2(id, text);

    if ([config.siem.url, config.stream.url].some(isExample)) refuseDeployment(this, 'AddressIsReal');
    const trail = this.trail();
    this.functions = new HubFunctions(this, {
      ...props, names, key: this.key, deadLetters: this.deadLetters, secrets: this.secrets,
      keyIds: [this.key.keyId, ...this.secrets.keyIds, ...(trail instanceof Trail ? [trail.key.keyId] : [])],
      ...(placement ? { placement } : {}),
    });
    const routes = [
      ...(config.routes.stream === 'firehose' ? [this.streamRoute(trail)] : []),
      ...(config.routes.stream === 'direct' ? [this.directRoute(trail)] : []),
      ...(config.routes.fast ? [this.fastRoute()] : []),
      ...(config.routes.s3 === 'off' ? [] : [this.s3Route(trail)]),
    ];
    // Created last: its first events need the routes, and a deployment that fails earlier leaves no locked file behind.
    if (trail instanceof Trail) trail.resource.node.addDependency(...routes);
    const alarms = new Alarms(this, 'Alarms', {
      prefix: config.name,
      topicName: names.alarmTopic,
      account: names.account,
      emails: config.alarms.emails,
      specs: alarmSpecs(names, this.props.fast.ruleNames),
      composites: compositeAlarmSpecs(names, this.props.fast.ruleNames),
    });
    if (config.deployment === 'canary') this.functions.rollOut();
    this.output('AlarmTopic', alarms.topic.topicArn, 'Topic of the alarms: subscribe the on-call engineers');
    if (this.mappings.length > 0) this.output('OwnMappings', Fn.join(',', this.mappings), 'For own.event_source_mapping_uuids, so that denied attempts to change them are recognized as well');
  }

  private trail(): Trail | { readonly bucket: IBucket } {
    const { config, names } = this;
    if (!config.newTrail) return { bucket: Bucket.fromBucketName(this, 'Archive', names.archive) };
    return new Trail(this, 'Trail', {
      trail: config.newTrail,
      trailName: config.name,
      trailArn: names.trailArn,
      bucketName: names.archive,
      accessLogBucketName: names.bucket('access-logs'),
      ...(names.trailLogGroup ? { logGroupName: names.trailLogGroup } : {}),
      roleName: names.role('trail'),
      topicName: names.of('log-files'),
      account: names.account,
      region: config.region,
      partition: names.partition,
      ownBuckets: [names.archive, names.bucket('access-logs'), names.bucket('dead-letters'), names.bucket('firehose-backup'), names.bucket('undelivered')],
      ownFunctions: names.functions.map((name) => names.of(name)),
    });
  }

  private streamRoute(trail: Trail | { readonly bucket: IBucket }): Subscription {
    const { config, names, secrets } = this;
    const backup = new FailureBucket(this, 'FirehoseBackup', {
      bucketName: names.bucket('firehose-backup'), key: this.key, keepDays: config.keep.rawDays, writesMetricId: WRITES,
    });
    const stream = new DeliveryStream(this, 'Stream', {
      ...config.stream,
      streamName: config.name,
      target: secrets.relayKey
        ? { kind: 'relay', url: this.relayUrl(), secret: secrets.relayKey }
        : { kind: 'splunk', url: config.stream.url, secret: secrets.token },
      transform: this.functions.get('firehose-transform'),
      backup,
      key: this.key,
      logGroupName: names.logGroup('firehose'),
      logDays: config.keep.logDays,
      roleName: names.role('firehose'),
      metricNamespace: names.logMetrics,
    });
    return this.subscribe(trail, { kind: 'stream', stream, roleName: names.role('subscription') });
  }

  private subscribe(trail: Trail | { readonly bucket: IBucket }, target: StreamTarget | FunctionTarget): Subscription {
    const { config, names } = this;
    const subscription = new Subscription(this, 'Subscription', {
      logGroupName: names.trailLogGroup ?? '',
      filterName: config.name,
      pattern: filterPattern(Array.isArray(config.eventNames) ? config.eventNames : undefined, this.props.fast.blinding),
      target,
    });
    if (trail instanceof Trail && trail.logGroup) subscription.resource.node.addDependency(trail.logGroup);
    return subscription;
  }

  private directRoute(trail: Trail | { readonly bucket: IBucket }): Subscription {
    const { config, names } = this;
    const subscriber = this.functions.get('subscription-forwarder');
    const route = new DirectRoute(this, 'Direct', {
      subscriber,
      forwarder: this.functions.get('s3-forwarder'),
      timeout: this.functions.timeout('s3-forwarder'),
      bucketName: names.bucket('undelivered'),
      keepDays: config.keep.rawDays,
      queueName: names.of('undelivered'),
      key: this.key,
      maxConcurrency: config.maxConcurrency,
    });
    this.mappings.push(route.mapping.eventSourceMappingId);
    return this.subscribe(trail, { kind: 'function', function: subscriber, after: [route.failures, route.mapping] });
  }

  private relayUrl(): string {
    const url = this.functions.get('firehose-relay').live.addFunctionUrl({
      // Firehose does not sign requests. It sends the access key; without it the relay answers 401.
      authType: FunctionUrlAuthType.NONE,
    });
    return url.url;
  }

  private fastRoute(): FastRoute {
    const { config, names, props } = this;
    const timeout = this.functions.timeout('event-forwarder');
    const route = new FastRoute(this, 'Fast', {
      ruleNames: props.fast.ruleNames,
      patterns: props.fast.patterns,
      reads: config.fast.reads,
      queueName: names.of('fast'),
      ruleDlqName: names.of('fast-rule-dlq'),
      key: this.key,
      forwarder: this.functions.get('event-forwarder'),
      timeout,
      maxConcurrency: config.maxConcurrency,
    });
    this.mappings.push(route.mapping.eventSourceMappingId);
    allowCrossAccountPutEvents(this, 'FromAccounts', {
      accounts: config.fast.accounts, statementId: `${config.name}-relays`, partition: names.partition, roleNames: config.regions.map((region) => names.regionForwarderRole(region)),
    });
    return route;
  }

  private s3Route(trail: Trail | { readonly bucket: IBucket }): S3Route {
    const { config, names } = this;
    const bucketKeyArn = trail instanceof Trail ? trail.key.keyArn : config.existingTrail?.keyArn;
    const route = new S3Route(this, 'S3', {
      bucket: trail.bucket,
      bucketName: names.archive,
      ...(bucketKeyArn ? { bucketKeyArn } : {}),
      ...(config.existingTrail?.prefix ? { prefix: config.existingTrail.prefix } : {}),
      ...(config.existingTrail?.topicArn ? { topicArn: config.existingTrail.topicArn } : {}),
      queueName: names.of('s3'),
      key: this.key,
      forwarder: this.functions.get('s3-forwarder'),
      timeout: this.functions.timeout('s3-forwarder'),
      maxConcurrency: config.maxConcurrency,
      backfillRoleName: names.role('backfill'),
      reports: this.deadLetters,
    });
    this.mappings.push(route.mapping.eventSourceMappingId);
    this.output('BackfillFunction', this.functions.get('s3-forwarder').live.functionArn, 'For jobs of S3 Batch Operations: the role may invoke this alias, but not the function without it');
    this.output('BackfillRole', route.backfillRole.roleArn, 'For jobs of S3 Batch Operations; manifests and reports under backfill/ in the dead-letter bucket');
    return route;
  }

  private output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
