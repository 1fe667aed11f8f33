import { Problem } from '../problem';
import { networksText } from '../schema/networks';
import { SightlineConfig } from '../types';

/**
 * Bytes of a function's environment that user-defined values can take. The environment holds 4,096 bytes; names of
 * settings, buckets, secrets and protected resources that are known only at deployment take about 1,500.
 */
export const ENVIRONMENT_LIMIT = 2_500;

/** Values that do not fit into the environment of a function together, reported for the longest. */
export function environmentProblems({ siem, masking, networks, eventNames, eventCategories }: SightlineConfig): Problem[] {
  const sizes = Object.entries({
    'siem.url': siem.url,
    'siem.organizationId': siem.organizationId,
    'siem.index': siem.index,
    'siem.sourceType': siem.sourceType,
    'siem.secretArn': siem.secretArn,
    'masking.fields': masking?.fields?.join(','),
    'masking.keySecretArn': masking?.keySecretArn,
    networks: networks && networksText(networks),
    eventNames: [eventNames].flat().join(','),
    eventCategories: eventCategories?.join(','),
  }).map(([key, text]) => ({ key, bytes: Buffer.byteLength(text ?? '') }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const [longest] = sizes.sort((a, b) => b.bytes - a.bytes);
  if (total <= ENVIRONMENT_LIMIT || !longest) return [];
  return [{
    key: longest.key,
    message: `has ${longest.bytes} bytes, ${total} together with the other settings, but a function's environment holds 4 KB`,
    expected: `use at most ${ENVIRONMENT_LIMIT} bytes for all settings together, including commas`,
  }];
}
