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
import { justify } from '../reasons';
import { CdkHandler, logGroupOf } from './cdk-handler';
import { SightlineFunction } from './function';
import { announce, letBucketSend } from './notify';
import { RouteQueue } from './queue';

/** Props of `S3Route`. */
export interface S3RouteProps {
  /** Bucket that the trail writes to. */
  readonly bucket: IBucket;
  readonly bucketName: string;
  /** Key of its objects. @default - AWS's own */
  readonly bucketKeyArn?: string;
  /** What stands before `AWSLogs/`. @default - nothing */
  readonly prefix?: string;
  /** Topic that hears of objects already. @default - the bucket tells the queue itself */
  readonly topicArn?: string;
  /** Name of the queue before the function. */
  readonly queueName: string;
  /** Key of the queue. `s3.amazonaws.com` (or `sns.amazonaws.com`) has to be allowed to use it. */
  readonly key: IKey;
  /** `s3-forwarder`. */
  readonly forwarder: SightlineFunction;
  readonly timeout: Duration;
  /** Functions at once: what the collector bears in a storm. */
  readonly maxConcurrency: number;
  /** Name of the role with which S3 Batch Operations invokes the function over years of archive. */
  readonly backfillRoleName: string;
  /** Bucket for the reports of such jobs. */
  readonly reports: IBucket;
}

/** The function of the CDK library that adds a notification to an existing bucket. */
const NOTIFICATIONS_HANDLER_PURPOSE = 'The CDK library\'s own function, which adds a notification to those of the bucket during deployments only.';
const NOTIFICATIONS_HANDLER: CdkHandler = {
  id: 'BucketNotificationsHandler', resource: 'Resource', purpose: NOTIFICATIONS_HANDLER_PURPOSE, wildcards: { 'Resource::*': NOTIFICATIONS_HANDLER_PURPOSE },
};

/** What the names of CloudTrail's log files end in. */
const LOG_FILES = '.json.gz';

/** How long the collector may be unavailable before messages go to the dead-letter queue. */
const PATIENCE = Duration.days(2);

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
      // As AWS advises, so that a throttled function takes none twice.
      hidden: Duration.seconds(props.timeout.toSeconds() * 6),
      patience: PATIENCE,
    });
    this.notify(props);
    // What it does not get done before its deadline goes back onto its own queue.
    this.mapping = this.queue.feed(this, props.forwarder, props.maxConcurrency, ['sqs:SendMessage']);
    const allow = (actions: string[], resources: string[]) =>
      props.forwarder.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
    allow(['s3:GetObject', 's3:GetObjectVersion'], [props.bucket.arnForObjects(`${props.prefix ?? ''}AWSLogs/*`)]);
    // Or S3 would call an object that is gone forbidden.
    allow(['s3:ListBucket'], [props.bucket.bucketArn]);
    justify(props.forwarder.role as Role, { 'AWSLogs/*': 'Every log file of this one archive, and nothing that is not one.' });
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
    const policy = letBucketSend(queue, props.bucketName);
    if (props.bucket instanceof Bucket) {
      announce(props.bucket, queue, policy, { prefix, suffix: LOG_FILES });
      return;
    }
    // By ARN alone, or the library would open the key to S3 on behalf of any account.
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
    justify(role, { '/backfill/*': 'Manifests and reports of jobs lie under this one prefix.' });
    return role;
  }
}

