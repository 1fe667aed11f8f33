import assert from 'node:assert/strict';
import test from 'node:test';
import { ConfigError, resolveConfig, SightlineConfig } from '../lib/config';

/** What is wrong, the configuration, and what has to be said: the key, the fault, what is accepted. */
export type Wrong = readonly [string, unknown, RegExp];

/** Everything that is said about a configuration, a line for each problem. */
export function problems(config: unknown): string[] {
  try {
    resolveConfig(config as SightlineConfig);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message.split('\n').slice(1).map((line) => line.trim());
  }
}

/** Makes a test of each. */
export function refused(wrong: readonly Wrong[]): void {
  for (const [what, config, said] of wrong) {
    test(`refused: ${what}`, () => assert.match(problems(config)[0] ?? 'nothing was wrong', said));
  }
}
