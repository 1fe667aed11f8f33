import { destinationOf, isExisting, streamRouteOf } from '../defaults';
import { Problem } from '../problem';
import { partitionOf } from '../regions';
import { SightlineConfig } from '../types';

/**
 * Regions without function URLs, as AWS names them in "Creating and managing Lambda function URLs" and
 * "AWS Lambda in AWS GovCloud (US)".
 */
const NO_FUNCTION_URLS = [
  'ap-east-2', 'ap-south-2', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1', 'eu-central-2',
  'eu-south-2', 'il-central-1', 'me-central-1', 'us-gov-east-1', 'us-gov-west-1',
];

/** Region validation: Regions and resources in the wrong Region or partition, and services that a Region lacks. */
export function regionProblems(config: SightlineConfig): Problem[] {
  return [...partitionProblems(config), ...arnProblems(config), ...functionUrlProblems(config)];
}

function partitionProblems({ region, regions = [] }: SightlineConfig): Problem[] {
  const partition = partitionOf(region);
  const others = regions.filter((one) => partitionOf(one) !== partition);
  return others.map((one) => ({
    key: 'regions', message: `${one} is not in the partition of ${region}`, expected: `use Regions of the partition ${partition}`,
  }));
}

/** Services read secrets, keys and topics in their own Region: Firehose its secret, S3 the key and the topic. */
function arnProblems({ region, siem, masking, trail }: SightlineConfig): Problem[] {
  const existing = isExisting(trail) ? trail.existing : undefined;
  const arns = {
    'siem.secretArn': siem.secretArn,
    'siem.secretKeyArn': siem.secretKeyArn,
    'masking.keySecretArn': masking?.keySecretArn,
    'masking.secretKeyArn': masking?.secretKeyArn,
    'trail.existing.keyArn': existing?.keyArn,
    'trail.existing.topicArn': existing?.topicArn,
  };
  return Object.entries(arns).flatMap(([key, arn]) => {
    const [, partition, service, found] = arn?.split(':') ?? [];
    const prefix = `arn:${partitionOf(region)}:${service}:${region}:`;
    if (arn === undefined || arn.startsWith(prefix)) return [];
    return [{ key, message: `is in ${found} of the partition ${partition}`, expected: `use an ARN that begins with ${prefix}` }];
  });
}

function functionUrlProblems(config: SightlineConfig): Problem[] {
  const { region } = config;
  const needed = streamRouteOf(config) === 'firehose' && destinationOf(config) === 'relay';
  if (!needed || !NO_FUNCTION_URLS.includes(region)) return [];
  return [{
    key: 'region',
    message: `Lambda has no function URLs in ${region}, and firehose-relay needs one`,
    expected: 'use another Region, stream.destination: splunk, or routes.stream: direct',
  }];
}
