import { ResolvedConfig } from './config';
import { networksText } from './config/schema/networks';
import { FunctionName, programOf } from './names';
import { CA_FILE } from './package';
import schema from '../../schema/settings.json';

/** References to resources that are known only at deployment. */
export interface References {
  readonly tokenSecret: string;
  readonly maskKeySecret?: string;
  readonly relayKeySecret?: string;
  readonly deadLetters: string;
}

/**
 * The configuration key of each setting. Settings without a key follow from other keys; a message about one of them
 * names only the setting.
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
  NETWORKS: 'networks',
  EVENT_NAMES: 'eventNames',
  EVENT_CATEGORIES: 'eventCategories',
  MASK_MODE: 'masking.mode',
  MASK_FIELDS: 'masking.fields',
  MASK_SCOPE: 'masking.scope',
  MASK_KEY_SECRET: 'masking.keySecretArn',
  OWN_RESOURCES: 'own',
  RULES_DIR: 'rulesDir',
};

function program(name: FunctionName) {
  return schema.functions.find((one) => one.name === programOf(name));
}

/** Whether a function evaluates detection rules, and so reads rules and protected resources. */
export function evaluatesRules(name: FunctionName): boolean {
  return program(name)?.evaluatesRules === true;
}

/** Whether a function delivers to the collector. */
export function delivers(name: FunctionName): boolean {
  return program(name)?.delivers === true;
}

/** Settings by name (docs/settings.md). */
export type Settings = Readonly<Record<string, string | undefined>>;

/**
 * Limits for delivery to the relay: a record of an HTTP endpoint destination is at most 1,000 KiB, and a response must
 * fit into a request of 4 MB.
 */
const RELAY_CAPS = { MAX_RECORD_BYTES: '1024000', MAX_RESPONSE_BYTES: '3000000' };

/** CloudTrail delivers larger records only to S3. */
const OVERSIZE_BYTES = '262144';

/** The environment of a function. Settings with the default of the program are omitted. */
export function settingsOf(name: FunctionName, config: ResolvedConfig, refs: References): Settings {
  const { siem, masking } = config;
  const output: Settings = {
    HEC_PROFILE: siem.profile,
    HEC_INDEX: siem.index,
    SOURCE_TYPE: siem.sourceType,
    ANNOTATE: siem.annotate,
  };
  const pipeline: Settings = {
    NETWORKS: config.networks && networksText(config.networks),
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
      return { ...output, ...pipeline, ...(config.stream.destination === 'relay' ? RELAY_CAPS : {}) };
    case 'firehose-relay':
      return { ...output, ...delivery, RELAY_KEY_SECRET: refs.relayKeySecret };
    case 'event-forwarder':
    case 'subscription-forwarder':
      return { ...output, ...pipeline, ...delivery };
    case 's3-forwarder':
      return { ...output, ...pipeline, ...delivery, ONLY_OVER_BYTES: config.routes.s3 === 'oversize-only' ? OVERSIZE_BYTES : undefined };
  }
}

/**
 * Memory in megabytes. Lambda allocates CPU in proportion, one core at 1,769 MB. The record pipeline needs about 41 MB
 * for a full request; more memory adds speed.
 */
export const MEMORY: Readonly<Record<FunctionName, number>> = {
  // A third of a core: 6 MB of response in well under a second, while Firehose waits.
  'firehose-transform': 512,
  // Mostly waits for the collector, and holds a request of 6 MB and its parts.
  'firehose-relay': 256,
  // One event at a time.
  'event-forwarder': 128,
  // CloudWatch Logs sends up to 1 MB (Lambda quotas: the payload of an asynchronous invocation), gzip in base64, which
  // inflates to about 15 MB of CloudTrail. Text, events and a request to the collector take several times that.
  'subscription-forwarder': 512,
  // Streams the file and holds one batch for the collector: its memory use does not grow with the file.
  's3-forwarder': 512,
};
