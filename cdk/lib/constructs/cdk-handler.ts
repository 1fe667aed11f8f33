import { CfnResource, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { SuppressionReasons, suppressNag } from '../nag-suppressions';

/** A function that the CDK library deploys for its own use, once per stack. */
export interface CdkHandler {
  /** Prefix of the id of its construct. */
  readonly id: string;
  /** Id of its function below that construct. */
  readonly resource: string;
  /** What it is for, as the reason for its managed policy and its runtime. */
  readonly purpose: string;
  /** Why its policies need wildcards. */
  readonly wildcards: SuppressionReasons;
}

/**
 * The log group of a function of the CDK library, encrypted and deleted with the stack; `undefined` if there is
 * no such function. A resource that invokes the function must depend on the log group, or Lambda creates it first.
 */
export function logGroupOf(stack: Stack, handler: CdkHandler, key: IKey): LogGroup | undefined {
  const found = stack.node.children.find(({ node }) => node.id.startsWith(handler.id));
  if (!found) return undefined;
  const known = found.node.tryFindChild('Logs');
  if (known) return known as LogGroup;
  suppressNag(found, handler.wildcards);
  const basic = 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]';
  Validations.of(found).acknowledge({ id: basic, reason: handler.purpose }, { id: 'AwsSolutions-L1', reason: handler.purpose });
  const resource = found.node.findChild(handler.resource) as CfnResource;
  return new LogGroup(found, 'Logs', {
    logGroupName: `/aws/lambda/${resource.ref}`, retention: RetentionDays.ONE_MONTH, encryptionKey: key, removalPolicy: RemovalPolicy.DESTROY,
  });
}
