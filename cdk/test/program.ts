import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './support';

const CANDIDATES = [
  process.env.SIGHTLINE_CLI,
  ...['bundle', 'release', 'debug'].map((folder) => join(ROOT, 'target', folder, 'sightline')),
].filter((path) => path !== undefined);

/** The program `sightline` that tests run; `undefined` if none is built, which fails in CI. */
export const PROGRAM = CANDIDATES.find((path) => existsSync(path));

/** Options of tests that run the program. */
export const WITH_PROGRAM = { skip: PROGRAM === undefined && !process.env.CI ? 'no program sightline is built: cargo build' : false };
