import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { AlarmSpec } from '../alarm-specs';

/** Props of `Alarms`. */
export interface AlarmsProps {
  /** First part of the alarms' names. */
  readonly prefix: string;
  /** Name of the topic that all of them go to. */
  readonly topicName: string;
  /** Key of the topic. `cloudwatch.amazonaws.com` has to be allowed to use it. */
  readonly key: IKey;
  /** Account whose alarms may publish. */
  readonly account: string;
  /** Addresses that are asked to subscribe. */
  readonly emails: readonly string[];
  /** The alarms. */
  readonly specs: readonly AlarmSpec[];
}

/** Alarms and the one topic that hears of them, of their ends as well. */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { topicName: props.topicName, masterKey: props.key, enforceSSL: true });
    this.topic.applyRemovalPolicy(RemovalPolicy.DESTROY);
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsPublish',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': props.account } },
      }),
    );
    props.emails.forEach((address) => this.topic.addSubscription(new EmailSubscription(address)));
    for (const spec of props.specs) this.alarm(props.prefix, spec);
  }

  private alarm(prefix: string, spec: AlarmSpec): void {
    const percentile = spec.statistic.startsWith('p');
    new CfnAlarm(this, spec.id, {
      alarmName: `${prefix}-${spec.id}`,
      alarmDescription: spec.about,
      namespace: spec.namespace,
      metricName: spec.metric,
      dimensions: Object.entries(spec.dimensions).map(([name, value]) => ({ name, value })),
      ...(percentile ? { extendedStatistic: spec.statistic } : { statistic: spec.statistic }),
      period: spec.period,
      evaluationPeriods: spec.periods,
      threshold: spec.over ?? spec.under ?? 0,
      comparisonOperator: spec.over === undefined ? 'LessThanThreshold' : 'GreaterThanThreshold',
      treatMissingData: spec.missing,
      alarmActions: [this.topic.topicArn],
      okActions: [this.topic.topicArn],
    });
  }
}
