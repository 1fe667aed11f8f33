import { readFileSync } from 'node:fs';

/**
 * A text of the CDK context, such as `-c config=…`, as `App` reads it: before an app is there, since the CDK
 * library takes seconds to load. The CDK CLI gives it in `CDK_CONTEXT_JSON`, and what is too long for an
 * environment in the file of `CONTEXT_OVERFLOW_LOCATION_ENV` (aws-cdk-lib/cx-api/lib/cxapi.d.ts).
 */
export function contextText(key: string, environment: NodeJS.ProcessEnv): string | undefined {
  const file = environment.CONTEXT_OVERFLOW_LOCATION_ENV;
  const texts = [environment.CDK_CONTEXT_JSON ?? '{}', file ? readFileSync(file, 'utf8') : '{}'];
  const context = Object.assign({}, ...texts.map((text) => JSON.parse(text) as object)) as Record<string, unknown>;
  const value = context[key];
  return typeof value === 'string' ? value : undefined;
}
