import { Problem } from './shape';
import { INTERFACE_ENDPOINTS, SightlineConfig, VpcConfig } from './types';

/** Lambda takes no more subnets for a function. */
const MOST_SUBNETS = 16;

/** What of a VPC does not fit together. Subnets may share a zone and a route table. */
export function network({ vpc, region }: SightlineConfig): Problem[] {
  if (!vpc) return [];
  const { subnetIds, availabilityZones: zones, routeTableIds: tables } = vpc;
  const elsewhere = zones.find((zone) => zone.slice(0, -1) !== region);
  const count = (key: string, length: number) => ({ key, fault: `has ${length} elements for ${subnetIds.length} subnets`, accepted: 'one for each subnet' });
  return [
    ...(subnetIds.length > MOST_SUBNETS ? [{ key: 'vpc.subnetIds', fault: `has ${subnetIds.length} elements`, accepted: `at most ${MOST_SUBNETS}, which is what a function takes` }] : []),
    ...(zones.length === subnetIds.length ? [] : [count('vpc.availabilityZones', zones.length)]),
    ...(elsewhere === undefined ? [] : [{ key: 'vpc.availabilityZones', fault: `has ${elsewhere}, which is not in ${region}`, accepted: `zones such as ${region}a` }]),
    ...(tables === undefined || tables.length === subnetIds.length ? [] : [count('vpc.routeTableIds', tables.length)]),
    ...endpoints(vpc),
  ];
}

function endpoints({ endpoints: chosen = {}, routeTableIds }: VpcConfig): Problem[] {
  const adopts = INTERFACE_ENDPOINTS.some((service) => chosen[service] === 'existing');
  return [
    ...(chosen.s3 === 'create' && routeTableIds === undefined
      ? [{ key: 'vpc.routeTableIds', fault: 'is missing, and the gateway endpoint to S3 is created for route tables', accepted: 'one for each subnet, or vpc.endpoints.s3: existing' }]
      : []),
    ...(chosen.s3 !== 'create' && routeTableIds !== undefined
      ? [{ key: 'vpc.routeTableIds', fault: 'is set, and no gateway endpoint to S3 is created', accepted: 'leave it out, or vpc.endpoints.s3: create' }]
      : []),
    ...(chosen.securityGroupIds !== undefined && !adopts
      ? [{ key: 'vpc.endpoints.securityGroupIds', fault: 'is set, and no interface endpoint is existing', accepted: `leave it out, or one of ${INTERFACE_ENDPOINTS.join(', ')}: existing` }]
      : []),
  ];
}

/** Whether a text is the CIDR block of a VPC: AWS has them from /16 to /28. */
export function isVpcBlock(value: string): boolean {
  const [, size, ...rest] = value.split('/').map(Number);
  const octets = value.split('/')[0]?.split('.') ?? [];
  const whole = octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255);
  return whole && rest.length === 0 && /\/\d\d$/.test(value) && size !== undefined && size >= 16 && size <= 28;
}
