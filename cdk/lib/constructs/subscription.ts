import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import { Construct, IDependable } from 'constructs';
import { SightlineFunction } from './function';
import { DeliveryStream } from './delivery-stream';

/** A delivery stream, and the name of the role with which CloudWatch Logs writes to it. */
export interface StreamTarget {
  readonly kind: 'stream';
  readonly stream: DeliveryStream;
  readonly roleName: string;
}

/** A function, and the resources that must exist before its first invocation. */
export interface FunctionTarget {
  readonly kind: 'function';
  readonly function: SightlineFunction;
  readonly after: readonly IDependable[];
}

/** Props of `Subscription`. */
export interface SubscriptionProps {
  /** Log group that the trail writes to. It can have at most two subscription filters. */
  readonly logGroupName: string;
  /** Name of the filter. */
  readonly filterName: string;
  /** Filter pattern; empty for everything. */
  readonly pattern: string;
  /** Target of the filter. */
  readonly target: StreamTarget | FunctionTarget;
}

/**
 * The subscription filter that feeds a stream or a function from a log group. One resource for both: a change of the
 * route updates the filter's destination in place. Two resources with one name would be one filter, which the removal
 * of the former resource would delete.
 */
export class Subscription extends Construct {
  readonly resource: CfnSubscriptionFilter;

  constructor(scope: Construct, id: string, props: SubscriptionProps) {
    super(scope, id);
    const { logGroupName, filterName, pattern: filterPattern, target } = props;
    const common = { logGroupName, filterName, filterPattern };
    // CloudWatch Logs tests the destination when the filter is created or changed.
    if (target.kind === 'stream') {
      const role = this.writer(target);
      this.resource = new CfnSubscriptionFilter(this, 'Resource', { ...common, destinationArn: target.stream.resource.attrArn, roleArn: role.roleArn });
      this.resource.node.addDependency(role);
    } else {
      const permission = this.permission(target, logGroupName);
      this.resource = new CfnSubscriptionFilter(this, 'Resource', { ...common, destinationArn: target.function.live.functionArn });
      this.resource.node.addDependency(permission, ...target.after);
    }
  }

  private writer({ stream, roleName }: StreamTarget): Role {
    const logs = Stack.of(this).formatArn({ service: 'logs', resource: '*' });
    const role = new Role(this, 'Role', {
      roleName,
      assumedBy: new ServicePrincipal('logs.amazonaws.com', { conditions: { StringLike: { 'aws:SourceArn': logs } } }),
    });
    role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions: ['firehose:PutRecord', 'firehose:PutRecordBatch'], resources: [stream.arn] }));
    stream.allowWriterToUseKey(role);
    return role;
  }

  /** CloudWatch Logs User Guide, "Log group-level subscription filters", the example with Lambda. */
  private permission({ function: subscriber }: FunctionTarget, logGroupName: string): CfnPermission {
    const stack = Stack.of(this);
    return new CfnPermission(this, 'Invoke', {
      action: 'lambda:InvokeFunction',
      functionName: subscriber.live.functionArn,
      principal: 'logs.amazonaws.com',
      sourceArn: stack.formatArn({ service: 'logs', resource: 'log-group', resourceName: `${logGroupName}:*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME }),
      sourceAccount: stack.account,
    });
  }
}
