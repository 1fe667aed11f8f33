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
   * Services that send messages to encrypted queues, such as `s3.amazonaws.com`. Each may use the key for this
   * account only, if it states the account.
   */
  readonly senders: readonly string[];
  /** Whether the key encrypts log groups. @default true */
  readonly logGroups?: boolean;
  /** What happens to the key when the stack is deleted. @default - deleted after 30 days, within which it can be restored */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Services whose calls to KMS do not state an account, so that a condition would drop every event. The policies of
 * the queues restrict who may send.
 */
const UNCONDITIONAL = ['events.amazonaws.com'];

/** A key for the data of the pipeline: queues, log groups, dead letters, secrets. */
export class PipelineKey extends Key {
  constructor(scope: Construct, id: string, props: PipelineKeyProps) {
    super(scope, id, {
      alias: props.alias,
      description: `Sightline (${props.alias})`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
      removalPolicy: props.removalPolicy ?? RemovalPolicy.DESTROY,
    });
    if (props.logGroups !== false) this.allowLogGroups(props);
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

  private allowLogGroups(props: PipelineKeyProps): void {
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LogGroups',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal(`logs.${props.region}.amazonaws.com`)],
        actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        // The resource of a key policy is the key itself.
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
