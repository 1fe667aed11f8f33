import * as z from 'zod';
import { boolean, list, object, wholeNumber, word } from '../kinds';
import { collectorUrl } from '../url';
import { ACCOUNT } from './fields';

/** The routes that events take. */
export const ROUTES = object({
  /**
   * CloudWatch Logs, the continuous stream of all events. `firehose`: by Firehose, to Splunk with acknowledgments or
   * to `firehose-relay`; `true` means the same. `direct`: a subscription that invokes `subscription-forwarder`,
   * without Firehose and without a public URL; events that the collector does not accept within minutes wait in a
   * bucket and a queue. `false`: no stream.
   * @default firehose to Splunk with acknowledgments, or if `stream` is set; else direct
   */
  stream: word('firehose', 'direct', true, false).optional(),
  /** EventBridge: defense-evasion events, within a minute. @default true */
  fast: boolean.optional(),
  /**
   * Log files in S3: `full` if there is no stream, `oversize-only` for the records that are too large for the stream
   * (over 256 KB; `gaps` is an alias), or `off`.
   * @default oversize-only with a stream, else full
   */
  s3: word('full', 'oversize-only', 'gaps', 'off').optional(),
});

/** Details of the stream route by Firehose. */
export const STREAM = object({
  /**
   * Where Firehose delivers: Splunk with acknowledgments, or `firehose-relay`, which delivers to collectors without
   * acknowledgments.
   * @default - splunk with profile splunk and acknowledgments, else relay
   */
  destination: word('splunk', 'relay').optional(),
  /** URL for Firehose if it differs from `siem.url`, as with Splunk Cloud. @default - siem.url */
  url: collectorUrl.optional(),
  /**
   * Seconds for which Firehose buffers events: 0 to 60 to Splunk, 0 to 900 to the relay. The relay is invoked for
   * each delivery.
   * @default 0 to Splunk, 5 to the relay
   */
  bufferSeconds: wholeNumber(0, 900).optional(),
  /** Megabytes after which Firehose delivers earlier: 1 to 5 to Splunk, 1 to 3 to the relay. @default 1 */
  bufferMegabytes: wholeNumber(1, 5).optional(),
  /** Seconds for which Firehose retries a delivery, 0 to 7200. @default 7200 */
  retrySeconds: wholeNumber(0, 7_200).optional(),
  /**
   * Maximum number of concurrent relays, required with destination `relay`. Anybody who finds the relay's function
   * URL can invoke it, although it serves only requests with Firehose's access key: a number from 2 to 1000 limits
   * what such calls use of the account's concurrency. AWS reserves this number, and refuses a reservation that
   * leaves less than 100 of the account's quota unreserved, so a new account can only use `unbounded`.
   */
  relayConcurrency: z.union([word('unbounded'), wholeNumber(2, 1_000)], { error: 'a whole number from 2 to 1000, or unbounded' }).optional(),
  /** Not supported; it has an error message of its own. */
  dynamicPartitioning: boolean.optional(),
});

/** Details of the fast route. */
export const FAST = object({
  /**
   * `blinding`: the events of the detection rules, including yours in `rulesDir`. `high`: also the curated events of
   * severity high.
   * @default high
   */
  events: word('blinding', 'high').optional(),
  /**
   * Whether to forward read-only management events as well, if a rule or the curated list names them. By default,
   * EventBridge does not deliver events whose names begin with Get, List or Describe to rules; `GetPasswordData` of
   * the curated list is one of them. Synthesis warns if your rules name such events.
   * @default false
   */
  reads: boolean.optional(),
  /**
   * Other accounts whose Regions forward events to the hub, because EventBridge delivers the events of an account in
   * that account only. Each must be bootstrapped for the CDK and trust this account.
   * @default - none
   */
  accounts: list(ACCOUNT).optional(),
});

const RESERVED = wholeNumber(1, 1_000).optional();

/** Executions reserved for functions: 1 to 1000, and more than their queues may use, because the self-check needs 1. */
export const RESERVED_CONCURRENCY = object({
  'firehose-transform': RESERVED,
  'subscription-forwarder': RESERVED,
  'event-forwarder': RESERVED,
  's3-forwarder': RESERVED,
});
