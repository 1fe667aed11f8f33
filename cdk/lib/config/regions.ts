/** Regions by form, not by list, so that a new one needs no new version. */
const REGION = /^(us-gov|af|ap|ca|eu|il|me|mx|sa|us)-(central|north|south|east|west|northeast|northwest|southeast|southwest)-[1-9]$/;

/** In other partitions, service principals and function URLs differ or do not exist. */
export const REGION_EXPECTED = 'a Region of the partitions aws and aws-us-gov such as eu-west-1; China, isolated and sovereign Regions are not supported';

/** Whether Sightline supports the Region. */
export function isSupportedRegion(region: string): boolean {
  return REGION.test(region);
}

/** The partition of a supported Region. */
export function partitionOf(region: string): 'aws' | 'aws-us-gov' {
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The Region where IAM, STS and other global services report, in the partition of the home Region. */
export function globalRegion(home: string): string {
  return partitionOf(home) === 'aws-us-gov' ? 'us-gov-west-1' : 'us-east-1';
}
