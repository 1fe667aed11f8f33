import { join } from 'node:path';
import { resolveConfig, SightlineConfig, withAccount } from '../config';
import { fastEventsOf, UserRules } from '../detection/fast-events';
import { BUNDLE } from '../package';
import { environmentsOf } from './environments';
import { Finding, runCheck } from './program';
import { CheckError, distinct } from './report';

export { CheckError, line } from './report';
export { Finding } from './program';

/** Options of `check`. */
export interface CheckOptions {
  /** Folder of the functions' zips, with the program `sightline` next to them. @default - target/bundle */
  readonly bundle?: string;
  /** Account of the credentials, if the configuration names none. @default - not known */
  readonly credentials?: string;
  /** The program `sightline` to try before that of the bundle. @default - none */
  readonly program?: string;
}

/** The result of a check without errors. */
export interface Checked {
  /** Likely mistakes. */
  readonly warnings: readonly Finding[];
  /** Why the settings, rules and protected resources could not be checked; empty if they were. */
  readonly unchecked: readonly string[];
  /** The events of the rules in `rulesDir`; `undefined` if there is no folder or it was not checked. */
  readonly userRules?: UserRules;
}

/**
 * Checks a configuration as the functions do when they start: with the program `sightline`, which shares their code.
 * Does not import the CDK library, which takes seconds to load.
 *
 * @throws CheckError with every problem.
 */
export function check(given: SightlineConfig, options: CheckOptions = {}): Checked {
  const config = resolveConfig(withAccount(given, options.credentials));
  // Without the rules in `rulesDir`, whose events the check reports.
  const environments = environmentsOf(config, fastEventsOf(config).ruleNames);
  const programs = [...(options.program ? [options.program] : []), join(options.bundle ?? BUNDLE, 'sightline')];
  const { checks, failures } = runCheck(environments, programs);
  const errors = distinct(checks ?? [], 'errors');
  const warnings = distinct(checks ?? [], 'warnings');
  if (errors.length > 0) throw new CheckError(errors, warnings);
  const userRules = checks?.find((one) => one.userRules)?.userRules;
  return { warnings, unchecked: checks ? [] : failures, ...(userRules ? { userRules } : {}) };
}
