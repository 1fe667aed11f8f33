import { GatewayVpcEndpoint, GatewayVpcEndpointAwsService, InterfaceVpcEndpoint, InterfaceVpcEndpointAwsService, Peer, Port, SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { VpcConfig, VpcEndpoints } from '../config';
import { INTERFACE_ENDPOINTS } from '../config/schema/vpc';
import { Placement } from './function';

/** Props of `VpcPlacement`. */
export interface VpcPlacementProps extends VpcConfig {
  /** URL of the collector, whose port the functions must reach. */
  readonly collector: string;
}

/** Runs the functions in an existing VPC, with the endpoints of the configuration. */
export class VpcPlacement extends Construct implements Placement {
  readonly vpc;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: VpcPlacementProps) {
    super(scope, id);
    this.vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: props.vpcId,
      vpcCidrBlock: props.cidr,
      availabilityZones: [...props.availabilityZones],
      privateSubnetIds: [...props.subnetIds],
      ...(props.routeTableIds ? { privateSubnetRouteTableIds: [...props.routeTableIds] } : {}),
    });
    this.securityGroup = new SecurityGroup(this, 'Functions', {
      vpc: this.vpc, description: 'Sightline functions', allowAllOutbound: false,
    });
    // To any address, because those of the collector and of AWS change. There is no inbound rule.
    const { port, protocol } = new URL(props.collector);
    const ports = new Set([443, port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port)]);
    for (const one of ports) this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(one), one === 443 ? 'AWS and collector' : 'Collector');
    if (props.endpoints) this.connect(props, props.endpoints);
  }

  /** Creates endpoints, and lets the functions reach existing ones. */
  private connect(props: VpcPlacementProps, chosen: VpcEndpoints): void {
    if (chosen.s3 === 'create') {
      const subnets = props.subnetIds.map((subnetId, at) =>
        Subnet.fromSubnetAttributes(this, `Subnet${at}`, { subnetId, routeTableId: props.routeTableIds?.[at] ?? '' }));
      new GatewayVpcEndpoint(this, 'S3', { vpc: this.vpc, service: GatewayVpcEndpointAwsService.S3, subnets: [{ subnets }] });
    }
    for (const id of chosen.securityGroupIds ?? []) {
      const existing = SecurityGroup.fromSecurityGroupId(this, `Existing-${id}`, id);
      existing.addIngressRule(this.securityGroup, Port.tcp(443), 'Sightline functions');
    }
    const created = INTERFACE_ENDPOINTS.filter((name) => chosen[name] === 'create');
    if (created.length === 0) return;
    const endpoints = new SecurityGroup(this, 'Endpoints', { vpc: this.vpc, description: 'Sightline endpoints', allowAllOutbound: false });
    endpoints.addIngressRule(this.securityGroup, Port.tcp(443), 'Functions');
    for (const name of created) {
      const { id, service } = SERVICES[name];
      new InterfaceVpcEndpoint(this, id, { vpc: this.vpc, service, securityGroups: [endpoints], open: false });
    }
  }
}

const SERVICES = {
  secretsManager: { id: 'SecretsManager', service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER },
  sqs: { id: 'Sqs', service: InterfaceVpcEndpointAwsService.SQS },
  firehose: { id: 'Firehose', service: InterfaceVpcEndpointAwsService.KINESIS_FIREHOSE },
} as const;
