import { CfnResource, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Bucket, BucketEncryption, ObjectLockRetention, StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { SEALED } from './sealed';

/** Props of `Archive`. */
export interface ArchiveProps {
  /** Name of the bucket. */
  readonly bucketName: string;
  /** Name of the bucket that keeps who read the archive. */
  readonly accessLogBucketName: string;
  /** Key that encrypts the log files. */
  readonly key: IKey;
  /** Days for which nobody can delete a log file. No default: it cannot be undone. */
  readonly objectLockDays: number;
  /** Days after which a log file is deleted. @default - kept for ever */
  readonly expireDays?: number;
  /** ARN of the trail, the only one that may write. */
  readonly trailArn: string;
  /** Account that owns the trail. */
  readonly account: string;
  /** Id of the organisation whose accounts the trail records. @default - none */
  readonly organizationId?: string;
}

/** Days for which access logs are kept: long enough to look into an incident. */
const ACCESS_LOG_DAYS = 365;

/** Days after which a log file moves to cheaper storage, which S3 refuses where it expires before. */
const COLD_DAYS = 90;

/** Days for which a deleted or overwritten log file can still be brought back. */
const NONCURRENT_DAYS = 30;

/** The complete copy of what happened: a bucket that only CloudTrail writes and nobody empties. */
export class Archive extends Construct {
  readonly bucket: Bucket;
  readonly accessLogs: Bucket;

  constructor(scope: Construct, id: string, props: ArchiveProps) {
    super(scope, id);
    this.accessLogs = new Bucket(this, 'AccessLogs', {
      bucketName: props.accessLogBucketName,
      // S3 delivers access logs to no bucket that a key of KMS encrypts by default.
      encryption: BucketEncryption.S3_MANAGED,
      ...SEALED,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        { id: 'expire', expiration: Duration.days(ACCESS_LOG_DAYS), noncurrentVersionExpiration: Duration.days(30) },
      ],
    });
    Validations.of(this.accessLogs).acknowledge({ id: 'AwsSolutions-S1', reason: 'Logs of access to the logs of access would not end.' });

    this.bucket = new Bucket(this, 'Bucket', {
      bucketName: props.bucketName,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.key,
      // No S3 Bucket Key. With one, CloudTrail needs kms:Decrypt to create the trail, and S3 gives KMS the ARN
      // of the bucket as encryption context, where the key's policy expects what CloudTrail documents: the ARNs
      // of the trail and of the log file ("Configure AWS KMS key policies for CloudTrail" and "How AWS
      // CloudTrail uses AWS KMS" in its user guide). AWS does not charge for CloudTrail's own calls to KMS.
      bucketKeyEnabled: false,
      ...SEALED,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.compliance(Duration.days(props.objectLockDays)),
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: 'archive/',
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        {
          id: 'archive',
          // Read by forwarders within minutes, by investigators perhaps later: still at once.
          ...((props.expireDays ?? Infinity) > COLD_DAYS
            ? { transitions: [{ storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(COLD_DAYS) }] }
            : {}),
          ...(props.expireDays ? { expiration: Duration.days(props.expireDays) } : {}),
          // What was deleted or overwritten: time to notice, and never less than the lock.
          noncurrentVersionExpiration: Duration.days(NONCURRENT_DAYS),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
      ],
    });
    this.letCloudTrailWrite(props);
    // What stays is to stay closed, and its access logged.
    for (const bucket of [this.bucket, this.accessLogs]) bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }

  private letCloudTrailWrite(props: ArchiveProps): void {
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
        // An organisation trail writes the members' files under the organisation's id.
        resources: owners.map((owner) => this.bucket.arnForObjects(`AWSLogs/${owner}/*`)),
        conditions: { StringEquals: { ...source, 's3:x-amz-acl': 'bucket-owner-full-control' } },
      }),
    );
  }

  /** The bucket's policy: without it CloudTrail refuses to make the trail. */
  get policy(): CfnResource {
    return this.bucket.policy?.node.defaultChild as CfnResource;
  }
}
