import { Problem } from '../problem';
import { INTERFACE_ENDPOINTS } from '../schema/vpc';
import { SightlineConfig, VpcConfig } from '../types';
import { problem, problemsIn } from './rules';

/** Maximum number of subnets of a function. */
const MAX_SUBNETS = 16;

/** Parts of a VPC that do not fit together. Subnets may share a zone and a route table. */
export function vpcProblems({ vpc, region }: SightlineConfig): Problem[] {
  if (!vpc) return [];
  const { subnetIds, availabilityZones: zones, routeTableIds: tables } = vpc;
  const elsewhere = zones.find((zone) => zone.slice(0, -1) !== region);
  const count = (key: string, length: number) => problem(key, `has ${length} elements for ${subnetIds.length} subnets`, 'use one for each subnet');
  return problemsIn([
    subnetIds.length > MAX_SUBNETS && problem('vpc.subnetIds', `has ${subnetIds.length} elements`, `use at most ${MAX_SUBNETS}, the maximum of a function`),
    zones.length !== subnetIds.length && count('vpc.availabilityZones', zones.length),
    elsewhere !== undefined && problem('vpc.availabilityZones', `${elsewhere} is not in ${region}`, `use zones such as ${region}a`),
    tables !== undefined && tables.length !== subnetIds.length && count('vpc.routeTableIds', tables.length),
    ...endpointProblems(vpc),
  ]);
}

function endpointProblems({ endpoints = {}, routeTableIds }: VpcConfig): Problem[] {
  const adopts = INTERFACE_ENDPOINTS.some((service) => endpoints[service] === 'existing');
  return problemsIn([
    endpoints.s3 === 'create' && routeTableIds === undefined
      && problem('vpc.routeTableIds', 'missing, but the gateway endpoint to S3 is created for route tables', 'use one for each subnet, or vpc.endpoints.s3: existing'),
    endpoints.s3 !== 'create' && routeTableIds !== undefined
      && problem('vpc.routeTableIds', 'is set, but no gateway endpoint to S3 is created', 'remove it, or use vpc.endpoints.s3: create'),
    endpoints.securityGroupIds !== undefined && !adopts
      && problem('vpc.endpoints.securityGroupIds', 'is set, but no interface endpoint is existing', `remove it, or use existing for one of ${INTERFACE_ENDPOINTS.join(', ')}`),
  ]);
}
