import { Duration, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnEventInvokeConfig, EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { suppressNag } from '../nag-suppressions';
import { FailureBucket } from './failure-bucket';
import { SightlineFunction } from './function';
import { notifyQueue, allowBucketToSend } from './notifications';
import { RouteQueue } from './queues';

/** Props of `DirectRoute`. */
export interface DirectRouteProps {
  /** `subscription-forwarder`, which CloudWatch Logs invokes. */
  readonly subscriber: SightlineFunction;
  /** `s3-forwarder`, which delivers what the subscriber did not, and its timeout. */
  readonly forwarder: SightlineFunction;
  readonly timeout: Duration;
  /** Name of the bucket for what the subscriber did not deliver, and the days after which it is deleted. */
  readonly bucketName: string;
  readonly keepDays: number;
  /** Name of the queue that is notified of its objects. */
  readonly queueName: string;
  /** Key of the bucket and the queue. Its policy must allow `s3.amazonaws.com`. */
  readonly key: IKey;
  /** Maximum number of concurrent `s3-forwarder` functions for the queue. */
  readonly maxConcurrency: number;
}

/**
 * Retries of a failed asynchronous invocation, after one minute and after two more, and the period for which a
 * throttled one is retried: the maximum of each (Lambda Developer Guide, "How Lambda handles errors and retries with
 * asynchronous invocation").
 */
const RETRIES = 2;
const MAX_AGE = Duration.hours(6);

/** Key prefix under which Lambda writes failed asynchronous invocations ("Capturing records of Lambda asynchronous invocations"). */
const RECORDS = 'aws/lambda/async/';

/** How long the collector may be unavailable before messages move to the dead-letter queue. */
const RETRY_PERIOD = Duration.days(2);

/**
 * Keeps the batches that `subscription-forwarder` does not deliver. A subscription filter invokes it asynchronously,
 * and Lambda would drop a batch that failed three times. Instead, Lambda writes it to a bucket, and the bucket's
 * notification makes `s3-forwarder` deliver it. A batch that s3-forwarder does not deliver either stays on its queue;
 * no new object is written.
 */
export class DirectRoute extends Construct {
  readonly bucket: FailureBucket;
  readonly queue: RouteQueue;
  readonly mapping: EventSourceMapping;
  /** The destination of failed invocations. A batch that fails before it exists would be dropped. */
  readonly failures: CfnEventInvokeConfig;

  constructor(scope: Construct, id: string, props: DirectRouteProps) {
    super(scope, id);
    this.bucket = new FailureBucket(this, 'Undelivered', { bucketName: props.bucketName, key: props.key, keepDays: props.keepDays });
    this.queue = new RouteQueue(this, 'Waiting', {
      queueName: props.queueName,
      key: props.key,
      visibilityTimeout: Duration.seconds(props.timeout.toSeconds() * 6),
      retryPeriod: RETRY_PERIOD,
    });
    notifyQueue(this.bucket, this.queue.queue, allowBucketToSend(this.queue.queue, props.bucketName), { prefix: RECORDS });
    this.mapping = this.queue.feed(this, props.forwarder, props.maxConcurrency);
    this.allowForwarderToRead(props);
    this.failures = this.keepFailures(props);
  }

  /** Makes Lambda write failed invocations to the bucket, with the rights of the function's role. */
  private keepFailures({ subscriber, key }: DirectRouteProps): CfnEventInvokeConfig {
    const allow = allowing(subscriber);
    // The whole bucket. Unproven: Lambda may refuse a destination if the role can write only under this prefix.
    allow(['s3:PutObject'], [this.bucket.arnForObjects('*')]);
    allow(['s3:ListBucket'], [this.bucket.bucketArn]);
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [key.keyArn], viaS3(this));
    suppressNag(subscriber.role as Role, { '.Arn>/*': 'Lambda names the objects itself, in this one bucket.' });
    const config = new CfnEventInvokeConfig(this, 'Failures', {
      functionName: subscriber.functionName,
      qualifier: subscriber.live.aliasName,
      maximumRetryAttempts: RETRIES,
      maximumEventAgeInSeconds: MAX_AGE.toSeconds(),
      destinationConfig: { onFailure: { destination: this.bucket.bucketArn } },
    });
    config.node.addDependency(subscriber.live, subscriber.role as Role);
    return config;
  }

  private allowForwarderToRead({ forwarder, key }: DirectRouteProps): void {
    const allow = allowing(forwarder);
    allow(['s3:GetObject'], [this.bucket.arnForObjects(`${RECORDS}*`)]);
    // Without it S3 answers 403 for an object that has expired.
    allow(['s3:ListBucket'], [this.bucket.bucketArn]);
    allow(['kms:Decrypt'], [key.keyArn], viaS3(this));
    suppressNag(forwarder.role as Role, { '/aws/lambda/async/*': 'Lambda names the objects itself, under this one prefix.' });
  }
}

function allowing(made: SightlineFunction) {
  return (actions: string[], resources: string[], conditions = {}): void => {
    made.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources, conditions }));
  };
}

function viaS3(scope: Construct): Record<string, unknown> {
  return { StringEquals: { 'kms:ViaService': `s3.${Stack.of(scope).region}.amazonaws.com` } };
}
