import { existsSync, statSync } from 'node:fs';
import { SightlineConfig } from './types';

const ACCEPTED = 'a file of TypeScript that exports a configuration by default, as sightline.config.ts does';

/** A file that holds no configuration. Its message is one line. */
export class FileError extends Error {
  constructor(file: string, fault: string) {
    super(`${file} ${fault}; accepted: ${ACCEPTED}`);
    this.name = 'FileError';
  }
}

/**
 * The configuration that a file exports, not checked yet.
 *
 * @throws FileError where it exports none.
 */
export async function load(file: string): Promise<SightlineConfig> {
  if (!existsSync(file) || !statSync(file).isFile()) throw new FileError(file, existsSync(file) ? 'is no file' : 'does not exist');
  let exported: { readonly default?: unknown };
  try {
    exported = (await import(file)) as { readonly default?: unknown };
  } catch (error) {
    throw new FileError(file, `cannot be loaded (${oneLine(error)})`);
  }
  const config = unwrapped(exported);
  if (typeof config !== 'object' || config === null) throw new FileError(file, config === undefined ? 'exports nothing by default' : `exports ${String(config)} by default`);
  return config as SightlineConfig;
}

/** A module of CommonJS that is imported has its exports under `default`, and their `default` there. */
function unwrapped({ default: first }: { readonly default?: unknown }): unknown {
  const inner = typeof first === 'object' && first !== null && ('default' in first || '__esModule' in first);
  return inner ? (first as { readonly default?: unknown }).default : first;
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n').map((line) => line.trim()).filter(Boolean).join(' ');
}
