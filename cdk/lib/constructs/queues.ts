import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Effect, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SightlineFunction } from './function';

/** Props of `RouteQueue`. */
export interface RouteQueueProps {
  /** Name of the queue; the name of its dead-letter queue ends in `-dlq`. */
  readonly queueName: string;
  /** Key that encrypts both: messages may contain unmasked records. */
  readonly key: IKey;
  /** How long a received message is hidden before it is delivered again. Never less than the function's timeout. */
  readonly visibilityTimeout: Duration;
  /**
   * How long a message is retried before it moves to the dead-letter queue. While a collector is unavailable, each
   * visibility timeout uses one receive of the message, at negligible cost.
   */
  readonly retryPeriod: Duration;
}

/** The maximum that SQS accepts. */
const MAX_RECEIVE_COUNT = 1_000;

/** A queue that feeds a function, with its dead-letter queue. */
export class RouteQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, props: RouteQueueProps) {
    super(scope, id);
    this.key = props.key;
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', { queueName: `${props.queueName}-dlq`, key: props.key });
    const receives = Math.ceil(props.retryPeriod.toSeconds() / props.visibilityTimeout.toSeconds());
    this.queue = new Queue(this, 'Queue', {
      queueName: props.queueName,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.key,
      enforceSSL: true,
      visibilityTimeout: props.visibilityTimeout,
      retentionPeriod: Duration.days(7),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: Math.min(MAX_RECEIVE_COUNT, receives) },
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /**
   * Delivers messages to a function's alias, in batches without a window, so that a single message is delivered
   * at once. `maxConcurrency` limits how many functions run at once; `furtherActions` are the rights of the function
   * on the queue in addition to receiving and deleting messages.
   */
  feed(scope: Construct, forwarder: SightlineFunction, maxConcurrency: number, furtherActions: readonly string[] = []): EventSourceMapping {
    this.grantUse(forwarder, furtherActions);
    return new EventSourceMapping(scope, 'Mapping', {
      target: forwarder.live,
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      maxConcurrency,
      // Otherwise one failed message would return nine delivered ones to the queue.
      reportBatchItemFailures: true,
    });
  }

  private grantUse(role: IGrantable, furtherActions: readonly string[]): void {
    const allow = (actions: string[], resources: string[], conditions = {}) =>
      role.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources, conditions }));
    allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:ChangeMessageVisibility', ...furtherActions], [this.queue.queueArn]);
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.key.keyArn], {
      StringEquals: { 'kms:ViaService': `sqs.${Stack.of(this).region}.amazonaws.com` },
    });
  }
}

/** The maximum retention of SQS. It counts from the arrival on the first queue, so the second must keep longer. */
const DLQ_DAYS = 14;

/** An encrypted dead-letter queue. */
export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string, props: { readonly queueName: string; readonly key: IKey }) {
    super(scope, id, {
      queueName: props.queueName,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.key,
      enforceSSL: true,
      retentionPeriod: Duration.days(DLQ_DAYS),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this).acknowledge({ id: 'AwsSolutions-SQS3', reason: 'This is a dead-letter queue.' });
  }
}
