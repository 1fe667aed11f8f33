import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnAlarm, CfnAlarmProps, CfnCompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { CompositeAlarmSpec, ruleOf } from '../alarms/groups';
import { AlarmSpec, MetricRef } from '../alarms/spec';

/** Props of `Alarms`. */
export interface AlarmsProps {
  /** Prefix of the names of the alarms. */
  readonly prefix: string;
  /** Name of the topic that they publish to. */
  readonly topicName: string;
  /** Account whose alarms may publish. */
  readonly account: string;
  /** Email addresses that are asked to subscribe. */
  readonly emails: readonly string[];
  /** The alarms on metrics. */
  readonly specs: readonly AlarmSpec[];
  /** The composite alarms over them. @default - none */
  readonly composites?: readonly CompositeAlarmSpec[];
}

/** Alarms and the topic that they publish to, both when they fire and when they end. */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    // Not encrypted with the pipeline's key: disabling that key must not silence the alarm about it. Notifications
    // name resources and contain no event.
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
    const alarms = new Map(props.specs.map((spec) => [spec.id, this.alarm(props.prefix, spec)]));
    for (const spec of props.composites ?? []) this.composite(props.prefix, spec, alarms);
  }

  private alarm(prefix: string, spec: AlarmSpec): CfnAlarm {
    // Alarms of a group, and those that arm groups, do not notify by themselves.
    const notifies = spec.group === undefined && !spec.armsGroups;
    const actions = notifies ? [this.topic.topicArn] : [];
    return new CfnAlarm(this, spec.id, {
      alarmName: `${prefix}-${spec.id}`,
      alarmDescription: spec.description,
      ...dataOf(spec),
      evaluationPeriods: spec.periods,
      ...(spec.datapointsToAlarm === undefined ? {} : { datapointsToAlarm: spec.datapointsToAlarm }),
      threshold: spec.over ?? spec.under ?? 0,
      comparisonOperator: spec.over === undefined ? 'LessThanThreshold' : 'GreaterThanThreshold',
      treatMissingData: spec.missing,
      alarmActions: actions,
      okActions: actions,
      ...(spec.notifiesOnMissingData ? { insufficientDataActions: actions } : {}),
    });
  }

  private composite(prefix: string, spec: CompositeAlarmSpec, alarms: ReadonlyMap<string, CfnAlarm>): void {
    const composite = new CfnCompositeAlarm(this, spec.id, {
      alarmName: `${prefix}-${spec.id}`,
      alarmDescription: spec.description,
      alarmRule: ruleOf(spec, (id) => `${prefix}-${id}`),
      alarmActions: [this.topic.topicArn],
      okActions: [this.topic.topicArn],
    });
    // The rule refers to alarms by name, which creates no dependency.
    for (const id of [...spec.members, ...spec.armedBy]) composite.node.addDependency(alarms.get(id) as CfnAlarm);
  }
}

/** The data of an alarm: one metric, an expression over several, or the result of a query. */
function dataOf(spec: AlarmSpec): Partial<CfnAlarmProps> {
  const { namespace, period, statistic } = spec;
  if (spec.aggregated) {
    const where = Object.entries(spec.dimensions).map(([name, value]) => `${name} = '${value}'`).join(' AND ');
    // Without SCHEMA, which would select only metrics with exactly these dimensions.
    const expression = `SELECT ${statistic.toUpperCase()}(${spec.metric}) FROM "${namespace}" WHERE ${where}`;
    return { metrics: [{ id: 'all', expression, period, returnData: true }] };
  }
  if (spec.math) {
    const metrics = Object.entries(spec.math.metrics).map(([id, metric]) => ({
      id, metricStat: { metric: metricOf(metric), period, stat: statistic }, returnData: false,
    }));
    return { metrics: [...metrics, { id: 'result', expression: spec.math.expression, returnData: true }] };
  }
  const percentile = statistic.startsWith('p');
  return { ...metricOf(spec), period, ...(percentile ? { extendedStatistic: statistic } : { statistic }) };
}

function metricOf({ namespace, metric, dimensions }: MetricRef): { namespace: string; metricName: string; dimensions: { name: string; value: string }[] } {
  return { namespace, metricName: metric, dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })) };
}
