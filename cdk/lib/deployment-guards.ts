import { Annotations, CfnRule, Fn, Stack } from 'aws-cdk-lib';

/** Deployment guards: why a template must not be deployed, by the name of the rule that prevents it. */
const REASONS = {
  FunctionsAreBuilt: 'The functions are not built. Run "cargo xtask bundle", then synthesize and deploy again.',
  ObjectLockIsChosen: 'trail.objectLockDays is "choose": set the number of days for which nobody can delete a log file. It cannot be reduced later.',
  AddressIsReal: 'siem.url (or stream.url) is an example: set the URL of your collector.',
  SettingsAreChecked: 'The settings, rules and protected resources were not checked, because the program "sightline" could not be executed. Run "cargo xtask bundle", or set SIGHTLINE_CLI to its path, then synthesize and deploy again.',
} as const;

/**
 * Makes CloudFormation reject a template that is not ready, for every tool that deploys it. Synthesis itself works before
 * everything is decided. `details` are shown at synthesis and are not written to the template, which contains nothing
 * about the machine that synthesized it.
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
