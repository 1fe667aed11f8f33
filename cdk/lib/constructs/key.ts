import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** Props of `PipelineKey`. */
export interface PipelineKeyProps {
  /** Alias of the key, without `alias/`. */
  readonly alias: string;
  /** Account whose services may use the key. */
  readonly account: string;
  /** Region of the log groups that the key encrypts. */
  readonly region: string;
  /** Partition of their ARNs. */
  readonly partition: string;
  /**
   * Services that put messages onto encrypted queues, such as `s3.amazonaws.com`. Each may use the
   * key on behalf of this account only, where it says on whose behalf it does.
   */
  readonly senders: readonly string[];
  /** Whether it encrypts log groups. @default true */
  readonly logGroups?: boolean;
  /** What becomes of the key with the stack. @default - deleted, after 30 days in which that can be taken back */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Services whose calls to KMS do not say on whose behalf they are made: a condition would drop every
 * event. Who may send is for the queue's own policy to say.
 */
const UNCONDITIONAL = ['events.amazonaws.com'];

/** A key for what the pipeline keeps: queues, log groups, dead letters, secrets. */
export class PipelineKey extends Key {
  constructor(scope: Construct, id: string, props: PipelineKeyProps) {
    super(scope, id, {
      alias: props.alias,
      description: `Sightline (${props.alias})`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
      removalPolicy: props.removalPolicy ?? RemovalPolicy.DESTROY,
    });
    if (props.logGroups !== false) this.letLogGroups(props);
    for (const sender of props.senders) {
      this.addToResourcePolicy(
        new PolicyStatement({
          sid: `Send${sender.split('.')[0]}`,
          effect: Effect.ALLOW,
          principals: [new ServicePrincipal(sender)],
          actions: ['kms:GenerateDataKey*', 'kms:Decrypt'],
          resources: ['*'],
          ...(UNCONDITIONAL.includes(sender) ? {} : { conditions: { StringEquals: { 'aws:SourceAccount': props.account } } }),
        }),
      );
    }
  }

  private letLogGroups(props: PipelineKeyProps): void {
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LogGroups',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal(`logs.${props.region}.amazonaws.com`)],
        actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        // A key policy's resource is the key itself.
        resources: ['*'],
        conditions: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': `arn:${props.partition}:logs:${props.region}:${props.account}:log-group:*`,
          },
        },
      }),
    );
  }
}
