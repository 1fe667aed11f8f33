import { Problem } from './shape';
import { SightlineConfig } from './types';

/**
 * Functions that may run at once for each queue by default, the least that AWS accepts (Lambda Developer Guide,
 * "Configuring scaling behavior for SQS event source mappings"). Three queues take 6 of the 10 functions that a
 * new account runs at once (Lambda Developer Guide, "Lambda quotas": new accounts have reduced quotas).
 */
export const MAX_CONCURRENCY = 2;

/** Reservations for functions that are not deployed, and those that would throttle a function's own queues. */
export function concurrency({ routes = {}, reservedConcurrency = {}, maxConcurrency = MAX_CONCURRENCY }: SightlineConfig, stream: 'firehose' | 'direct' | false): Problem[] {
  const direct = stream === 'direct';
  const s3Queues = (routes.s3 === 'off' ? 0 : 1) + (direct ? 1 : 0);
  // How many queues each deployed function has.
  const queues: Record<string, number | undefined> = {
    'firehose-transform': stream === 'firehose' ? 0 : undefined,
    'subscription-forwarder': direct ? 0 : undefined,
    'event-forwarder': routes.fast === false ? undefined : 1,
    's3-forwarder': s3Queues || undefined,
  };
  return Object.entries(reservedConcurrency).flatMap(([name, reserved]) => {
    const key = `reservedConcurrency.${name}`;
    const count = queues[name];
    if (count === undefined) return [{ key, fault: `is set, and no route uses ${name}`, accepted: 'leave it out' }];
    const queued = count * maxConcurrency;
    // The self-check of a new version is not retried if it is throttled.
    const needed = queued + 1;
    if (reserved >= needed) return [];
    return [{ key, fault: `is ${reserved}, and the queues of ${name} may use ${queued}, its self-check 1 more`, accepted: `a whole number from ${needed} to 1000, or a lower maxConcurrency` }];
  });
}
