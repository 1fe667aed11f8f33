import { crossFieldProblems } from './cross-field';
import { acknowledges, destinationOf, isExisting, MAX_CONCURRENCY, streamRouteOf } from './defaults';
import { ConfigError, problemsOf } from './problem';
import { globalRegion } from './regions';
import { CONFIG } from './schema';
import { ExistingTrail, NewTrail, SightlineConfig } from './types';

/** Keys that always have a value after their defaults are filled in. */
type Defaulted<Key extends keyof SightlineConfig> = { readonly [Member in keyof NonNullable<SightlineConfig[Key]>]-?: NonNullable<NonNullable<SightlineConfig[Key]>[Member]> };

/** A valid configuration with every default filled in. */
export interface ResolvedConfig extends SightlineConfig {
  readonly name: string;
  readonly regions: readonly string[];
  readonly acks: boolean;
  readonly routes: { readonly stream: 'firehose' | 'direct' | false; readonly fast: boolean; readonly s3: 'full' | 'oversize-only' | 'off' };
  readonly stream: Omit<Defaulted<'stream'>, 'relayConcurrency' | 'dynamicPartitioning'> & { readonly relayConcurrency?: number | 'unbounded' };
  readonly fast: Defaulted<'fast'>;
  readonly maxConcurrency: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly deployment: 'canary' | 'all-at-once';
  readonly alarms: Defaulted<'alarms'>;
  readonly keep: Defaulted<'keep'>;
  readonly newTrail?: NewTrail;
  readonly existingTrail?: ExistingTrail['existing'];
}

/** The configuration, with the account of the credentials if it names none. */
export function withAccount(config: SightlineConfig, credentials: string | undefined): SightlineConfig {
  const account = config.account ?? credentials;
  return account === undefined ? config : { ...config, account };
}

/**
 * Validates a configuration and fills in the defaults.
 *
 * @throws ConfigError with every problem.
 */
export function resolveConfig(config: SightlineConfig): ResolvedConfig {
  validate(config);
  return {
    ...config,
    name: config.name ?? 'sightline',
    regions: config.regions ?? [...new Set([config.region, globalRegion(config.region)])],
    acks: acknowledges(config),
    routes: resolveRoutes(config),
    stream: resolveStream(config),
    fast: { events: config.fast?.events ?? 'high', reads: config.fast?.reads ?? false, accounts: config.fast?.accounts ?? [] },
    maxConcurrency: config.maxConcurrency ?? MAX_CONCURRENCY,
    architecture: config.architecture ?? 'x86_64',
    deployment: config.deployment ?? 'canary',
    alarms: {
      emails: config.alarms?.emails ?? [],
      silenceMinutes: config.alarms?.silenceMinutes ?? 60,
      fastSilenceHours: config.alarms?.fastSilenceHours ?? 24,
    },
    keep: {
      logDays: config.keep?.logDays ?? 90,
      deadLetterDays: config.keep?.deadLetterDays ?? 90,
      rawDays: config.keep?.rawDays ?? 14,
    },
    ...(isExisting(config.trail) ? { existingTrail: config.trail.existing } : { newTrail: config.trail }),
  };
}

function validate(config: SightlineConfig): void {
  const { error } = CONFIG.safeParse(config, { reportInput: true });
  const problems = error ? problemsOf(error) : crossFieldProblems(config);
  if (problems.length > 0) throw new ConfigError(problems);
}

function resolveRoutes(config: SightlineConfig): ResolvedConfig['routes'] {
  const { fast = true, s3 } = config.routes ?? {};
  const stream = streamRouteOf(config);
  return { stream, fast, s3: s3 === 'gaps' ? 'oversize-only' : s3 ?? (stream ? 'oversize-only' : 'full') };
}

function resolveStream(config: SightlineConfig): ResolvedConfig['stream'] {
  const { stream = {}, siem } = config;
  const destination = destinationOf(config);
  return {
    destination,
    url: stream.url ?? siem.url,
    bufferSeconds: stream.bufferSeconds ?? (destination === 'splunk' ? 0 : 5),
    bufferMegabytes: stream.bufferMegabytes ?? 1,
    retrySeconds: stream.retrySeconds ?? 7_200,
    ...(stream.relayConcurrency ? { relayConcurrency: stream.relayConcurrency } : {}),
  };
}
