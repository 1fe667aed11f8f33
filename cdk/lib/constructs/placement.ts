import { GatewayVpcEndpoint, GatewayVpcEndpointAwsService, InterfaceVpcEndpoint, InterfaceVpcEndpointAwsService, Peer, Port, SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { VpcConfig } from '../config';
import { Placement } from './function';

/** Props of `VpcPlacement`. */
export interface VpcPlacementProps extends VpcConfig {
  /** Address of the collector, whose port the functions have to reach. */
  readonly collector: string;
}

/** The functions' place in a VPC that is there, with the endpoints that are asked for. */
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
    // The collector's addresses change, and so do those of AWS. Nothing comes in.
    const { port, protocol } = new URL(props.collector);
    const ports = new Set([443, port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port)]);
    for (const one of ports) this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(one), one === 443 ? 'AWS and collector' : 'Collector');
    if (props.routeTableIds) {
      const subnets = props.subnetIds.map((subnetId, at) =>
        Subnet.fromSubnetAttributes(this, `Subnet${at}`, { subnetId, routeTableId: props.routeTableIds?.[at] ?? '' }));
      new GatewayVpcEndpoint(this, 'S3', { vpc: this.vpc, service: GatewayVpcEndpointAwsService.S3, subnets: [{ subnets }] });
    }
    if (!props.endpoints) return;
    const endpoints = new SecurityGroup(this, 'Endpoints', { vpc: this.vpc, description: 'Sightline endpoints', allowAllOutbound: false });
    endpoints.addIngressRule(this.securityGroup, Port.tcp(443), 'Functions');
    const services = {
      SecretsManager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
      Sqs: InterfaceVpcEndpointAwsService.SQS,
      Firehose: InterfaceVpcEndpointAwsService.KINESIS_FIREHOSE,
    };
    for (const [name, service] of Object.entries(services)) {
      new InterfaceVpcEndpoint(this, name, { vpc: this.vpc, service, securityGroups: [endpoints], open: false });
    }
  }
}
