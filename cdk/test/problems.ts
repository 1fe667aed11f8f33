import assert from 'node:assert/strict';
import test from 'node:test';
import { ConfigError, resolveConfig, SightlineConfig } from '../lib/config';

/** A description, the configuration, and the expected first problem: key, message, what is accepted. */
export type Wrong = readonly [string, unknown, RegExp];

/** The problems of a configuration, one line each. */
export function problems(config: unknown): string[] {
  try {
    resolveConfig(config as SightlineConfig);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message.split('\n').slice(1).map((line) => line.trim());
  }
}

/** Creates a test for each. */
export function refused(wrong: readonly Wrong[]): void {
  for (const [what, config, said] of wrong) {
    test(`refused: ${what}`, () => assert.match(problems(config)[0] ?? 'no problem', said));
  }
}
