import { sightline } from '../lib/config';

/** An existing trail, with its bucket, key and log group. Only the bucket gets one more notification. */
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
    // An existing secret: {"hec_token":"…"}
    secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:acme/collector-AbCdEf',
  },
  // People and addresses are replaced by pseudonyms. The key is generated, in the secret sightline/mask-key.
  masking: { mode: 'hmac' },
  alarms: { emails: ['soc@acme.example'] },
});
