import { sightline } from '../lib/config';

/** What the scenario tests/tests/deployment deploys into an emulator, which knows no trail of its own. */
export default sightline({
  region: 'us-east-1',
  regions: ['us-east-1'],
  trail: { existing: { bucketName: 'acme-trail', logGroupName: 'acme/trail' } },
  siem: { profile: 'generic', url: process.env.SIGHTLINE_TEST_COLLECTOR ?? '' },
  masking: { mode: 'hmac' },
  keep: { logDays: Number(process.env.SIGHTLINE_TEST_LOG_DAYS) },
});
