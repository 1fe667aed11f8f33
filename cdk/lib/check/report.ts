import { KEYS } from '../settings';
import { Finding, FunctionCheck } from './program';

/** A configuration with which functions would not start. Its message lists every error and every warning. */
export class CheckError extends Error {
  constructor(errors: readonly Finding[], warnings: readonly Finding[]) {
    const lines = [...errors.map(line), ...warnings.map((warning) => `warning: ${line(warning)}`)];
    super(`the configuration has ${errors.length} problem${errors.length === 1 ? '' : 's'}:\n${lines.map(indented).join('\n')}`);
    this.name = 'CheckError';
  }
}

/** Errors or warnings of all functions, each text once. */
export function distinct(checks: readonly FunctionCheck[], kind: 'errors' | 'warnings'): Finding[] {
  const found = checks.flatMap((check) => check[kind]);
  return [...new Map(found.map((finding) => [finding.text, finding])).values()];
}

/** The text of `sightline check`, preceded by the configuration key of the setting. */
export function line({ setting, text }: Finding): string {
  const key = KEYS[setting];
  return key === undefined ? text : `${key}: ${text}`;
}

function indented(text: string): string {
  return text.split('\n').map((part) => `  ${part}`).join('\n');
}
