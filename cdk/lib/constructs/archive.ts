import { CfnResource, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Bucket, BucketEncryption, ObjectLockRetention, StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { SECURE_DEFAULTS } from './secure-defaults';

/** Props of `Archive`. */
export interface ArchiveProps {
  /** Name of the bucket. */
  readonly bucketName: string;
  /** Name of the bucket for the access logs of the archive. */
  readonly accessLogBucketName: string;
  /** Key that encrypts the log files. */
  readonly key: IKey;
  /** Days for which nobody can delete a log file. There is no default, because it cannot be undone. */
  readonly objectLockDays: number;
  /** Days after which a log file is deleted. @default - never */
  readonly expireDays?: number;
  /** ARN of the trail, the only one that may write to the archive. */
  readonly trailArn: string;
  /** Account that owns the trail. */
  readonly account: string;
  /** Id of the organization whose accounts the trail records. @default - none */
  readonly organizationId?: string;
}

/** Days for which access logs are kept: long enough to investigate an incident. */
const ACCESS_LOG_DAYS = 365;

/** Days after which a log file moves to cheaper storage. S3 rejects a transition after the expiration. */
const COLD_DAYS = 90;

/** Days for which a deleted or overwritten log file can be restored. */
const NONCURRENT_DAYS = 30;

/** The complete copy of all events: a bucket that only CloudTrail writes to, with Object Lock in compliance mode. */
export class Archive extends Construct {
  readonly bucket: Bucket;
  readonly accessLogs: Bucket;

  constructor(scope: Construct, id: string, props: ArchiveProps) {
    super(scope, id);
    this.accessLogs = new Bucket(this, 'AccessLogs', {
      bucketName: props.accessLogBucketName,
      // S3 does not deliver access logs to a bucket whose default encryption is SSE-KMS ("Enabling Amazon S3 server
      // access logging").
      encryption: BucketEncryption.S3_MANAGED,
      ...SECURE_DEFAULTS,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        { id: 'expire', expiration: Duration.days(ACCESS_LOG_DAYS), noncurrentVersionExpiration: Duration.days(30) },
      ],
    });
    Validations.of(this.accessLogs).acknowledge({ id: 'AwsSolutions-S1', reason: 'Access logs of the access log bucket would log themselves endlessly.' });

    this.bucket = new Bucket(this, 'Bucket', {
      bucketName: props.bucketName,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.key,
      // No S3 Bucket Key. With one, CloudTrail needs kms:Decrypt to create the trail, and S3 gives KMS the ARN
      // of the bucket as encryption context, where the key's policy expects what CloudTrail documents: the ARNs
      // of the trail and of the log file ("Configure AWS KMS key policies for CloudTrail" and "How AWS
      // CloudTrail uses AWS KMS" in its user guide). AWS does not charge for CloudTrail's own calls to KMS.
      bucketKeyEnabled: false,
      ...SECURE_DEFAULTS,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.compliance(Duration.days(props.objectLockDays)),
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: 'archive/',
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        {
          id: 'archive',
          // Forwarders read a log file within minutes; investigators may read it later, also without delay.
          ...((props.expireDays ?? Infinity) > COLD_DAYS
            ? { transitions: [{ storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(COLD_DAYS) }] }
            : {}),
          ...(props.expireDays ? { expiration: Duration.days(props.expireDays) } : {}),
          // Deleted or overwritten objects stay long enough to notice, and never less than the lock.
          noncurrentVersionExpiration: Duration.days(NONCURRENT_DAYS),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
      ],
    });
    this.allowCloudTrailToWrite(props);
    // The policies of retained buckets are retained as well, so that the buckets keep denying access and access is logged.
    for (const bucket of [this.bucket, this.accessLogs]) bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }

  private allowCloudTrailToWrite(props: ArchiveProps): void {
    const service = new ServicePrincipal('cloudtrail.amazonaws.com');
    const source = { 'aws:SourceArn': props.trailArn };
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'CloudTrailAclCheck',
        effect: Effect.ALLOW,
        principals: [service],
        actions: ['s3:GetBucketAcl'],
        resources: [this.bucket.bucketArn],
        conditions: { StringEquals: source },
      }),
    );
    const owners = [props.account, ...(props.organizationId ? [props.organizationId] : [])];
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'CloudTrailWrite',
        effect: Effect.ALLOW,
        principals: [service],
        actions: ['s3:PutObject'],
        // An organization trail writes the members' files under the organization's id.
        resources: owners.map((owner) => this.bucket.arnForObjects(`AWSLogs/${owner}/*`)),
        conditions: { StringEquals: { ...source, 's3:x-amz-acl': 'bucket-owner-full-control' } },
      }),
    );
  }

  /** The policy of the bucket, without which CloudTrail does not create the trail. */
  get policy(): CfnResource {
    return this.bucket.policy?.node.defaultChild as CfnResource;
  }
}
