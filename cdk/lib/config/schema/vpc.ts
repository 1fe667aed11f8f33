import { list, object, resourceId, text, word } from '../kinds';

/** AWS services that the functions can call through interface endpoints. */
export const INTERFACE_ENDPOINTS = ['secretsManager', 'sqs', 'firehose'] as const;

/** Whether an endpoint is created, or exists in the VPC. */
const ENDPOINT = word('create', 'existing').optional();

/** A VPC for the functions. */
export const VPC = object({
  /** Id of the VPC. */
  vpcId: resourceId('vpc', 'VPC'),
  /** Its CIDR block, which may connect to the endpoints. */
  cidr: text(/./, 'a CIDR block from /16 to /28 such as 10.0.0.0/16', isVpcBlock),
  /** Subnets for the functions, at most 16. They may share zones and route tables. */
  subnetIds: list(resourceId('subnet', 'subnet')),
  /** Availability Zones of the subnets, in the same order. */
  availabilityZones: list(text(/^[a-z]{2,4}(-[a-z]+)+-\d[a-z]$/, 'an Availability Zone such as eu-west-1a'), 'repeated'),
  /**
   * Route tables of the subnets, in the same order, for `endpoints.s3: 'create'`.
   * @default - no gateway endpoint is created
   */
  routeTableIds: list(resourceId('rtb', 'route table'), 'repeated').optional(),
  /**
   * Endpoints to AWS in the VPC. AWS refuses a second S3 gateway endpoint on a route table, and a second interface
   * endpoint with private DNS names for a service; most VPCs with private subnets already have the gateway endpoint.
   * An endpoint without a key is neither created nor expected to exist.
   * @default - none: the functions reach AWS through your routes, like the collector
   */
  endpoints: object({
    /** The gateway endpoint to S3. `create` needs `routeTableIds`. */
    s3: ENDPOINT,
    /** Interface endpoints, billed per hour and zone. */
    secretsManager: ENDPOINT,
    sqs: ENDPOINT,
    firehose: ENDPOINT,
    /**
     * Security groups of existing interface endpoints, which must allow connections from the functions.
     * @default - they already do
     */
    securityGroupIds: list(resourceId('sg', 'security group')).optional(),
  }).optional(),
});

/** Whether a text is a CIDR block that a VPC can have: /16 to /28. */
function isVpcBlock(value: string): boolean {
  const [, size, ...rest] = value.split('/').map(Number);
  const octets = value.split('/')[0]?.split('.') ?? [];
  const whole = octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255);
  return whole && rest.length === 0 && /\/\d\d$/.test(value) && size !== undefined && size >= 16 && size <= 28;
}
