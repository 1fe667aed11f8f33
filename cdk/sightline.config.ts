import { sightline } from './lib/config';

/**
 * What `cdk deploy` makes. Everything that can be said is in lib/config/schema/index.ts, whole
 * configurations are in examples/.
 */
export default sightline({
  // Home of the trail and of everything but the relays of other Regions.
  region: 'eu-west-1',

  // For so many days nobody can delete a log file: not you, not the root user, not AWS. This
  // cannot be taken back, so put in what you mean: 1 for trying out, 365 is common.
  trail: { objectLockDays: 'choose' },

  // Where events go. Its token goes into the secret sightline/hec-token.
  siem: { profile: 'splunk', url: 'https://hec.siem.example:8088' },
});
