import { sightline } from '../lib/config';

/**
 * Huntress: three settings here, and the token in the secret sightline/hec-token. A function
 * delivers events from CloudWatch Logs to the collector: no Firehose, no function URL, no access from other accounts.
 */
export default sightline({
  region: 'us-east-1',
  trail: { objectLockDays: 90 },
  siem: { profile: 'huntress', url: 'https://hec.huntress.io/services/collector/event' },
});
