import { CfnResource, IAspect, Validations } from 'aws-cdk-lib';
import { rules } from 'cdk-nag';
import { IConstruct } from 'constructs';

/** Why a policy needs wildcards, by the end of the action or resource with the wildcard. */
export type SuppressionReasons = Readonly<Record<string, string>>;

const declared = new WeakMap<IConstruct, SuppressionReasons>();

/** States why policies under a construct need wildcards. Synthesis fails on wildcards without a reason. */
export function suppressNag(scope: IConstruct, reasons: SuppressionReasons): void {
  declared.set(scope, { ...declared.get(scope), ...reasons });
}

/** The reason for a wildcard, declared at the policy or above it. */
export function reasonFor(node: IConstruct, finding: string): string | undefined {
  for (const scope of [...node.node.scopes].reverse()) {
    for (const [ending, reason] of Object.entries(declared.get(scope) ?? {})) if (finding.endsWith(ending)) return reason;
  }
  return undefined;
}

/** The wildcards of a policy, such as `Resource::arn:aws:s3:::name/*`. */
export function wildcards(node: IConstruct): readonly string[] {
  const found = node instanceof CfnResource ? rules.iam.IAMNoWildcardPermissions(node) : [];
  return Array.isArray(found) ? found : [];
}

/** Acknowledges every wildcard that has a reason, so that cdk-nag reports the others. */
export class NagSuppressions implements IAspect {
  visit(node: IConstruct): void {
    for (const finding of wildcards(node)) {
      const reason = reasonFor(node, finding);
      if (reason) Validations.of(node).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason });
    }
  }
}
