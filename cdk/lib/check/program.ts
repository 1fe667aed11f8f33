import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { processorOf } from '../zip';
import { Environment } from './environments';

/** What `sightline check` reports about one setting. */
export interface Finding {
  /** Name of the setting. */
  readonly setting: string;
  /** What `sightline check` prints: one line, or one for each rule file. */
  readonly text: string;
}

/** What `sightline check` reports about one function. */
export interface FunctionCheck {
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** What became of a check. */
export interface Outcome {
  /** The reports; `undefined` where no program could be executed. */
  readonly checks?: readonly FunctionCheck[];
  /** Why programs could not be used, one line each. */
  readonly failures: readonly string[];
}

/** A check takes milliseconds. */
const TIMEOUT = 60_000;

/** Checks the environments with the first of the programs that can be executed and answers. */
export function runCheck(environments: readonly Environment[], programs: readonly string[]): Outcome {
  const failures: string[] = [];
  for (const program of programs) {
    const found = foreign(program) ?? run(program, environments);
    if (typeof found !== 'string') return { checks: found, failures };
    failures.push(`${program}: ${found}`);
  }
  return { failures };
}

/** What is reported, or why nothing is. */
function run(program: string, environments: readonly Environment[]): readonly FunctionCheck[] | string {
  const { error, status, signal, stdout, stderr } = spawnSync(program, ['check', '--settings-file', '-', '--format', 'json'], {
    input: JSON.stringify(environments), encoding: 'utf8', timeout: TIMEOUT, maxBuffer: 64 * 1024 * 1024,
  });
  // A program that ends before it reads its input says why.
  if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') return failure(error);
  const line = stderr.split('\n').map((text) => text.trim()).find(Boolean);
  return parse(stdout, environments.length) ?? line ?? (signal ? `was ended by ${signal}` : `ends with code ${status} and no report`);
}

const PROCESSORS: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'arm64' };

/** What a Linux program is for where it is not for this machine: execvp(3) would have a shell interpret it. */
function foreign(program: string): string | undefined {
  const head = Buffer.alloc(20);
  try {
    const file = openSync(program, 'r');
    readSync(file, head);
    closeSync(file);
  } catch {
    return undefined;
  }
  const isLinux = head.toString('latin1', 0, 4) === '\x7fELF';
  const isOurs = process.platform === 'linux' && processorOf(head) === PROCESSORS[process.arch];
  return isLinux && !isOurs ? `is a program for Linux on ${processorOf(head)}, and this is ${process.platform} on ${PROCESSORS[process.arch] ?? process.arch}` : undefined;
}

/** The reports about so many functions. */
function parse(stdout: string, functions: number): readonly FunctionCheck[] | undefined {
  try {
    const { checks } = JSON.parse(stdout) as { readonly checks?: readonly FunctionCheck[] };
    return checks?.length === functions ? checks : undefined;
  } catch {
    return undefined;
  }
}

function failure({ code }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return 'does not exist';
    case 'EACCES':
      return 'is not executable';
    case 'ETIMEDOUT':
      return `does not answer within ${TIMEOUT / 1_000} seconds`;
    default:
      return `cannot be executed (${code})`;
  }
}
