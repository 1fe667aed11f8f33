import { sightline } from '../lib/config';

/** One account, a new trail, Splunk: three lines. Creates the trail, the archive and all three routes. */
export default sightline({
  region: 'eu-west-1',
  trail: { objectLockDays: 365 },
  siem: { profile: 'splunk', url: 'https://hec.siem.example:8088' },
});
