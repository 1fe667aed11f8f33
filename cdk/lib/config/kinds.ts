import * as z from 'zod';
import { shown } from './problem';

/*
 * Kinds of values. The message of each schema is the phrase that says what it accepts; `problem.ts` adds the value.
 */

/** A text that matches a pattern and passes a test. */
export function text(pattern: RegExp, expected: string, test: (value: string) => boolean = () => true) {
  return z.string({ error: expected }).refine((value) => pattern.test(value) && test(value), { error: expected });
}

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number) {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A number of a list. */
export function numberOf(values: readonly number[]) {
  const error = `one of ${values.join(', ')}`;
  return z.number({ error }).refine((value) => values.includes(value), { error });
}

export const boolean = z.boolean({ error: 'true or false' });

/** One of some words. */
export function word<const Words extends readonly [string | boolean, ...(string | boolean)[]]>(...words: Words) {
  return z.literal([...words] as unknown as Words[number][], { error: anyOf(words) });
}

/** A list with at least one element, each of them once unless they may repeat. */
export function list<Element extends z.ZodType>(element: Element, repeats: 'once' | 'repeated' = 'once') {
  const error = 'a list with at least one element, or remove the key';
  return z.array(element, { error }).min(1, { error }).superRefine((values, context) => {
    const repeated = values.filter((value, at) => repeats === 'once' && values.indexOf(value) !== at);
    for (const value of repeated) context.addIssue({ code: 'custom', message: 'each element once', params: { message: `contains ${shown(value)} twice` } });
  });
}

/** An object with these keys and no other. */
export function object<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, { error: Object.keys(shape).join(', ') });
}

/** An ARN of the supported partitions; `form` shows its resource. */
export function arn(service: string, resource: string, form: string) {
  return text(new RegExp(`^arn:aws(-us-gov)?:${service}:[a-z0-9-]+:\\d{12}:${resource}$`), `an ARN of the form arn:aws:${service}:<region>:<account>:${form}`);
}

/** The id of a resource of EC2. */
export function resourceId(prefix: string, what: string) {
  return text(new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`), `the id of a ${what}: ${prefix}- and 8 or 17 hexadecimal digits`);
}

/** `a`, `a or b`, `a, b or c`. */
function anyOf(words: readonly unknown[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
