import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnAlarm, CfnAlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
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
    // Not encrypted by a key: whoever disables the pipeline's would silence the alarms about it as well,
    // and they name resources and no event.
    this.topic = new Topic(this, 'Topic', { topicName: props.topicName, enforceSSL: true });
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
    new CfnAlarm(this, spec.id, {
      alarmName: `${prefix}-${spec.id}`,
      alarmDescription: spec.about,
      ...measured(spec),
      evaluationPeriods: spec.periods,
      threshold: spec.over ?? spec.under ?? 0,
      comparisonOperator: spec.over === undefined ? 'LessThanThreshold' : 'GreaterThanThreshold',
      treatMissingData: spec.missing,
      alarmActions: [this.topic.topicArn],
      okActions: [this.topic.topicArn],
    });
  }
}

/** What an alarm looks at: one metric, the sum of two, or the answer to a query. */
function measured(spec: AlarmSpec): Partial<CfnAlarmProps> {
  const { namespace, period, statistic } = spec;
  const dimensions = Object.entries(spec.dimensions).map(([name, value]) => ({ name, value }));
  if (spec.among) {
    const where = dimensions.map(({ name, value }) => `${name} = '${value}'`).join(' AND ');
    const expression = `SELECT ${statistic.toUpperCase()}(${spec.metric}) FROM SCHEMA("${namespace}", ${spec.among}) WHERE ${where}`;
    return { metrics: [{ id: 'all', expression, period, returnData: true }] };
  }
  const one = (id: string, metricName: string) => ({
    id, metricStat: { metric: { namespace, metricName, dimensions }, period, stat: statistic }, returnData: false,
  });
  if (spec.filled) return { metrics: [one('a', spec.metric), { id: 'filled', expression: 'FILL(a, 0)', returnData: true }] };
  if (spec.plus) {
    return { metrics: [one('a', spec.metric), one('b', spec.plus), { id: 'sum', expression: 'FILL(a, 0) + FILL(b, 0)', returnData: true }] };
  }
  const percentile = statistic.startsWith('p');
  return { namespace, metricName: spec.metric, dimensions, period, ...(percentile ? { extendedStatistic: statistic } : { statistic }) };
}
