import { boolean, list, object, text, wholeNumber, word } from '../kinds';
import { collectorUrl } from '../url';
import { KEY_ARN, SECRET_ARN } from './fields';
import { WORDS } from './words';

const TOKEN = text(/^[!#-[\]-~]{1,128}$/, '1 to 128 printable ASCII characters without blanks, quotes or backslashes');

/** The collector. */
export const SIEM = object({
  /** Kind of collector. `huntress` supports neither acknowledgments nor `index`. */
  profile: word(...WORDS.HEC_PROFILE),
  /** URL of its HTTP Event Collector, without a token. `/services/collector/event` is appended to an empty path. */
  url: collectorUrl,
  /**
   * Protocol: `hec`, the Splunk HTTP Event Collector, or `logs`, `POST {url}/v1/logs`.
   * @default hec
   */
  sink: word(...WORDS.SINK).optional(),
  /** `X-Organization-Id` of sink `logs`. @default - not sent */
  organizationId: TOKEN.optional(),
  /**
   * ARN of a secret with the token: `{"hec_token":"…"}`, with sink `logs` `{"api_key":"…"}`.
   * @default - an empty secret `<name>/hec-token` is created; put the token into it
   */
  secretArn: SECRET_ARN.optional(),
  /**
   * ARN of the customer managed key that encrypts the secret of `secretArn`.
   * @default - the key `aws/secretsmanager`
   */
  secretKeyArn: KEY_ARN.optional(),
  /**
   * Whether an event counts as delivered only after an indexer acknowledged it.
   * @default true with profile splunk, else false
   */
  acks: boolean.optional(),
  /** Index of every event. @default - the default index of the token */
  index: TOKEN.optional(),
  /** Sourcetype of every event. @default aws:cloudtrail */
  sourceType: TOKEN.optional(),
  /** Where annotations are written. @default - the default of the profile */
  annotate: word(...WORDS.ANNOTATE).optional(),
  /** How the objects of a request are joined. @default concatenated */
  batch: word(...WORDS.HEC_BATCH).optional(),
  /**
   * PEM file with certificate authorities that the functions trust in addition to the public ones, for a collector
   * with a private certificate. Firehose does not use it. It is added to the functions' packages.
   * @default - public certificate authorities only
   */
  caFile: text(/\S/, 'a PEM file').optional(),
  /**
   * Maximum size of a request in bytes, before compression, 10000 to 4000000: a function of 128 MB holds a batch, its
   * compressed copy and the events of the next batch.
   * @default 1000000
   */
  maxBytes: wholeNumber(10_000, 4_000_000).optional(),
});

/** How personal data is masked. */
export const MASKING = object({
  /** `sha256` digests of addresses can be reversed; `hmac` needs a key. */
  mode: word(...WORDS.MASK_MODE),
  /** Keys whose values are masked. `sightline check` knows those that can be. @default sourceIPAddress, userName */
  fields: list(text(/\S/, 'a field of a CloudTrail record')).optional(),
  /** `keys`: only the values of those keys; `record`: wherever the same person or address appears. @default record */
  scope: word(...WORDS.MASK_SCOPE).optional(),
  /**
   * ARN of a secret with the mask key.
   * @default - with hmac, a secret `<name>/mask-key` with a generated key is created
   */
  keySecretArn: SECRET_ARN.optional(),
  /**
   * ARN of the customer managed key that encrypts the secret of `keySecretArn`.
   * @default - the key `aws/secretsmanager`
   */
  secretKeyArn: KEY_ARN.optional(),
});
