import { sightline } from './lib/config';

/**
 * The configuration that `cdk deploy` deploys. All keys are in lib/config/schema/index.ts, complete examples in
 * examples/.
 */
export default sightline({
  // Home Region: of the trail and of everything except the region forwarders of other Regions.
  region: 'eu-west-1',

  // For this number of days nobody can delete a log file, including you, the root user and AWS. It cannot be reduced
  // later: use 1 to try it out; 365 is common.
  trail: { objectLockDays: 'choose' },

  // The collector. Store its token in the secret sightline/hec-token.
  siem: { profile: 'splunk', url: 'https://hec.siem.example:8088' },
});
