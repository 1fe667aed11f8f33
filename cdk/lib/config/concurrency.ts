import { Problem } from './shape';
import { SightlineConfig } from './types';

/**
 * Functions that may run at once for each queue by default, the least that AWS accepts (Lambda Developer Guide,
 * "Configuring scaling behavior for SQS event source mappings"). Three queues take 6 of the 10 functions that a
 * new account runs at once (Lambda Developer Guide, "Lambda quotas": new accounts have reduced quotas).
 */
export const MAX_CONCURRENCY = 2;

/** Reservations that AWS would refuse to use, or that would throttle a function's own queues. */
export function concurrency({ routes = {}, reservedConcurrency = {}, maxConcurrency = MAX_CONCURRENCY }: SightlineConfig): Problem[] {
  // Without a stream route S3 is the only route that carries everything, and cannot be off.
  const s3 = routes.s3 === 'off' ? 0 : 1;
  const fast = routes.fast === false ? 0 : 1;
  const stream = routes.stream !== false;
  const queues = { 'firehose-transform': stream ? 0 : undefined, 'event-forwarder': fast || undefined, 's3-forwarder': s3 || undefined };
  return Object.entries(reservedConcurrency).flatMap(([name, reserved]) => {
    const key = `reservedConcurrency.${name}`;
    const count = queues[name as keyof typeof queues];
    if (count === undefined) return [{ key, fault: `is set, and no route uses ${name}`, accepted: 'leave it out' }];
    const queued = count * maxConcurrency;
    // The self-check of a new version is not retried if it is throttled.
    const needed = queued + 1;
    if (reserved >= needed) return [];
    return [{ key, fault: `is ${reserved}, and the queues of ${name} may use ${queued}, its self-check 1 more`, accepted: `a whole number from ${needed} to 1000, or a lower maxConcurrency` }];
  });
}
