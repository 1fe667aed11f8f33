import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Effect, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { DeadLetterQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SightlineFunction } from './function';

/** Props of `RouteQueue`. */
export interface RouteQueueProps {
  /** Name of the queue; its dead-letter queue has `-dlq` behind it. */
  readonly queueName: string;
  /** Key that encrypts both: messages may hold unmasked records. */
  readonly key: IKey;
  /**
   * How long a message that was taken is hidden from others: until then it is not tried again. Never
   * less than the longest run of the function behind the queue.
   */
  readonly hidden: Duration;
  /**
   * For how long a message is tried before it goes to the dead-letter queue. A collector that is away
   * takes a try for each time that the message is hidden: many tries outlast it, and cost next to nothing.
   */
  readonly patience: Duration;
}

/** SQS counts no further. */
const MOST_TRIES = 1_000;

/** A queue before a function, with the queue for what the function cannot do. */
export class RouteQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, props: RouteQueueProps) {
    super(scope, id);
    this.key = props.key;
    this.deadLetters = new ParkingQueue(this, 'DeadLetters', { queueName: `${props.queueName}-dlq`, key: props.key });
    const tries = Math.ceil(props.patience.toSeconds() / props.hidden.toSeconds());
    const redrive: DeadLetterQueue = { queue: this.deadLetters, maxReceiveCount: Math.min(MOST_TRIES, tries) };
    this.queue = new Queue(this, 'Queue', {
      queueName: props.queueName,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.key,
      enforceSSL: true,
      visibilityTimeout: props.hidden,
      retentionPeriod: Duration.days(7),
      deadLetterQueue: redrive,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /**
   * Delivers messages to a function's alias, in batches without a window, so that a single message is delivered
   * at once. `maxConcurrency` limits how many functions run at once; `further` is what else the function may do
   * to the queue besides receiving and deleting messages.
   */
  feed(scope: Construct, forwarder: SightlineFunction, maxConcurrency: number, further: readonly string[] = []): EventSourceMapping {
    this.grantUse(forwarder, further);
    return new EventSourceMapping(scope, 'Mapping', {
      target: forwarder.live,
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      maxConcurrency,
      // Or one bad message would bring nine good ones back.
      reportBatchItemFailures: true,
    });
  }

  private grantUse(role: IGrantable, further: readonly string[]): void {
    const allow = (actions: string[], resources: string[], conditions = {}) =>
      role.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources, conditions }));
    allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:ChangeMessageVisibility', ...further], [this.queue.queueArn]);
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.key.keyArn], {
      StringEquals: { 'kms:ViaService': `sqs.${Stack.of(this).region}.amazonaws.com` },
    });
  }
}

/** Longest that SQS keeps a message. It counts from the first queue, so that the second has to keep longer. */
const DLQ_DAYS = 14;

/** A queue on which messages wait for somebody to look. */
export class ParkingQueue extends Queue {
  constructor(scope: Construct, id: string, props: { readonly queueName: string; readonly key: IKey }) {
    super(scope, id, {
      queueName: props.queueName,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.key,
      enforceSSL: true,
      retentionPeriod: Duration.days(DLQ_DAYS),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this).acknowledge({ id: 'AwsSolutions-SQS3', reason: 'It is where messages end that nothing could be done with.' });
  }
}
