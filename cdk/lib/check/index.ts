import { join } from 'node:path';
import { ConfigError, resolveConfig, SightlineConfig, withAccount } from '../config';
import { Fast, fastOf } from '../fast-names';
import { BUNDLE } from '../package';
import { environmentsOf } from './environments';
import { Finding, runCheck } from './program';
import { CheckError, distinct } from './report';

export { CheckError, line } from './report';
export { Finding } from './program';

/** What a check may be told. */
export interface CheckOptions {
  /** Folder of the functions' zips, with the program `sightline` next to them. @default - target/bundle */
  readonly bundle?: string;
  /** Account of the credentials, where the configuration names none. @default - not known */
  readonly credentials?: string;
  /** The program `sightline` to run before that of the bundle. @default - none */
  readonly program?: string;
}

/** What a check found in a configuration that functions start with, as far as could be checked. */
export interface Checked {
  /** What is probably not meant. */
  readonly warnings: readonly Finding[];
  /** Why the settings, rules and own resources could not be checked; empty where they were. */
  readonly unchecked: readonly string[];
}

/**
 * Checks a configuration as the functions do when they start: by the program `sightline`, which shares their
 * code. Loads nothing of the CDK library, which takes seconds.
 *
 * @throws ConfigError or CheckError with everything that is wrong.
 */
export function check(given: SightlineConfig, options: CheckOptions = {}): Checked {
  const config = resolveConfig(withAccount(given, options.credentials));
  const fast = attempt(() => fastOf(config));
  const environments = environmentsOf(config, fast instanceof ConfigError ? [] : fast.ruleNames);
  const programs = [...(options.program ? [options.program] : []), join(options.bundle ?? BUNDLE, 'sightline')];
  const { checks, failures } = runCheck(environments, programs);
  const errors = distinct(checks ?? [], 'errors');
  const warnings = distinct(checks ?? [], 'warnings');
  if (errors.length > 0) throw new CheckError(errors, warnings);
  // After the functions' own check, which names file and line.
  if (fast instanceof ConfigError) throw fast;
  return { warnings, unchecked: checks ? [] : failures };
}

function attempt(read: () => Fast): Fast | ConfigError {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
