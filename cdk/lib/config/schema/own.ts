import type { ZodType } from 'zod';
import { list, object, text, wholeNumber } from '../kinds';
import schema from '../../../../schema/protected_resources.json';

type Values = string[] | number | undefined;
type Shape = Record<string, ZodType<Values, Values>>;

const NAMES = list(text(/\S/, 'a name')).optional();
const PERIOD = wholeNumber(1, 36_500).optional();

const SHAPE: Shape = Object.fromEntries([
  ...schema.lists.map((key) => [key, NAMES] as const),
  ...schema.numbers.map(({ name }) => [name, PERIOD] as const),
]);

/** Protected resources, by the keys of `OWN_RESOURCES`. */
export const OWN = object(SHAPE);
