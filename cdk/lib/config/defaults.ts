import { ExistingTrail, NewTrail, SightlineConfig } from './types';

/*
 * Defaults that follow from other keys.
 */

/**
 * Concurrent functions per queue by default: the minimum that AWS accepts (Lambda Developer Guide, "Configuring
 * scaling behavior for SQS event source mappings"). Three queues take 6 of the 10 functions that a new account can
 * run at once (Lambda Developer Guide, "Lambda quotas": new accounts have reduced quotas).
 */
export const MAX_CONCURRENCY = 2;

/** Whether the trail exists already. */
export function isExisting(trail: NewTrail | ExistingTrail): trail is ExistingTrail {
  return 'existing' in trail;
}

/** Whether events are acknowledged. */
export function acknowledges({ siem }: SightlineConfig): boolean {
  return siem.acks ?? siem.profile === 'splunk';
}

/** Where Firehose delivers. */
export function destinationOf({ stream, siem }: SightlineConfig): 'splunk' | 'relay' {
  return stream?.destination ?? (siem.profile === 'splunk' && siem.acks !== false && siem.sink !== 'logs' ? 'splunk' : 'relay');
}

/** How the stream route runs: by Firehose if Firehose can deliver to the collector itself, or if it is configured. */
export function streamRouteOf(config: SightlineConfig): 'firehose' | 'direct' | false {
  const configured = config.routes?.stream;
  if (configured === undefined) return config.stream !== undefined || destinationOf(config) === 'splunk' ? 'firehose' : 'direct';
  return configured === true ? 'firehose' : configured;
}
