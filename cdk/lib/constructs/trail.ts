import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { NewTrail } from '../config';
import { selectors } from '../selectors';
import { suppressNag } from '../nag-suppressions';
import { refuseDeployment } from '../deployment-guards';
import { Archive } from './archive';
import { PipelineKey } from './key';

/** Props of `Trail`. */
export interface TrailProps {
  /** Options of the trail. */
  readonly trail: NewTrail;
  /** Name of the trail. */
  readonly trailName: string;
  /** Its ARN, which policies need before the trail exists. */
  readonly trailArn: string;
  /** Name of the archive bucket. */
  readonly bucketName: string;
  /** Name of the bucket of access logs. */
  readonly accessLogBucketName: string;
  /** Name of the log group that the stream route reads. @default - no log group */
  readonly logGroupName?: string;
  /** Name of the role with which CloudTrail writes to the log group. */
  readonly roleName: string;
  /** Name of the topic that is notified of log files, if one is created. */
  readonly topicName: string;
  /** Account and Region of the trail. */
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** Buckets of the pipeline, whose data events are not recorded. */
  readonly ownBuckets: readonly string[];
  /** Functions of the pipeline, whose data events are not recorded. */
  readonly ownFunctions: readonly string[];
}

/** A multi-Region trail with a write-once archive and a log group for the stream. */
export class Trail extends Construct {
  readonly bucket: Bucket;
  readonly key: Key;
  readonly logGroup?: LogGroup;
  readonly resource: CfnTrail;

  constructor(scope: Construct, id: string, props: TrailProps) {
    super(scope, id);
    const { trail } = props;
    const cloudTrail = new ServicePrincipal('cloudtrail.amazonaws.com');
    // The archive is retained when the stack is deleted, and cannot be read without the key.
    this.key = new PipelineKey(this, 'Key', {
      ...props, alias: `${props.trailName}-archive`, senders: [], removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.allowCloudTrailToUseKey(props, cloudTrail);
    if (trail.objectLockDays === 'choose') refuseDeployment(Stack.of(this), 'ObjectLockIsChosen');
    const archive = new Archive(this, 'Archive', {
      ...props, ...trail, objectLockDays: trail.objectLockDays === 'choose' ? 1 : trail.objectLockDays, key: this.key,
    });
    this.bucket = archive.bucket;
    const { logGroupName } = props;
    if (logGroupName !== undefined) {
      this.logGroup = new LogGroup(this, 'LogGroup', {
        logGroupName,
        encryptionKey: this.key,
        retention: (trail.logDays ?? 30) as RetentionDays,
        // The archive has the same events and is retained.
        removalPolicy: RemovalPolicy.DESTROY,
      });
    }
    const writer = logGroupName === undefined ? undefined : this.writer(logGroupName, props);

    const topic = trail.notifyTopic ? this.topic(props, cloudTrail) : undefined;
    this.resource = new CfnTrail(this, 'Resource', {
      trailName: props.trailName,
      isLogging: true,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      isOrganizationTrail: trail.organizationId !== undefined,
      s3BucketName: this.bucket.bucketName,
      kmsKeyId: this.key.keyArn,
      ...(writer ? { cloudWatchLogsLogGroupArn: this.logGroup?.logGroupArn, cloudWatchLogsRoleArn: writer.roleArn } : {}),
      advancedEventSelectors: selectors(trail.dataEvents ?? [], props),
      ...(trail.insights ? { insightSelectors: [{ insightType: 'ApiCallRateInsight' }, { insightType: 'ApiErrorRateInsight' }] } : {}),
      ...(topic ? { snsTopicName: topic.topicName } : {}),
    });
    this.resource.addResourceDependency(archive.policy);
    // CloudTrail tests the role, the log group and the topic when the trail is created.
    for (const needed of [writer, topic]) if (needed) this.resource.node.addDependency(needed);
  }

  /**
   * The three statements that CloudTrail requires of a key ("Configure AWS KMS key policies for CloudTrail"),
   * each for this trail alone, as the same page advises.
   */
  private allowCloudTrailToUseKey(props: TrailProps, cloudTrail: ServicePrincipal): void {
    const allow = (sid: string, action: string, encryptionContext = {}) =>
      this.key.addToResourcePolicy(
        new PolicyStatement({
          sid,
          effect: Effect.ALLOW,
          principals: [cloudTrail],
          actions: [action],
          // The resource of a key policy is the key itself.
          resources: ['*'],
          conditions: { StringEquals: { 'aws:SourceArn': props.trailArn }, ...encryptionContext },
        }),
      );
    // CloudTrail passes the ARN of the trail to KMS as encryption context ("How AWS CloudTrail uses AWS KMS").
    allow('CloudTrailEncrypt', 'kms:GenerateDataKey*', {
      StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': `arn:${props.partition}:cloudtrail:*:${props.account}:trail/*` },
    });
    // Required if the bucket has an S3 Bucket Key. The archive has none, but an administrator may enable it. There is no
    // condition on the context, because S3 then passes the ARN of the bucket to KMS.
    allow('CloudTrailDecrypt', 'kms:Decrypt');
    allow('CloudTrailDescribe', 'kms:DescribeKey');
  }

  private writer(logGroupName: string, props: TrailProps): Role {
    const role = new Role(this, 'Role', {
      roleName: props.roleName,
      // Without a condition: CloudTrail passes no account when it assumes the role, which can be passed only within
      // its account.
      assumedBy: new ServicePrincipal('cloudtrail.amazonaws.com'),
    });
    const streams = [props.account, ...(props.trail.organizationId ? [props.trail.organizationId] : [])];
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: streams.map((owner) =>
          `arn:${props.partition}:logs:${props.region}:${props.account}:log-group:${logGroupName}:log-stream:${owner}_*`),
      }),
    );
    suppressNag(role, { '_*': 'CloudTrail names its log streams itself: <owner>_CloudTrail_<Region> and a number, in this one log group.' });
    return role;
  }

  private topic(props: TrailProps, cloudTrail: ServicePrincipal): Topic {
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'CloudTrailNotify',
        effect: Effect.ALLOW,
        principals: [cloudTrail],
        actions: ['kms:GenerateDataKey*', 'kms:Decrypt'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceArn': props.trailArn } },
      }),
    );
    const topic = new Topic(this, 'Topic', { topicName: props.topicName, masterKey: this.key, enforceSSL: true });
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'CloudTrailPublish',
        effect: Effect.ALLOW,
        principals: [cloudTrail],
        actions: ['sns:Publish'],
        resources: [Stack.of(this).formatArn({ service: 'sns', resource: props.topicName })],
        conditions: { StringEquals: { 'aws:SourceArn': props.trailArn } },
      }),
    );
    return topic;
  }
}
