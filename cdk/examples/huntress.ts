import { sightline } from '../lib/config';

/**
 * Huntress: three settings here, and the token in the secret sightline/hec-token. Events go from CloudWatch Logs to
 * the collector by a function: no Firehose, no function URL, and nobody outside the account may invoke anything.
 */
export default sightline({
  region: 'us-east-1',
  trail: { objectLockDays: 90 },
  siem: { profile: 'huntress', url: 'https://hec.huntress.io/services/collector/event' },
});
