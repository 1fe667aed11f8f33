import { Annotations, App, Aspects, Aws, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { resolveConfig, SightlineConfig, withAccount } from './config';
import { refuseDeployment } from './deployment-guards';
import { fastEventsOf, UserRules } from './detection/fast-events';
import { FLAGS } from './flags';
import { NagSuppressions } from './nag-suppressions';
import { HubStack } from './stacks/hub';
import { RegionForwarderStack } from './stacks/region-forwarder';

/** Options of `build`. */
export interface BuildOptions {
  /** Folder of the functions' zips. @default - target/bundle */
  readonly bundle?: string;
  /** Account of the credentials, if the configuration names none. @default - not known */
  readonly credentials?: string;
  /** Whether to run the checks of cdk-nag at synthesis. @default true */
  readonly checks?: boolean;
  /** Why the configuration could not be checked, which prevents its deployment. @default - it was checked */
  readonly unchecked?: readonly string[];
  /** The events of the rules in `rulesDir`. Without them the configuration cannot be deployed. @default - not known */
  readonly userRules?: UserRules;
}

/** The stacks that were created. */
export interface Built {
  readonly hub: HubStack;
  readonly regionForwarders: readonly RegionForwarderStack[];
}

/** Writes the cloud assembly of a configuration to the folder that the CDK CLI expects. */
export function synthesize(config: SightlineConfig, options: BuildOptions): void {
  const app = new App({ context: FLAGS });
  build(app, config, options);
  app.synth();
}

/**
 * Adds the stacks of a configuration to an app.
 *
 * @throws ConfigError with every problem of the configuration.
 */
export function build(app: App, given: SightlineConfig, options: BuildOptions = {}): Built {
  const config = resolveConfig(withAccount(given, options.credentials));
  const fast = fastEventsOf(config, options.userRules);
  if (options.checks !== false) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  Aspects.of(app).add(new NagSuppressions());
  Tags.of(app).add('sightline', config.name);

  const env = (region: string, account = config.account) => ({ region, ...(account ? { account } : {}) });
  // Stacks of two deployments never share a name, because names contain no capitals.
  const title = config.name.replace(/^./, (letter) => letter.toUpperCase());
  const hub = new HubStack(app, title, { config, fast, env: env(config.region), ...(options.bundle ? { bundle: options.bundle } : {}) });
  fast.warnings.forEach((warning, at) => Annotations.of(hub).addWarningV2(`sightline:rules-${at + 1}`, warning));
  const isUnchecked = options.unchecked?.length || (config.rulesDir !== undefined && !options.userRules);
  if (isUnchecked) refuseDeployment(hub, 'SettingsAreChecked', options.unchecked);
  if (!config.routes.fast) return { hub, regionForwarders: [] };

  const others = config.regions.filter((region) => region !== config.region);
  const regionForwarders = [
    ...others.map((region) => ({ region, account: config.account, id: `${title}-Relay-${region}` })),
    ...config.fast.accounts.flatMap((account) => config.regions.map((region) => ({ region, account, id: `${title}-Relay-${account}-${region}` }))),
  ];
  return {
    hub,
    regionForwarders: regionForwarders.map(({ region, account, id }) => {
      const stack = new RegionForwarderStack(app, id, { config, fast, region, account: account ?? Aws.ACCOUNT_ID, env: env(region, account) });
      // A region forwarder that is created before the hub's rules would lose events.
      stack.addStackDependency(hub);
      return stack;
    }),
  };
}
