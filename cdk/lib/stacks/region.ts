import { Aws, CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ofRule } from '../alarm-specs';
import { ResolvedConfig } from '../config';
import { Alarms } from '../constructs/alarms';
import { EventRules } from '../constructs/fast';
import { PipelineKey } from '../constructs/key';
import { ParkingQueue } from '../constructs/queue';
import { Fast } from '../fast-names';
import { Names } from '../names';

/** Props of `RegionStack`. */
export interface RegionProps extends StackProps {
  /** The configuration. */
  readonly config: ResolvedConfig;
  /** Events of the fast route. */
  readonly fast: Fast;
  /** Region of this stack. */
  readonly region: string;
  /** Account of this stack, a reference where it is not known. */
  readonly account: string;
}

/**
 * Relays the events that cannot wait from another Region (or account) to the hub. EventBridge keeps
 * events in the Region they happen in, and attackers go where nobody looks.
 */
export class RegionStack extends Stack {
  constructor(scope: Construct, id: string, props: RegionProps) {
    const { config, fast, region, account, ...rest } = props;
    super(scope, id, { description: `Sightline: events of ${region} to the hub in ${config.region}`, ...rest });
    const names = new Names(config, config.account ?? Aws.ACCOUNT_ID);
    const key = new PipelineKey(this, 'Key', {
      alias: `${config.name}-relay`, account, region, partition: names.partition, senders: ['events.amazonaws.com'], logGroups: false,
    });
    const deadLetters = new ParkingQueue(this, 'RuleDeadLetters', { queueName: names.of('fast-rule-dlq'), key });
    const bus = `arn:${names.partition}:events:${config.region}:${names.account}:event-bus/default`;
    const role = new Role(this, 'Role', {
      roleName: names.relayRole(region),
      assumedBy: new ServicePrincipal('events.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': account } } }),
    });
    role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions: ['events:PutEvents'], resources: [bus] }));
    new EventRules(this, 'Rules', {
      names: fast.ruleNames, patterns: fast.patterns, targetArn: bus, roleArn: role.roleArn, allowance: role, deadLetters, reads: config.fast.reads,
    });
    const queueName = names.of('fast-rule-dlq');
    const alarms = new Alarms(this, 'Alarms', {
      prefix: config.name,
      topicName: names.alarmTopic,
      account,
      emails: config.alarms.emails,
      specs: [
        ...fast.ruleNames.flatMap(ofRule),
        {
          id: 'fast-rule-dlq-not-empty', about: `Events of ${region} could not be relayed to the hub.`, namespace: 'AWS/SQS',
          metric: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName: queueName }, statistic: 'Maximum', period: 60, periods: 1, over: 0,
          missing: 'notBreaching',
        },
      ],
    });
    new CfnOutput(this, 'AlarmTopic', { value: alarms.topic.topicArn, description: `Subscribe whoever is to be woken by what happens in ${region}` });
  }
}
