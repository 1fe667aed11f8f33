import { Problem } from './shape';
import { SightlineConfig } from './types';

/**
 * Bytes of a function's environment that are the user's. It holds 4,096 in all; names of settings,
 * buckets, secrets and own resources that are known at deployment alone take some 1,500.
 */
export const ENVIRONMENT_LIMIT = 2_500;

/** What does not fit into the environment of a function, told by the longest. */
export function environment({ siem, masking, eventNames, eventCategories }: SightlineConfig): Problem[] {
  const spent = Object.entries({
    'siem.url': siem.url,
    'siem.organizationId': siem.organizationId,
    'siem.index': siem.index,
    'siem.sourceType': siem.sourceType,
    'siem.secretArn': siem.secretArn,
    'masking.fields': masking?.fields?.join(','),
    'masking.keySecretArn': masking?.keySecretArn,
    eventNames: [eventNames].flat().join(','),
    eventCategories: eventCategories?.join(','),
  }).map(([key, text]) => ({ key, bytes: Buffer.byteLength(text ?? '') }));
  const total = spent.reduce((sum, { bytes }) => sum + bytes, 0);
  const [longest] = spent.sort((a, b) => b.bytes - a.bytes);
  if (total <= ENVIRONMENT_LIMIT || !longest) return [];
  return [{
    key: longest.key,
    fault: `is ${longest.bytes} bytes long, which makes ${total} with the other settings, and a function's environment holds 4 KB`,
    accepted: `${ENVIRONMENT_LIMIT} bytes for all settings together, commas included`,
  }];
}
