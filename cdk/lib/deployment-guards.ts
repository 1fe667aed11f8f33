import { Annotations, CfnRule, Fn, Stack } from 'aws-cdk-lib';

/** Why a template must not be deployed, by the name of the rule that prevents it. */
const REASONS = {
  FunctionsAreBuilt: 'The functions are not built. Run "cargo xtask bundle", then synthesize and deploy again.',
  ObjectLockIsChosen: 'trail.objectLockDays is "choose": put in the days for which nobody shall be able to delete a log file. They cannot be taken back.',
  AddressIsReal: 'siem.url (or stream.url) is an example: put in the address of your collector.',
  SettingsAreChecked: 'The settings, the rules and the own resources were not checked, because no program "sightline" could be executed. Run "cargo xtask bundle", or name one in SIGHTLINE_CLI, then synthesize and deploy again.',
} as const;

/**
 * Makes CloudFormation refuse a template that is not ready, whatever tool deploys it: synthesis itself has to
 * work before everything is decided. `details` are shown at synthesis and are not in the template, which
 * names nothing of the machine that made it.
 */
export function refuseDeployment(stack: Stack, reason: keyof typeof REASONS, details: readonly string[] = []): void {
  if (stack.node.tryFindChild(reason)) return;
  const text = [`cannot be deployed: ${REASONS[reason]}`, ...details].join('\n');
  Annotations.of(stack).addWarningV2(`sightline:${reason}`, text);
  new CfnRule(stack, reason, {
    assertions: [{ assert: Fn.conditionEquals('unfinished', 'finished'), assertDescription: REASONS[reason] }],
  });
}

/** Whether the host of a URL is a name that RFC 2606 reserves for examples. */
export function isExample(url: string): boolean {
  return /(^|\.)example(\.(com|net|org))?$/.test(new URL(url).hostname);
}
