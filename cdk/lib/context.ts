import { readFileSync } from 'node:fs';

/**
 * A value of the CDK context, such as `-c config=…`, read as `App` reads it, but without the CDK library, which takes
 * seconds to load. The CDK CLI passes it in `CDK_CONTEXT_JSON`, and values that are too long for an environment variable
 * in the file of `CONTEXT_OVERFLOW_LOCATION_ENV` (aws-cdk-lib/cx-api/lib/cxapi.d.ts).
 */
export function contextText(key: string, environment: NodeJS.ProcessEnv): string | undefined {
  const file = environment.CONTEXT_OVERFLOW_LOCATION_ENV;
  const texts = [environment.CDK_CONTEXT_JSON ?? '{}', file ? readFileSync(file, 'utf8') : '{}'];
  const context = Object.assign({}, ...texts.map((text) => JSON.parse(text) as object)) as Record<string, unknown>;
  const value = context[key];
  return typeof value === 'string' ? value : undefined;
}
