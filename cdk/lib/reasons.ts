import { CfnResource, Validations } from 'aws-cdk-lib';
import { CfnPolicy, CfnRole } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

/** Key of a policy's metadata under which the reason for a wildcard stands, in the template too. */
export const REASON = 'WildcardReason';

/** Says why the policies under a construct need a wildcard. A test finds those that do not say. */
export function justify(scope: IConstruct, reason: string): void {
  const acknowledge = (): void => {
    for (const node of scope.node.findAll()) {
      if (node instanceof CfnPolicy || node instanceof CfnRole) (node as CfnResource).addMetadata(REASON, reason);
    }
  };
  acknowledge();
  Validations.of(scope).acknowledge({ id: 'AwsSolutions-IAM5', reason });
}
