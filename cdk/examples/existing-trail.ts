import { sightline } from '../lib/config';

/** A trail that is there, with its bucket, key and log group. Only the bucket gets one more notification. */
export default sightline({
  region: 'eu-central-1',
  trail: {
    existing: {
      bucketName: 'acme-trail',
      keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-1111-2222-3333-444455556666',
      logGroupName: 'acme/trail',
    },
  },
  siem: {
    profile: 'generic',
    url: 'https://collector.acme.example/services/collector/event',
    // A secret that is there: {"hec_token":"…"}
    secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme/collector-AbCdEf',
  },
  // People and addresses leave as pseudonyms. The key is generated, in the secret sightline/mask-key.
  masking: { mode: 'hmac' },
  alarms: { emails: ['soc@acme.example'] },
});
