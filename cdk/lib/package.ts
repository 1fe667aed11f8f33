import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, OwnResources } from './config';
import { ProgramName } from './names';
import { processorOf, readZipEntry } from './zip';

/** Where `cargo xtask bundle` puts the zips. */
export const BUNDLE = join(__dirname, '..', '..', 'target', 'bundle');

/** The file of protected resources in a package. */
export const PROTECTED_RESOURCES_FILE = 'own-resources.json';

/** The file of certificate authorities in a package. */
export const CA_FILE = 'ca.pem';

/** The replacement of a function that is not built: it can be synthesized, but not deployed. */
const STUB = `#!/bin/sh
echo 'this function was deployed without its program: run "cargo xtask bundle", then deploy again' >&2
exit 1
`;

/** Props of `packageFunction`. */
export interface PackageProps {
  /** The program. */
  readonly name: ProgramName;
  /** Folder with the zips. @default - target/bundle */
  readonly bundle?: string;
  /** Processor of the function. */
  readonly architecture: 'x86_64' | 'arm64';
  /** Protected resources, if the function evaluates rules. @default - none */
  readonly protectedResources?: OwnResources;
  /** Folder of the user's Sigma rules, if the function evaluates rules. @default - none */
  readonly rulesDir?: string;
  /** PEM file with certificate authorities, if the function delivers. @default - none */
  readonly caFile?: string;
}

/** A folder with the content of a function's package. */
export interface Packaged {
  readonly folder: string;
  /** Whether the program is missing and replaced by a stub. */
  readonly stub: boolean;
}

/**
 * Writes a function's package: its program as `bootstrap`, the protected resources, `rules/` and `ca.pem`.
 *
 * @throws ConfigError if the zip is not valid or is built for another processor.
 */
export function packageFunction(props: PackageProps): Packaged {
  const zip = join(props.bundle ?? BUNDLE, `${props.name}.zip`);
  const stub = !existsSync(zip);
  const folder = mkdtempSync(join(tmpdir(), 'sightline-'));
  const bootstrap = join(folder, 'bootstrap');
  writeFileSync(bootstrap, stub ? STUB : program(zip, props.architecture));
  chmodSync(bootstrap, 0o755);
  if (props.protectedResources) writeFileSync(join(folder, PROTECTED_RESOURCES_FILE), `${JSON.stringify(props.protectedResources, null, 2)}\n`);
  if (props.caFile) copyFileSync(props.caFile, join(folder, CA_FILE));
  if (props.rulesDir) {
    mkdirSync(join(folder, 'rules'));
    cpSync(props.rulesDir, join(folder, 'rules'), { recursive: true });
  }
  return { folder, stub };
}

function program(zip: string, architecture: 'x86_64' | 'arm64'): Buffer {
  const refuse = (message: string, expected: string) => new ConfigError([{ key: 'architecture', message, expected }]);
  let executable: Buffer;
  try {
    executable = readZipEntry(readFileSync(zip), 'bootstrap');
  } catch (error) {
    throw refuse(`${zip} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 'use a zip built by "cargo xtask bundle"');
  }
  const processor = processorOf(executable);
  if (processor !== architecture) {
    const other = processor === 'unknown' ? '' : `${processor}, or `;
    throw refuse(`is ${architecture}, but ${zip} is for ${processor}`, `use ${other}a zip built by "cargo xtask bundle" on ${architecture}`);
  }
  return executable;
}
