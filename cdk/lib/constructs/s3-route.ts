import { Duration, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Bucket, EventType, IBucket } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { suppressNag } from '../nag-suppressions';
import { CdkHandler, logGroupOf } from './cdk-handler';
import { SightlineFunction } from './function';
import { notifyQueue, allowBucketToSend } from './notifications';
import { RouteQueue } from './queues';

/** Props of `S3Route`. */
export interface S3RouteProps {
  /** Bucket that the trail writes to. */
  readonly bucket: IBucket;
  readonly bucketName: string;
  /** Key that encrypts its objects. @default - no customer managed key */
  readonly bucketKeyArn?: string;
  /** Key prefix before `AWSLogs/`. @default - no prefix */
  readonly prefix?: string;
  /** Topic that is already notified of objects. @default - the bucket notifies the queue itself */
  readonly topicArn?: string;
  /** Name of the queue that feeds the function. */
  readonly queueName: string;
  /** Key of the queue. Its policy must allow `s3.amazonaws.com` (or `sns.amazonaws.com`). */
  readonly key: IKey;
  /** `s3-forwarder`. */
  readonly forwarder: SightlineFunction;
  readonly timeout: Duration;
  /** Maximum number of concurrent functions: the load that the collector can take. */
  readonly maxConcurrency: number;
  /** Name of the role with which S3 Batch Operations invokes the function for objects of the archive. */
  readonly backfillRoleName: string;
  /** Bucket for the reports of such jobs. */
  readonly reports: IBucket;
}

/** The function of the CDK library that adds a notification to an existing bucket. */
const NOTIFICATIONS_HANDLER_PURPOSE = 'The CDK library\'s own function, which adds a notification to those of the bucket during deployments only.';
const NOTIFICATIONS_HANDLER: CdkHandler = {
  id: 'BucketNotificationsHandler', resource: 'Resource', purpose: NOTIFICATIONS_HANDLER_PURPOSE, wildcards: { 'Resource::*': NOTIFICATIONS_HANDLER_PURPOSE },
};

/** Suffix of the keys of CloudTrail's log files. */
const LOG_FILES = '.json.gz';

/** How long the collector may be unavailable before messages move to the dead-letter queue. */
const RETRY_PERIOD = Duration.days(2);

/** Log files in S3 to a queue to `s3-forwarder`. */
export class S3Route extends Construct {
  readonly queue: RouteQueue;
  readonly mapping: EventSourceMapping;
  readonly backfillRole: Role;

  constructor(scope: Construct, id: string, props: S3RouteProps) {
    super(scope, id);
    this.queue = new RouteQueue(this, 'Waiting', {
      queueName: props.queueName,
      key: props.key,
      // As AWS advises, so that a throttled function does not receive a message twice.
      visibilityTimeout: Duration.seconds(props.timeout.toSeconds() * 6),
      retryPeriod: RETRY_PERIOD,
    });
    this.notify(props);
    // The function sends the remaining part of an object that it cannot finish before its deadline to its own queue.
    this.mapping = this.queue.feed(this, props.forwarder, props.maxConcurrency, ['sqs:SendMessage']);
    const allow = (actions: string[], resources: string[]) =>
      props.forwarder.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
    allow(['s3:GetObject', 's3:GetObjectVersion'], [props.bucket.arnForObjects(`${props.prefix ?? ''}AWSLogs/*`)]);
    // Without it, S3 answers 403 instead of 404 for a deleted object.
    allow(['s3:ListBucket'], [props.bucket.bucketArn]);
    suppressNag(props.forwarder.role as Role, { 'AWSLogs/*': 'All log files of this one archive, and nothing else.' });
    if (props.bucketKeyArn) allow(['kms:Decrypt'], [props.bucketKeyArn]);
    this.backfillRole = this.backfill(props);
  }

  private notify(props: S3RouteProps): void {
    const { queue } = this.queue;
    const prefix = `${props.prefix ?? ''}AWSLogs/`;
    if (props.topicArn) {
      Topic.fromTopicArn(this, 'Topic', props.topicArn).addSubscription(new SqsSubscription(queue));
      return;
    }
    const policy = allowBucketToSend(queue, props.bucketName);
    if (props.bucket instanceof Bucket) {
      notifyQueue(props.bucket, queue, policy, { prefix, suffix: LOG_FILES });
      return;
    }
    // By ARN only: otherwise the library would allow S3 to use the key on behalf of any account.
    const known = Queue.fromQueueArn(this, 'Known', queue.queueArn);
    props.bucket.addEventNotification(EventType.OBJECT_CREATED, new SqsDestination(known), { prefix, suffix: LOG_FILES });
    const notifications = props.bucket.node.findChild('Notifications').node;
    const logs = logGroupOf(Stack.of(this), NOTIFICATIONS_HANDLER, props.key);
    notifications.addDependency(policy, ...(logs ? [logs] : []));
  }

  private backfill(props: S3RouteProps): Role {
    const role = new Role(this, 'Backfill', {
      roleName: props.backfillRoleName,
      description: 'S3 Batch Operations: s3-forwarder over the archive',
      assumedBy: new ServicePrincipal('batchoperations.s3.amazonaws.com'),
    });
    const allow = (actions: string[], resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
    allow(['lambda:InvokeFunction'], [props.forwarder.live.functionArn]);
    allow(['s3:GetObject', 's3:GetObjectVersion'], [props.reports.arnForObjects('backfill/*')]);
    allow(['s3:PutObject'], [props.reports.arnForObjects('backfill/*')]);
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [props.key.keyArn]);
    suppressNag(role, { '/backfill/*': 'Manifests and reports of jobs are stored under this one prefix.' });
    return role;
  }
}

