import { join } from 'node:path';
import { ConfigError, resolveConfig, SightlineConfig, withAccount } from '../config';
import { FastEvents, fastEventsOf } from '../detection/fast-events';
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
}

/**
 * Checks a configuration as the functions do when they start: with the program `sightline`, which shares their code.
 * Does not import the CDK library, which takes seconds to load.
 *
 * @throws ConfigError or CheckError with every problem.
 */
export function check(given: SightlineConfig, options: CheckOptions = {}): Checked {
  const config = resolveConfig(withAccount(given, options.credentials));
  const fast = attempt(() => fastEventsOf(config));
  const environments = environmentsOf(config, fast instanceof ConfigError ? [] : fast.ruleNames);
  const programs = [...(options.program ? [options.program] : []), join(options.bundle ?? BUNDLE, 'sightline')];
  const { checks, failures } = runCheck(environments, programs);
  const errors = distinct(checks ?? [], 'errors');
  const warnings = distinct(checks ?? [], 'warnings');
  if (errors.length > 0) throw new CheckError(errors, warnings);
  // After the check of the functions, which names file and line.
  if (fast instanceof ConfigError) throw fast;
  return { warnings, unchecked: checks ? [] : failures };
}

function attempt(read: () => FastEvents): FastEvents | ConfigError {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
