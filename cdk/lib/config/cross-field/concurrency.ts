import { MAX_CONCURRENCY, streamRouteOf } from '../defaults';
import { Problem } from '../problem';
import { SightlineConfig } from '../types';

/** Reservations for functions that are not deployed, and those that would throttle a function's own queues. */
export function concurrencyProblems(config: SightlineConfig): Problem[] {
  const { routes = {}, reservedConcurrency = {}, maxConcurrency = MAX_CONCURRENCY } = config;
  const stream = streamRouteOf(config);
  const direct = stream === 'direct';
  const s3Queues = (routes.s3 === 'off' ? 0 : 1) + (direct ? 1 : 0);
  // Number of queues of each deployed function.
  const queues: Record<string, number | undefined> = {
    'firehose-transform': stream === 'firehose' ? 0 : undefined,
    'subscription-forwarder': direct ? 0 : undefined,
    'event-forwarder': routes.fast === false ? undefined : 1,
    's3-forwarder': s3Queues || undefined,
  };
  return Object.entries(reservedConcurrency).flatMap(([name, reserved]) => {
    const key = `reservedConcurrency.${name}`;
    const count = queues[name];
    if (reserved === undefined) return [];
    if (count === undefined) return [{ key, message: `is set, but no route uses ${name}`, expected: 'remove it' }];
    const queued = count * maxConcurrency;
    // The self-check of a new version is not retried if it is throttled.
    const needed = queued + 1;
    if (reserved >= needed) return [];
    return [{
      key,
      message: `${reserved} is not enough: the queues of ${name} may use ${queued}, and its self-check 1 more`,
      expected: `use a whole number from ${needed} to 1000, or a lower maxConcurrency`,
    }];
  });
}
