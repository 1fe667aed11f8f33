import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Function } from 'aws-cdk-lib/aws-lambda';
import { Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { suppressNag } from '../nag-suppressions';
import { SECURE_DEFAULTS } from './secure-defaults';

/** Props of `FailureBucket`. */
export interface FailureBucketProps {
  /** Name of the bucket. */
  readonly bucketName: string;
  /** Key that encrypts it, because records may be unmasked. */
  readonly key: IKey;
  /** Days after which an object is deleted. */
  readonly keepDays: number;
  /**
   * Id of request metrics, for an alarm on what is written. S3 bills them like custom metrics, for the hours in
   * which there are requests ("Amazon S3 CloudWatch request metrics"). @default - none
   */
  readonly writesMetricId?: string;
}

/**
 * A bucket for events that could not be delivered. It is deleted with its stack if it is empty; otherwise the
 * deletion fails, so that nobody loses events by deleting a stack.
 */
export class FailureBucket extends Bucket {
  private readonly key: IKey;

  constructor(scope: Construct, id: string, props: FailureBucketProps) {
    super(scope, id, {
      bucketName: props.bucketName,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.key,
      // One call to KMS for many objects, which matters while a collector is unavailable. Whoever writes may use the
      // key with the ARN of the bucket as encryption context.
      bucketKeyEnabled: true,
      ...(props.writesMetricId ? { metrics: [{ id: props.writesMetricId }] } : {}),
      ...SECURE_DEFAULTS,
      removalPolicy: RemovalPolicy.DESTROY,
      lifecycleRules: [
        {
          id: 'short-life',
          expiration: Duration.days(props.keepDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    this.key = props.key;
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Short-lived failures that the pipeline itself writes. The archive has access logs, and CloudTrail can record data events.',
    });
  }

  /** Allows a function to write dead letters, but not to read them. */
  grantWriteDeadLetters(made: Function): void {
    const allow = (actions: string[], resources: string[], conditions = {}) =>
      made.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources, conditions }));
    allow(['s3:PutObject'], [this.arnForObjects('dead-letters/*')]);
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [this.key.keyArn], {
      StringEquals: { 'kms:ViaService': `s3.${Stack.of(this).region}.amazonaws.com` },
    });
    suppressNag(made.role as Role, { '/dead-letters/*': 'Dead letters are named by the time of writing, under this one prefix.' });
  }
}
