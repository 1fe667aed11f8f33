import { CfnRule, Fn, Stack } from 'aws-cdk-lib';

const ID = 'FunctionsAreBuilt';

/** Makes CloudFormation refuse a template whose functions are stubs, whatever tool deploys it. */
export function refuseStubs(stack: Stack): void {
  if (stack.node.tryFindChild(ID)) return;
  new CfnRule(stack, ID, {
    assertions: [
      {
        assert: Fn.conditionEquals('stub', 'built'),
        assertDescription: 'The functions are not built. Run "cargo xtask bundle", then synthesize and deploy again.',
      },
    ],
  });
}
