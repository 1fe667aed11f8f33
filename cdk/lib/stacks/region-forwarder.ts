import { Aws, CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ruleAlarms } from '../alarms';
import { ResolvedConfig } from '../config';
import { Alarms } from '../constructs/alarms';
import { EventRules } from '../constructs/fast-route';
import { PipelineKey } from '../constructs/key';
import { DeadLetterQueue } from '../constructs/queues';
import { FastEvents } from '../detection/fast-events';
import { Names } from '../names';

/** Props of `RegionForwarderStack`. */
export interface RegionForwarderProps extends StackProps {
  /** The configuration. */
  readonly config: ResolvedConfig;
  /** Events of the fast route. */
  readonly fast: FastEvents;
  /** Region of this stack. */
  readonly region: string;
  /** Account of this stack; a reference if it is not known. */
  readonly account: string;
}

/**
 * Forwards the events of the fast route from another Region or account to the hub. EventBridge delivers events only in
 * the Region and account where they happen, and attackers use Regions that are not monitored.
 */
export class RegionForwarderStack extends Stack {
  constructor(scope: Construct, id: string, props: RegionForwarderProps) {
    const { config, fast, region, account, ...rest } = props;
    super(scope, id, { description: `Sightline: events of ${region} to the hub in ${config.region}`, ...rest });
    const names = new Names(config, config.account ?? Aws.ACCOUNT_ID);
    const key = new PipelineKey(this, 'Key', {
      alias: `${config.name}-relay`, account, region, partition: names.partition, senders: ['events.amazonaws.com'], logGroups: false,
    });
    const deadLetters = new DeadLetterQueue(this, 'RuleDeadLetters', { queueName: names.of('fast-rule-dlq'), key });
    const bus = `arn:${names.partition}:events:${config.region}:${names.account}:event-bus/default`;
    const role = new Role(this, 'Role', {
      roleName: names.regionForwarderRole(region),
      assumedBy: new ServicePrincipal('events.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': account } } }),
    });
    role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions: ['events:PutEvents'], resources: [bus] }));
    new EventRules(this, 'Rules', {
      names: fast.ruleNames, patterns: fast.patterns, targetArn: bus, roleArn: role.roleArn, sendPolicy: role, deadLetters, reads: config.fast.reads,
    });
    const queueName = names.of('fast-rule-dlq');
    const alarms = new Alarms(this, 'Alarms', {
      prefix: config.name,
      topicName: names.alarmTopic,
      account,
      emails: config.alarms.emails,
      specs: [
        ...fast.ruleNames.flatMap(ruleAlarms),
        {
          id: 'fast-rule-dlq-not-empty', description: `Events of ${region} could not be forwarded to the hub in ${config.region} and are in the dead-letter queue of the rules. Check the role of the rules and the policy of the hub's event bus.`, namespace: 'AWS/SQS',
          metric: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName: queueName }, statistic: 'Maximum', period: 60, periods: 1, over: 0,
          missing: 'notBreaching',
        },
      ],
    });
    new CfnOutput(this, 'AlarmTopic', { value: alarms.topic.topicArn, description: `Topic of the alarms of ${region}: subscribe the on-call engineers` });
  }
}
