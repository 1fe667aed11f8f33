import { sightline } from '../lib/config';

/**
 * A collector without acknowledgments, by Firehose and firehose-relay instead of the direct stream: Firehose buffers
 * and retries, and the relay has a function URL, whose invocations are bounded.
 */
export default sightline({
  region: 'eu-west-1',
  trail: { objectLockDays: 365 },
  siem: { profile: 'generic', url: 'https://collector.acme.example/services/collector/event' },
  routes: { stream: 'firehose' },
  // Reserved: the account needs a quota of at least 150.
  stream: { relayConcurrency: 50 },
});
