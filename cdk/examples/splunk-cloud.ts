import { sightline } from '../lib/config';

/** Splunk Cloud: Firehose has its own URL, with sticky sessions for acknowledgments. */
export default sightline({
  region: 'us-east-1',
  trail: { objectLockDays: 365, insights: true, logDays: 14 },
  siem: {
    profile: 'splunk',
    url: 'https://http-inputs-acme.splunkcloud.com:443',
    index: 'aws_cloudtrail',
  },
  stream: { url: 'https://http-inputs-firehose-acme.splunkcloud.com:443', bufferSeconds: 5 },
  fast: { events: 'blinding' },
});
