import { CfnResource, Stack } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Alias, Function } from 'aws-cdk-lib/aws-lambda';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import { CdkHandler, logGroupOf } from './cdk-handler';
import { versionHash } from './version-hash';

/** The function of the CDK library that invokes self-checks. */
const PROVIDER: CdkHandler = {
  id: 'AWSCDK.TriggerCustomResourceProvider',
  resource: 'Handler',
  purpose: 'The CDK library\'s own function, which invokes the self-check of a new version during deployments only.',
  wildcards: { '.Arn>:*': 'Any version of the functions of this stack, because the number of a new version is not known in advance.' },
};

/**
 * Invokes a new version once, with no payload, before the alias refers to it. The functions treat an empty event
 * as a self-check. A version whose program does not start fails the deployment, and the alias does not move.
 *
 * The logical id contains the version's hash, so that a new version creates a new resource. A rollback of the stack
 * then deletes that resource, for which the library's handler does nothing. An update of one permanent resource would
 * be reverted by another update, which invokes the previous version: if that fails too, for example because a secret
 * cannot be read, the rollback itself fails.
 *
 * The self-checks of a stack run one after the other, because the handler does not retry a throttled invocation and
 * a new account runs only 10 functions at once.
 */
export class SelfCheck extends Trigger {
  constructor(scope: Construct, id: string, props: { readonly handler: Function; readonly alias: Alias; readonly key: IKey }) {
    super(scope, id, { handler: props.handler, executeBefore: [props.alias] });
    const stack = Stack.of(this);
    const resource = this.node.defaultChild?.node.defaultChild as CfnResource;
    resource.overrideLogicalId(`${stack.getLogicalId(resource)}${versionHash(props.handler)}`);
    const previous = stack.node.findAll().filter((other) => other instanceof SelfCheck && other !== this).at(-1);
    if (previous) this.executeAfter(previous);
    const logs = logGroupOf(stack, PROVIDER, props.key);
    if (logs) this.executeAfter(logs);
  }
}
