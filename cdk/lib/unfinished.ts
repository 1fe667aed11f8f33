import { Annotations, CfnRule, Fn, Stack } from 'aws-cdk-lib';

/** What keeps a template from being deployed, by the name of the rule that says so. */
const REASONS = {
  FunctionsAreBuilt: 'The functions are not built. Run "cargo xtask bundle", then synthesize and deploy again.',
  ObjectLockIsChosen: 'trail.objectLockDays is "choose": put in the days for which nobody shall be able to delete a log file. They cannot be taken back.',
  AddressIsReal: 'siem.url (or stream.url) is an example: put in the address of your collector.',
} as const;

/**
 * Makes CloudFormation refuse a template that was synthesized for a look, whatever tool deploys it:
 * synthesis itself has to work before everything is decided.
 */
export function refuseDeployment(stack: Stack, reason: keyof typeof REASONS): void {
  if (stack.node.tryFindChild(reason)) return;
  Annotations.of(stack).addWarningV2(`sightline:${reason}`, `cannot be deployed: ${REASONS[reason]}`);
  new CfnRule(stack, reason, {
    assertions: [{ assert: Fn.conditionEquals('unfinished', 'finished'), assertDescription: REASONS[reason] }],
  });
}

/** Whether a URL leads to nobody: RFC 2606 keeps these names for examples. */
export function isExample(url: string): boolean {
  return /(^|\.)example(\.(com|net|org))?$/.test(new URL(url).hostname);
}
