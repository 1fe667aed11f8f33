import { Duration, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnEventInvokeConfig, EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { justify } from '../reasons';
import { FailureBucket } from './failure-bucket';
import { SightlineFunction } from './function';
import { announce, letBucketSend } from './notify';
import { RouteQueue } from './queue';

/** Props of `DirectRoute`. */
export interface DirectRouteProps {
  /** `subscription-forwarder`, which CloudWatch Logs invokes. */
  readonly subscriber: SightlineFunction;
  /** `s3-forwarder`, which delivers what the subscriber did not, and its longest run. */
  readonly forwarder: SightlineFunction;
  readonly timeout: Duration;
  /** Name of the bucket for what the subscriber did not deliver, and the days after which it is deleted. */
  readonly bucketName: string;
  readonly keepDays: number;
  /** Name of the queue that announces its objects. */
  readonly queueName: string;
  /** Key of the bucket and the queue. `s3.amazonaws.com` has to be allowed to use it. */
  readonly key: IKey;
  /** How many `s3-forwarder` may run at once for the queue. */
  readonly maxConcurrency: number;
}

/**
 * How often Lambda repeats a failed asynchronous invocation, after one minute and after two more, and for how long
 * it repeats a throttled one: the most that it accepts of each (Lambda Developer Guide, "How Lambda handles errors
 * and retries with asynchronous invocation").
 */
const RETRIES = 2;
const MAX_AGE = Duration.hours(6);

/** Where Lambda writes failed asynchronous invocations in a bucket ("Capturing records of Lambda asynchronous invocations"). */
const RECORDS = 'aws/lambda/async/';

/** How long the collector may be unavailable before messages go to the dead-letter queue. */
const PATIENCE = Duration.days(2);

/**
 * What a function needs that CloudWatch Logs invokes. A subscription invokes asynchronously, and a batch that failed
 * three times would be dropped: Lambda writes it to a bucket instead, whose notification makes `s3-forwarder`
 * deliver it. What that function does not deliver stays on its queue; it writes no new object.
 */
export class DirectRoute extends Construct {
  readonly bucket: FailureBucket;
  readonly queue: RouteQueue;
  readonly mapping: EventSourceMapping;
  /** Where failed invocations go: a batch before that would be dropped. */
  readonly failures: CfnEventInvokeConfig;

  constructor(scope: Construct, id: string, props: DirectRouteProps) {
    super(scope, id);
    this.bucket = new FailureBucket(this, 'Undelivered', { bucketName: props.bucketName, key: props.key, keepDays: props.keepDays });
    this.queue = new RouteQueue(this, 'Waiting', {
      queueName: props.queueName,
      key: props.key,
      hidden: Duration.seconds(props.timeout.toSeconds() * 6),
      patience: PATIENCE,
    });
    announce(this.bucket, this.queue.queue, letBucketSend(this.queue.queue, props.bucketName), { prefix: RECORDS });
    this.mapping = this.queue.feed(this, props.forwarder, props.maxConcurrency);
    this.letForwarderRead(props);
    this.failures = this.keepFailures(props);
  }

  /** Makes Lambda write failed invocations to the bucket, with the rights of the function's role. */
  private keepFailures({ subscriber, key }: DirectRouteProps): CfnEventInvokeConfig {
    const allow = allowing(subscriber);
    // The whole bucket: Lambda is said to refuse a destination whose role may write to its own prefix only (belief).
    allow(['s3:PutObject'], [this.bucket.arnForObjects('*')]);
    allow(['s3:ListBucket'], [this.bucket.bucketArn]);
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [key.keyArn], viaS3(this));
    justify(subscriber.role as Role, { '.Arn>/*': 'Lambda names the objects itself, in this one bucket.' });
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

  private letForwarderRead({ forwarder, key }: DirectRouteProps): void {
    const allow = allowing(forwarder);
    allow(['s3:GetObject'], [this.bucket.arnForObjects(`${RECORDS}*`)]);
    // Without it S3 answers 403 for an object that has expired.
    allow(['s3:ListBucket'], [this.bucket.bucketArn]);
    allow(['kms:Decrypt'], [key.keyArn], viaS3(this));
    justify(forwarder.role as Role, { '/aws/lambda/async/*': 'Lambda names the objects itself, under this one prefix.' });
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
