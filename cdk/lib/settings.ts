import { ResolvedConfig } from './config';
import { FunctionName } from './names';
import { CA_FILE } from './package';

/** References that are known only once things are made. */
export interface References {
  readonly tokenSecret: string;
  readonly maskKeySecret?: string;
  readonly relayKeySecret?: string;
  readonly deadLetters: string;
}

/**
 * The key of the configuration that a setting is made of. Settings without a key follow from others; a message
 * about one of them names the setting alone.
 */
export const KEYS: Readonly<Record<string, string>> = {
  HEC_PROFILE: 'siem.profile',
  HEC_INDEX: 'siem.index',
  SOURCE_TYPE: 'siem.sourceType',
  ANNOTATE: 'siem.annotate',
  HEC_URL: 'siem.url',
  SINK: 'siem.sink',
  LOGS_URL: 'siem.url',
  LOGS_ORG_ID: 'siem.organizationId',
  SECRET_NAME: 'siem.secretArn',
  HEC_MAX_BYTES: 'siem.maxBytes',
  HEC_BATCH: 'siem.batch',
  HEC_ACKS: 'siem.acks',
  HEC_CA_FILE: 'siem.caFile',
  EVENT_NAMES: 'eventNames',
  EVENT_CATEGORIES: 'eventCategories',
  MASK_MODE: 'masking.mode',
  MASK_FIELDS: 'masking.fields',
  MASK_SCOPE: 'masking.scope',
  MASK_KEY_SECRET: 'masking.keySecretArn',
  OWN_RESOURCES: 'own',
  RULES_DIR: 'rulesDir',
};

/** Whether a function evaluates detection rules, so that it reads rules and own resources. */
export function evaluatesRules(name: FunctionName): boolean {
  return name !== 'firehose-relay';
}

/** Whether a function delivers to the collector. */
export function delivers(name: FunctionName): boolean {
  return name !== 'firehose-transform';
}

/** Settings by name, as the table in the README has them. */
export type Settings = Readonly<Record<string, string | undefined>>;

/**
 * Caps on what Firehose passes to the relay: a record of an HTTP endpoint is at most 1,000 KiB, and
 * a response has to fit a request of 4 MB.
 */
const RELAY_CAPS = { MAX_RECORD_BYTES: '1024000', MAX_RESPONSE_BYTES: '3000000' };

/** CloudTrail sends records larger than this by S3 alone. */
const GAP_BYTES = '262144';

/** The environment of a function. What has the default of the program is left out. */
export function settingsOf(name: FunctionName, config: ResolvedConfig, refs: References): Settings {
  const { siem, masking } = config;
  const output: Settings = {
    HEC_PROFILE: siem.profile,
    HEC_INDEX: siem.index,
    SOURCE_TYPE: siem.sourceType,
    ANNOTATE: siem.annotate,
  };
  const lane: Settings = {
    EVENT_NAMES: typeof config.eventNames === 'string' ? config.eventNames : config.eventNames?.join(','),
    EVENT_CATEGORIES: config.eventCategories?.join(','),
    MASK_MODE: masking?.mode,
    MASK_FIELDS: masking?.fields?.join(','),
    MASK_SCOPE: masking?.scope,
    MASK_KEY_SECRET: refs.maskKeySecret,
  };
  const delivery: Settings = {
    ...(siem.sink === 'logs' ? { SINK: 'logs', LOGS_URL: siem.url, LOGS_ORG_ID: siem.organizationId } : { HEC_URL: siem.url }),
    SECRET_NAME: refs.tokenSecret,
    HEC_MAX_BYTES: siem.maxBytes?.toString(),
    HEC_BATCH: siem.batch,
    HEC_ACKS: config.acks ? 'on' : undefined,
    HEC_CA_FILE: siem.caFile === undefined ? undefined : CA_FILE,
    DLQ_BUCKET: refs.deadLetters,
  };
  switch (name) {
    case 'firehose-transform':
      return { ...output, ...lane, ...(config.stream.destination === 'relay' ? RELAY_CAPS : {}) };
    case 'firehose-relay':
      return { ...output, ...delivery, RELAY_KEY_SECRET: refs.relayKeySecret };
    case 'event-forwarder':
    case 'subscription-forwarder':
      return { ...output, ...lane, ...delivery };
    case 's3-forwarder':
      return { ...output, ...lane, ...delivery, ONLY_OVER_BYTES: config.routes.s3 === 'oversize-only' ? GAP_BYTES : undefined };
  }
}

/**
 * Megabytes, with what Lambda gives for them: CPU in proportion, a core at 1769. The lane needs some
 * 41 MB at a full request; what is more buys speed.
 */
export const MEMORY: Readonly<Record<FunctionName, number>> = {
  // A third of a core: 6 MB of response in well under a second, while Firehose waits.
  'firehose-transform': 512,
  // Waits for the collector for the most part, and holds a request of 6 MB and its parts.
  'firehose-relay': 256,
  // One event at a time.
  'event-forwarder': 128,
  // CloudWatch Logs sends up to 1 MB (Lambda quotas: the payload of an asynchronous invocation), gzip in base64, which
  // inflates to some 15 MB of CloudTrail. Text, events and a request to the collector take several times that.
  'subscription-forwarder': 512,
  // Inflates as it reads, a batch to the collector beside it; its memory does not grow with the file.
  's3-forwarder': 512,
};
