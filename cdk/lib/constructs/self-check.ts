import { Stack } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Alias, Function } from 'aws-cdk-lib/aws-lambda';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import { CdkHandler, logGroupOf } from './cdk-handler';

/** The function of the CDK library that invokes self-checks. */
const PROVIDER: CdkHandler = {
  id: 'AWSCDK.TriggerCustomResourceProvider',
  resource: 'Handler',
  purpose: 'The CDK library\'s own function, which invokes the self-check of a new version during deployments only.',
  wildcards: { '.Arn>:*': 'Any version of the functions of this stack: the number of a new version is not known before.' },
};

/**
 * Invokes a new version once, with no payload, before the alias refers to it. The functions treat an empty event
 * as a self-check, and a version whose program does not start fails the deployment, which leaves the alias where
 * it was.
 */
export class SelfCheck extends Trigger {
  constructor(scope: Construct, id: string, props: { readonly handler: Function; readonly alias: Alias; readonly key: IKey }) {
    super(scope, id, { handler: props.handler, executeBefore: [props.alias] });
    const logs = logGroupOf(Stack.of(this), PROVIDER, props.key);
    if (logs) this.executeAfter(logs);
  }
}
