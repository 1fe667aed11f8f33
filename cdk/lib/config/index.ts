import { existsSync, readFileSync, statSync } from 'node:fs';
import { faults } from './check';
import { MAX_CONCURRENCY } from './concurrency';
import { acknowledges, adopts, contradictions, destination, streams } from './contradictions';
import { globalRegion } from './places';
import { Problem } from './shape';
import { ExistingTrail, NewTrail, SightlineConfig } from './types';

export * from './types';
export { adopts } from './contradictions';
export { Problem } from './shape';

/** A configuration that cannot be deployed. Lists everything that is wrong with it. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly Problem[]) {
    const lines = problems.map(({ key, fault, accepted }) => `  ${key} ${fault}; accepted: ${accepted}`);
    super(`the configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** The configuration with every default filled in. */
export interface Settled extends SightlineConfig {
  readonly name: string;
  readonly regions: readonly string[];
  readonly acks: boolean;
  readonly routes: { readonly stream: 'firehose' | 'direct' | false; readonly fast: boolean; readonly s3: 'full' | 'gaps' | 'off' };
  readonly stream: {
    readonly destination: 'splunk' | 'relay';
    readonly url: string;
    readonly bufferSeconds: number;
    readonly bufferMegabytes: number;
    readonly retrySeconds: number;
    readonly relayConcurrency?: number | 'unbounded';
  };
  readonly fast: { readonly events: 'blinding' | 'high'; readonly reads: boolean; readonly accounts: readonly string[] };
  readonly maxConcurrency: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly deployment: 'canary' | 'all-at-once';
  readonly alarms: { readonly emails: readonly string[]; readonly silenceMinutes: number; readonly fastSilenceHours: number };
  readonly keep: { readonly logDays: number; readonly deadLetterDays: number; readonly rawDays: number };
  readonly newTrail?: NewTrail;
  readonly existingTrail?: ExistingTrail['existing'];
}

/** The configuration, for the account of the credentials where it names none. */
export function withAccount(config: SightlineConfig, credentials: string | undefined): SightlineConfig {
  const account = config.account ?? credentials;
  return account === undefined ? config : { ...config, account };
}

/**
 * Checks a configuration and fills in the defaults.
 *
 * @throws ConfigError with everything that is wrong.
 */
export function settle(config: SightlineConfig): Settled {
  const single = faults(config);
  const problems = single.length > 0 ? single : [...contradictions(config), ...missingFolder(config), ...missingFile(config)];
  if (problems.length > 0) throw new ConfigError(problems);

  const acks = acknowledges(config);
  const stream = streams(config);
  const target = destination(config);
  return {
    ...config,
    name: config.name ?? 'sightline',
    regions: config.regions ?? [...new Set([config.region, globalRegion(config.region)])],
    acks,
    routes: {
      stream,
      fast: config.routes?.fast ?? true,
      s3: config.routes?.s3 ?? (stream ? 'gaps' : 'full'),
    },
    stream: {
      destination: target,
      url: config.stream?.url ?? config.siem.url,
      bufferSeconds: config.stream?.bufferSeconds ?? (target === 'splunk' ? 0 : 5),
      bufferMegabytes: config.stream?.bufferMegabytes ?? 1,
      retrySeconds: config.stream?.retrySeconds ?? 7_200,
      ...(config.stream?.relayConcurrency ? { relayConcurrency: config.stream.relayConcurrency } : {}),
    },
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
    ...(adopts(config.trail) ? { existingTrail: config.trail.existing } : { newTrail: config.trail }),
  };
}

function missingFile({ siem: { caFile } }: SightlineConfig): Problem[] {
  const refuse = (fault: string) => [{ key: 'siem.caFile', fault: `is ${JSON.stringify(caFile)}, which ${fault}`, accepted: 'a PEM file' }];
  if (caFile === undefined) return [];
  if (!existsSync(caFile) || !statSync(caFile).isFile()) return refuse('is not a file');
  // It goes into packages, which more people can read.
  return readFileSync(caFile, 'latin1').includes('PRIVATE KEY-----') ? refuse('holds a private key') : [];
}

function missingFolder({ rulesDir }: SightlineConfig): Problem[] {
  if (rulesDir === undefined || (existsSync(rulesDir) && statSync(rulesDir).isDirectory())) return [];
  return [{ key: 'rulesDir', fault: `is ${JSON.stringify(rulesDir)}, which is no folder`, accepted: 'a folder of Sigma rules' }];
}
