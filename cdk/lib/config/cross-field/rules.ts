import { Problem } from '../problem';

/** A problem of one key. */
export function problem(key: string, message: string, expected: string): Problem {
  return { key, message, expected };
}

/** The problems of a list of conditions of the form `condition && problem(…)`. */
export function problemsIn(found: readonly (Problem | false)[]): Problem[] {
  return found.filter((one) => one !== false);
}
