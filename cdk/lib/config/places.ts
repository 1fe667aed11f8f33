import { Problem } from './shape';
import { SightlineConfig } from './types';

/** Regions by form, not by list, so that a new one needs no new version. */
export const REGION = /^(us-gov|af|ap|ca|eu|il|me|mx|sa|us)-(central|north|south|east|west|northeast|northwest|southeast|southwest)-[1-9]$/;

/** What is accepted for a Region. Elsewhere service principals and function URLs differ, or do not exist. */
export const REGION_ACCEPTED = 'a Region of the partitions aws and aws-us-gov such as eu-west-1; China, isolated and sovereign Regions are not supported';

/**
 * Regions without function URLs, as AWS names them in "Creating and managing Lambda function URLs" and
 * "AWS Lambda in AWS GovCloud (US)".
 */
const NO_FUNCTION_URLS = [
  'ap-east-2', 'ap-south-2', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1', 'eu-central-2',
  'eu-south-2', 'il-central-1', 'me-central-1', 'us-gov-east-1', 'us-gov-west-1',
];

/** The partition of a Region that is accepted. */
export function partitionOf(region: string): 'aws' | 'aws-us-gov' {
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** Where IAM, STS and the like report to, in the partition of the home Region. */
export function globalRegion(home: string): string {
  return partitionOf(home) === 'aws-us-gov' ? 'us-gov-west-1' : 'us-east-1';
}

/** What is not where it has to be. `destination` is Firehose's, if there is a stream by Firehose. */
export function misplaced(config: SightlineConfig, destination: 'splunk' | 'relay' | undefined): Problem[] {
  return [...regions(config), ...arns(config), ...functionUrls(config, destination)];
}

function regions({ region, regions: chosen = [] }: SightlineConfig): Problem[] {
  const strangers = chosen.filter((one) => partitionOf(one) !== partitionOf(region));
  return strangers.map((one) => ({
    key: 'regions', fault: `has ${one}, which is not of the partition of ${region}`, accepted: `Regions of the partition ${partitionOf(region)}`,
  }));
}

/** Services read secrets, keys and topics in their own Region: Firehose its secret, S3 the key and the topic. */
function arns({ region, siem, masking, trail }: SightlineConfig): Problem[] {
  const existing = 'existing' in trail ? trail.existing : undefined;
  const given = {
    'siem.secretArn': siem.secretArn,
    'siem.secretKeyArn': siem.secretKeyArn,
    'masking.keySecretArn': masking?.keySecretArn,
    'masking.secretKeyArn': masking?.secretKeyArn,
    'trail.existing.keyArn': existing?.keyArn,
    'trail.existing.topicArn': existing?.topicArn,
  };
  return Object.entries(given).flatMap(([key, arn]) => {
    const [, partition, service, place] = arn?.split(':') ?? [];
    const wanted = `arn:${partitionOf(region)}:${service}:${region}:`;
    if (arn === undefined || arn.startsWith(wanted)) return [];
    return [{ key, fault: `is in ${place} of the partition ${partition}`, accepted: `an ARN that begins with ${wanted}` }];
  });
}

function functionUrls({ region }: SightlineConfig, destination: 'splunk' | 'relay' | undefined): Problem[] {
  if (destination !== 'relay' || !NO_FUNCTION_URLS.includes(region)) return [];
  return [{
    key: 'region',
    fault: `is ${region}, where Lambda has no function URLs, which firehose-relay needs`,
    accepted: 'another Region, stream.destination: splunk, or routes.stream: direct',
  }];
}
