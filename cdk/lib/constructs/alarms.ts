import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnAlarm, CfnAlarmProps, CfnCompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { CompositeSpec, ruleOf } from '../alarm-groups';
import { AlarmSpec, MetricRef } from '../alarm';

/** Props of `Alarms`. */
export interface AlarmsProps {
  /** First part of the names of the alarms. */
  readonly prefix: string;
  /** Name of the topic that they publish to. */
  readonly topicName: string;
  /** Account whose alarms may publish. */
  readonly account: string;
  /** E-mail addresses that are asked to subscribe. */
  readonly emails: readonly string[];
  /** The alarms on metrics. */
  readonly specs: readonly AlarmSpec[];
  /** The composite alarms over them. @default - none */
  readonly composites?: readonly CompositeSpec[];
}

/** Alarms and the topic that they publish to, also when they end. */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    // Not encrypted with the pipeline's key: whoever disables that key must not silence the alarm about it. The
    // notifications name resources and contain no event.
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
    const rings = spec.group === undefined && !spec.arms;
    const actions = rings ? [this.topic.topicArn] : [];
    return new CfnAlarm(this, spec.id, {
      alarmName: `${prefix}-${spec.id}`,
      alarmDescription: spec.about,
      ...measured(spec),
      evaluationPeriods: spec.periods,
      ...(spec.bad === undefined ? {} : { datapointsToAlarm: spec.bad }),
      threshold: spec.over ?? spec.under ?? 0,
      comparisonOperator: spec.over === undefined ? 'LessThanThreshold' : 'GreaterThanThreshold',
      treatMissingData: spec.missing,
      alarmActions: actions,
      okActions: actions,
      ...(spec.silence ? { insufficientDataActions: actions } : {}),
    });
  }

  private composite(prefix: string, spec: CompositeSpec, alarms: ReadonlyMap<string, CfnAlarm>): void {
    const composite = new CfnCompositeAlarm(this, spec.id, {
      alarmName: `${prefix}-${spec.id}`,
      alarmDescription: spec.about,
      alarmRule: ruleOf(spec, (id) => `${prefix}-${id}`),
      alarmActions: [this.topic.topicArn],
      okActions: [this.topic.topicArn],
    });
    // The rule contains names, which are not references.
    for (const id of [...spec.any, ...spec.armedBy]) composite.node.addDependency(alarms.get(id) as CfnAlarm);
  }
}

/** What an alarm watches: one metric, an expression over several, or the result of a query. */
function measured(spec: AlarmSpec): Partial<CfnAlarmProps> {
  const { namespace, period, statistic } = spec;
  if (spec.among) {
    const where = Object.entries(spec.dimensions).map(([name, value]) => `${name} = '${value}'`).join(' AND ');
    // Without SCHEMA, which would select metrics with exactly these dimensions.
    const expression = `SELECT ${statistic.toUpperCase()}(${spec.metric}) FROM "${namespace}" WHERE ${where}`;
    return { metrics: [{ id: 'all', expression, period, returnData: true }] };
  }
  if (spec.math) {
    const metrics = Object.entries(spec.math.metrics).map(([id, metric]) => ({
      id, metricStat: { metric: named(metric), period, stat: statistic }, returnData: false,
    }));
    return { metrics: [...metrics, { id: 'result', expression: spec.math.expression, returnData: true }] };
  }
  const percentile = statistic.startsWith('p');
  return { ...named(spec), period, ...(percentile ? { extendedStatistic: statistic } : { statistic }) };
}

function named({ namespace, metric, dimensions }: MetricRef): { namespace: string; metricName: string; dimensions: { name: string; value: string }[] } {
  return { namespace, metricName: metric, dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })) };
}
