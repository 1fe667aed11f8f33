import { isDeepStrictEqual } from 'node:util';
import { distance } from 'fastest-levenshtein';
import type { ZodError, core } from 'zod';

/** One error in a configuration. */
export interface Problem {
  /** Path of the key: `siem.acks`, `regions[1]`. */
  readonly key: string;
  /** What is wrong with its value. */
  readonly message: string;
  /** What is accepted, or what to do instead. */
  readonly expected: string;
}

/** A configuration that cannot be deployed. Its message lists every problem, one per line. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly Problem[]) {
    const lines = problems.map(({ key, message, expected }) => `  ${key}: ${message}; ${expected}`);
    super(`the configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** A known key is suggested if at most this share of the characters differs. */
const MAX_EDITS = 1 / 3;
/** Longer values are shortened in messages. */
const MAX_SHOWN = 60;

type Issue = core.$ZodIssue;
type Path = readonly PropertyKey[];

/**
 * The problems of a parsed value, one for each key. The custom message of every schema is the phrase that says what
 * it accepts; the message of an object lists its keys. See `kinds.ts`.
 */
export function problemsOf(error: ZodError): Problem[] {
  const found = error.issues.flatMap((issue) => problems(issue, issue.path));
  // A value that fails two checks is reported once.
  return found.filter((problem, at) => found.findIndex((other) => isDeepStrictEqual(other, problem)) === at);
}

/** A value in a message. */
export function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN - 3)}…` : json;
}

function problems(issue: Issue, path: Path): Problem[] {
  const key = keyOf(path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((name) => unknownKey(keyOf([...path, name]), name, issue.message.split(', ')));
    case 'invalid_union': {
      const branch = closestBranch(issue.errors);
      if (branch) return branch.flatMap((nested) => problems(nested, [...path, ...nested.path]));
      break;
    }
    case 'custom':
      if (issue.params?.message) return [{ key, message: issue.params.message as string, expected: `use ${issue.message}` }];
  }
  const keys = issue.code === 'invalid_type' && issue.expected === 'object' ? 'an object with ' : '';
  const message = issue.input === undefined ? 'missing' : `${shown(issue.input)} is not valid`;
  return [{ key, message, expected: `use ${keys}${issue.message}` }];
}

function unknownKey(key: string, name: string, known: readonly string[]): Problem {
  const [nearest] = known.map((one) => ({ one, edits: distance(name.toLowerCase(), one.toLowerCase()) })).sort((a, b) => a.edits - b.edits);
  const suggestion = nearest && nearest.edits <= name.length * MAX_EDITS ? `did you mean ${nearest.one}? Known keys: ` : 'use ';
  return { key, message: 'unknown key', expected: `${suggestion}${known.join(', ')}` };
}

/** The alternative that the value was probably meant for; `undefined` if it has the type of none. */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const typed = branches.filter((issues) => !issues.some(({ code, path }) => path.length === 0 && ['invalid_type', 'invalid_value'].includes(code)));
  const unknown = (issues: readonly Issue[]) => issues.filter(({ code, path }) => path.length === 0 && code === 'unrecognized_keys').length;
  return [...typed].sort((a, b) => unknown(a) - unknown(b))[0];
}

function keyOf(path: Path): string {
  const key = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return key.replace(/^\./, '') || 'the configuration';
}
