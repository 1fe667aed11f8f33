import { sightline } from '../lib/config';

const { SIGHTLINE_TEST_COLLECTOR: url = '', SIGHTLINE_TEST_STREAM: stream, SIGHTLINE_TEST_SECRET: secretArn, SIGHTLINE_TEST_LOG_DAYS: logDays } = process.env;

/** The configuration that tests/tests/deployment deploys into an emulator, which does not support trails. */
export default sightline({
  region: 'us-east-1',
  regions: ['us-east-1'],
  trail: { existing: { bucketName: 'acme-trail', logGroupName: 'acme/trail' } },
  siem: { profile: 'generic', url, ...(secretArn ? { secretArn } : {}) },
  ...(stream === 'direct' ? { routes: { stream } } : { stream: { destination: 'relay', relayConcurrency: 'unbounded' } }),
  masking: { mode: 'hmac' },
  keep: { logDays: Number(logDays) },
});
