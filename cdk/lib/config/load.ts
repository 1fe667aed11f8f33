import { existsSync, statSync } from 'node:fs';
import { SightlineConfig } from './types';

const EXPECTED = 'use a TypeScript file with a configuration as its default export, like sightline.config.ts';

/** A file without a configuration. Its message is one line. */
export class FileError extends Error {
  constructor(file: string, message: string) {
    super(`${file}: ${message}; ${EXPECTED}`);
    this.name = 'FileError';
  }
}

/**
 * The configuration that a file exports, not validated yet.
 *
 * @throws FileError if it exports none.
 */
export async function load(file: string): Promise<SightlineConfig> {
  if (!existsSync(file) || !statSync(file).isFile()) throw new FileError(file, existsSync(file) ? 'not a file' : 'does not exist');
  let exported: { readonly default?: unknown };
  try {
    exported = (await import(file)) as { readonly default?: unknown };
  } catch (error) {
    throw new FileError(file, `cannot be loaded (${oneLine(error)})`);
  }
  const config = unwrapped(exported);
  if (typeof config !== 'object' || config === null) throw new FileError(file, config === undefined ? 'has no default export' : `exports ${String(config)}`);
  return config as SightlineConfig;
}

/** An imported CommonJS module has its exports under `default`, and their `default` within. */
function unwrapped({ default: first }: { readonly default?: unknown }): unknown {
  const inner = typeof first === 'object' && first !== null && ('default' in first || '__esModule' in first);
  return inner ? (first as { readonly default?: unknown }).default : first;
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n').map((line) => line.trim()).filter(Boolean).join(' ');
}
