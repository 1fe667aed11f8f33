import { SightlineConfig } from '../lib/config';
import singleAccount from '../examples/single-account';
import existingTrail from '../examples/existing-trail';
import huntress from '../examples/huntress';
import relay from '../examples/relay';
import splunkCloud from '../examples/splunk-cloud';
import organization from '../examples/organization';

/** Every configuration in examples/; a test fails if one is missing. */
export const EXAMPLES: Readonly<Record<string, SightlineConfig>> = {
  'single-account': singleAccount,
  'existing-trail': existingTrail,
  huntress,
  relay,
  'splunk-cloud': splunkCloud,
  organization,
};
