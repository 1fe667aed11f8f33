import { sightline } from '../lib/config';

/** Huntress: three settings here, and the token in the secret sightline/hec-token. */
export default sightline({
  region: 'us-east-1',
  trail: { objectLockDays: 90 },
  siem: { profile: 'huntress', url: 'https://hec.huntress.io/services/collector/event' },
});
