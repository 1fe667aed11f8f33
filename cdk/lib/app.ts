import { Annotations, App, Aspects, Aws, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { resolveConfig, SightlineConfig, withAccount } from './config';
import { refuseDeployment } from './deployment-guards';
import { fastOf } from './fast-names';
import { FLAGS } from './flags';
import { AcknowledgeReasons } from './reasons';
import { HubStack } from './stacks/hub';
import { RegionStack } from './stacks/region';

/** Options of `build`. */
export interface BuildOptions {
  /** Folder of the functions' zips. @default - target/bundle */
  readonly bundle?: string;
  /** Account of the credentials, where the configuration names none. @default - not known */
  readonly credentials?: string;
  /** Run the checks of cdk-nag at synthesis. @default true */
  readonly checks?: boolean;
  /** Why the configuration could not be checked, which prevents its deployment. @default - it was checked */
  readonly unchecked?: readonly string[];
}

/** The stacks that were created. */
export interface Built {
  readonly hub: HubStack;
  readonly relays: readonly RegionStack[];
}

/** Writes the cloud assembly of a configuration where the CDK CLI expects it. */
export function synthesize(config: SightlineConfig, options: BuildOptions): void {
  const app = new App({ context: FLAGS });
  build(app, config, options);
  app.synth();
}

/**
 * Adds the stacks of a configuration to an app.
 *
 * @throws ConfigError with everything that is wrong with the configuration.
 */
export function build(app: App, given: SightlineConfig, options: BuildOptions = {}): Built {
  const config = resolveConfig(withAccount(given, options.credentials));
  const fast = fastOf(config);
  if (options.checks !== false) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  Aspects.of(app).add(new AcknowledgeReasons());
  Tags.of(app).add('sightline', config.name);

  const env = (region: string, account = config.account) => ({ region, ...(account ? { account } : {}) });
  // Two names give two titles, and a relay's is no hub's, since names have no capitals.
  const title = config.name.replace(/^./, (letter) => letter.toUpperCase());
  const hub = new HubStack(app, title, { config, fast, env: env(config.region), ...(options.bundle ? { bundle: options.bundle } : {}) });
  fast.warnings.forEach((warning, at) => Annotations.of(hub).addWarningV2(`sightline:rules-${at + 1}`, warning));
  if (options.unchecked?.length) refuseDeployment(hub, 'SettingsAreChecked', options.unchecked);
  if (!config.routes.fast) return { hub, relays: [] };

  const others = config.regions.filter((region) => region !== config.region);
  const relays = [
    ...others.map((region) => ({ region, account: config.account, id: `${title}-Relay-${region}` })),
    ...config.fast.accounts.flatMap((account) => config.regions.map((region) => ({ region, account, id: `${title}-Relay-${account}-${region}` }))),
  ];
  return {
    hub,
    relays: relays.map(({ region, account, id }) => {
      const stack = new RegionStack(app, id, { config, fast, region, account: account ?? Aws.ACCOUNT_ID, env: env(region, account) });
      // A relay that is there before the hub's rules are would hand events to nobody.
      stack.addStackDependency(hub);
      return stack;
    }),
  };
}
