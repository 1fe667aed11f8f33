import { sightline } from '../lib/config';

/**
 * An organization, deployed in its management account: one trail for all members, data events of S3 and Lambda,
 * masked, in a VPC, with region forwarders in every Region in use and in one member account.
 */
export default sightline({
  name: 'acme-sightline',
  account: '111122223333',
  region: 'eu-west-1',
  regions: ['eu-west-1', 'eu-central-1', 'us-east-1'],
  trail: {
    objectLockDays: 365,
    expireDays: 2_557,
    organizationId: 'o-a1b2c3d4e5',
    dataEvents: ['s3', 'lambda'],
    insights: true,
    notifyTopic: true,
  },
  siem: { profile: 'splunk', url: 'https://hec.acme.example:8088', index: 'aws' },
  masking: { mode: 'hmac', scope: 'record', fields: ['sourceIPAddress', 'userName'] },
  fast: { accounts: ['777788889999'], reads: true },
  vpc: {
    vpcId: 'vpc-0123456789abcdef0',
    cidr: '10.20.0.0/16',
    subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    routeTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
    // Sightline creates the gateway endpoint to S3; the VPC already has an endpoint to SQS.
    endpoints: { s3: 'create', secretsManager: 'create', firehose: 'create', sqs: 'existing', securityGroupIds: ['sg-0123456789abcdef0'] },
  },
  maxConcurrency: 20,
  architecture: 'x86_64',
  alarms: { emails: ['soc@acme.example'], silenceMinutes: 30 },
  keep: { logDays: 365, deadLetterDays: 180, rawDays: 7 },
});
