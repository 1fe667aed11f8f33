import { resolve } from 'node:path';
import { check, CheckError, line } from '../lib/check';
import { ConfigError } from '../lib/config';
import { FileError, load } from '../lib/config/load';
import { contextText } from '../lib/context';

/**
 * `cdk synth` reads sightline.config.ts, or the file of `-c config=examples/organization.ts` or SIGHTLINE_CONFIG, and
 * the zips of target/bundle, or of the folder of `-c bundle=`. The program of SIGHTLINE_CLI, or `sightline` next to the
 * zips, checks the configuration before the CDK library is loaded, so that errors are reported immediately.
 */
async function main(): Promise<void> {
  const { env } = process;
  const file = resolve(contextText('config', env) ?? env.SIGHTLINE_CONFIG ?? `${__dirname}/../sightline.config.ts`);
  const config = await load(file);
  const bundle = contextText('bundle', env);
  const options = {
    ...(bundle ? { bundle: resolve(bundle) } : {}),
    ...(env.CDK_DEFAULT_ACCOUNT ? { credentials: env.CDK_DEFAULT_ACCOUNT } : {}),
    ...(env.SIGHTLINE_CLI ? { program: resolve(env.SIGHTLINE_CLI) } : {}),
  };
  const { warnings, ...checked } = check(config, options);
  // Not as annotations, which the CDK CLI shows at the end.
  for (const warning of warnings) console.error(`warning: ${line(warning)}`);
  const { synthesize } = await import('../lib/app.js');
  synthesize(config, { ...options, ...checked });
}

main().catch((error: unknown) => {
  // These are corrected in the configuration, so a stack trace would not help.
  const expected = [ConfigError, CheckError, FileError].some((kind) => error instanceof kind);
  console.error(expected ? (error as Error).message : error);
  process.exitCode = 1;
});
