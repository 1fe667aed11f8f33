import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { processorOf } from '../zip';
import { UserRules } from '../detection/fast-events';
import { Environment } from './environments';

/** A finding of `sightline check` about one setting. */
export interface Finding {
  /** Name of the setting. */
  readonly setting: string;
  /** The text that `sightline check` prints: one line, or one for each rule file. */
  readonly text: string;
}

/** The findings of `sightline check` about one function. */
export interface FunctionCheck {
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** The events of the rules in `rulesDir`, if the function evaluates rules. */
  readonly userRules?: UserRules;
}

/** The result of `runCheck`. */
export interface Outcome {
  /** The reports; `undefined` if no program could be executed. */
  readonly checks?: readonly FunctionCheck[];
  /** Why programs could not be used, one line each. */
  readonly failures: readonly string[];
}

/** In milliseconds. A check takes a few milliseconds. */
const TIMEOUT = 60_000;

/** Checks the environments with the first program that can be executed and reports. */
export function runCheck(environments: readonly Environment[], programs: readonly string[]): Outcome {
  const failures: string[] = [];
  for (const program of programs) {
    const found = wrongPlatform(program) ?? run(program, environments);
    if (typeof found !== 'string') return { checks: found, failures };
    failures.push(`${program}: ${found}`);
  }
  return { failures };
}

/** The reports of a program, or why there are none. */
function run(program: string, environments: readonly Environment[]): readonly FunctionCheck[] | string {
  const { error, status, signal, stdout, stderr } = spawnSync(program, ['check', '--settings-file', '-', '--format', 'json'], {
    input: JSON.stringify(environments), encoding: 'utf8', timeout: TIMEOUT, maxBuffer: 64 * 1024 * 1024,
  });
  // A program that exits before it reads its input states the reason.
  if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') return failure(error);
  const line = stderr.split('\n').map((text) => text.trim()).find(Boolean);
  return parse(stdout, environments.length) ?? line ?? (signal ? `terminated by ${signal}` : `exits with code ${status} and no report`);
}

const PROCESSORS: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'arm64' };

/** A message if the program is a Linux executable for another machine: execvp(3) would run it as a shell script. */
function wrongPlatform(program: string): string | undefined {
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
  return isLinux && !isOurs ? `is built for linux on ${processorOf(head)}, but this is ${process.platform} on ${PROCESSORS[process.arch] ?? process.arch}` : undefined;
}

/** The reports, if there is one for each function. */
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
      return `does not exit within ${TIMEOUT / 1_000} seconds`;
    default:
      return `cannot be executed (${code})`;
  }
}
