import { resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { build } from '../lib/app';
import { FLAGS } from '../lib/flags';
import { ConfigError } from '../lib/config';
import { FileError, load } from '../lib/config/load';

/**
 * `cdk synth` takes sightline.config.ts, or what `-c config=examples/organization.ts` or
 * SIGHTLINE_CONFIG names, and the zips of target/bundle, or of the folder that `-c bundle=` names.
 */
async function main(): Promise<void> {
  const app = new App({ context: FLAGS });
  const asked = (app.node.tryGetContext('config') as string | undefined) ?? process.env.SIGHTLINE_CONFIG;
  const file = resolve(asked ?? `${__dirname}/../sightline.config.ts`);
  const config = await load(file);
  const bundle = app.node.tryGetContext('bundle') as string | undefined;
  build(app, config, { ...(bundle ? { bundle: resolve(bundle) } : {}), ...(process.env.CDK_DEFAULT_ACCOUNT ? { credentials: process.env.CDK_DEFAULT_ACCOUNT } : {}) });
  app.synth();
}

main().catch((error: unknown) => {
  // A configuration that is wrong is the user's to mend: no stack trace would help.
  console.error(error instanceof ConfigError || error instanceof FileError ? error.message : error);
  process.exitCode = 1;
});
