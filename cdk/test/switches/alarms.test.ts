import assert from 'node:assert/strict';
import test from 'node:test';
import { NAMESPACE } from '../../lib/alarm-specs';
import { EXAMPLES } from '../examples';
import { HUNTRESS, Resources, SMALL, synth } from '../support';
import { alarm, FULL, hold, ofType, one, Switch } from './read';

/** Namespace, metric and dimensions, as AWS documents them; nothing tells that an alarm is about none. */
const DOCUMENTED: readonly string[] = [
  ...['Errors', 'Throttles', 'Duration'].map((metric) => `AWS/Lambda ${metric} FunctionName`),
  ...['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage', 'NumberOfMessagesSent'].map((metric) => `AWS/SQS ${metric} QueueName`),
  ...['DeliveryToSplunk.Success', 'DeliveryToSplunk.DataFreshness', 'DeliveryToHttpEndpoint.Success', 'DeliveryToHttpEndpoint.DataFreshness',
    'ExecuteProcessing.Success', 'BackupToS3.Success', 'ThrottledRecords'].map((metric) => `AWS/Firehose ${metric} DeliveryStreamName`),
  'AWS/Logs IncomingLogEvents LogGroupName',
  ...['DeliveryErrors', 'DeliveryThrottling'].map((metric) => `AWS/Logs ${metric} DestinationType, FilterName, LogGroupName`),
  'AWS/S3 NumberOfObjects BucketName, StorageType',
  ...['FailedInvocations', 'InvocationsFailedToBeSentToDlq'].map((metric) => `AWS/Events ${metric} RuleName`),
];

/** What alarms of AWS's own metrics look at. */
function looksAt(properties: any): string[] {
  const shape = (namespace: string, metric: string, dimensions: any[]) => `${namespace} ${metric} ${dimensions.map(({ Name }) => Name).sort().join(', ')}`;
  if (!properties.Metrics) return [shape(properties.Namespace, properties.MetricName, properties.Dimensions)];
  return properties.Metrics.flatMap(({ Expression, MetricStat }: any) => {
    if (MetricStat) return [shape(MetricStat.Metric.Namespace, MetricStat.Metric.MetricName, MetricStat.Metric.Dimensions)];
    const [, metric, namespace, schema] = /^SELECT SUM\(([\w.]+)\) FROM SCHEMA\("([\w/]+)", ([\w, ]+)\)/.exec(Expression) ?? [];
    return metric ? [`${namespace} ${metric} ${schema}`] : [];
  });
}

test('alarms are about metrics that AWS has', () => {
  for (const config of [...Object.values(EXAMPLES), FULL]) {
    const { hub, relays } = synth(config);
    const seen = [hub, ...relays].flatMap((resources) => ofType(resources, 'AWS::CloudWatch::Alarm').flatMap(({ Properties }) => looksAt(Properties)));
    assert.ok(seen.length > 20);
    for (const one of seen.filter((shape) => !shape.startsWith(`${NAMESPACE} `))) assert.ok(DOCUMENTED.includes(one), one);
  }
});

/** The threshold of an alarm, as a sentence: periods, seconds, statistic, comparison, no data. */
function bound(resources: Resources, name: string): string {
  const { EvaluationPeriods, ComparisonOperator, Threshold, TreatMissingData, ...properties } = alarm(resources, name);
  const [first, second] = properties.Metrics ?? [];
  // Filled: a period without data counts as 0.
  const { Period, Stat } = first?.MetricStat ?? { Period: properties.Period, Stat: properties.Statistic ?? properties.ExtendedStatistic };
  return `${EvaluationPeriods} x ${Period} ${Stat}${second?.Expression === 'FILL(a, 0)' ? ' filled' : ''} ${ComparisonOperator === 'LessThanThreshold' ? '<' : '>'} ${Threshold} ${TreatMissingData}`;
}

const at = (name: string, expected: string, config = SMALL): Switch => [`alarms: ${name}`, config, (hub) => bound(hub, name), expected];
const ANYTHING = '1 x 60 Maximum > 0 notBreaching';

const SWITCHES: readonly Switch[] = [
  ['alarms: all go to the topic', SMALL, (hub) => ofType(hub, 'AWS::CloudWatch::Alarm').every(({ Properties }) => Properties.AlarmActions.length === 1), true],
  ['alarms: silence is missing data', SMALL, (hub) => ofType(hub, 'AWS::CloudWatch::Alarm').filter(({ Properties }) => Properties.TreatMissingData === 'breaching').map(({ Properties }) => Properties.AlarmName).sort(),
    ['sightline-silence-fast', 'sightline-silence-s3', 'sightline-silence-s3-forwarder', 'sightline-silence-stream', 'sightline-silence-trail']],
  ['topic: no key silences it', SMALL, (hub) => one(hub, 'AWS::SNS::Topic').KmsMasterKeyId, undefined],
  ['alarms: what a rule cannot hand over', SMALL, (hub) => ofType(hub, 'AWS::CloudWatch::Alarm').filter(({ Properties }) => /fast-rule-\d+-failed/.test(Properties.AlarmName)).map(({ Properties }) => Properties.Metrics.map(({ Expression, MetricStat }: any) => Expression ?? MetricStat.Metric.MetricName).join()),
    ofType(synth(SMALL).hub, 'AWS::Events::Rule').map(() => 'FailedInvocations,InvocationsFailedToBeSentToDlq,FILL(a, 0) + FILL(b, 0)')],
  ['alarms: the subscription fails', SMALL, (hub) => one(hub, 'AWS::CloudWatch::Alarm', ({ AlarmName }) => AlarmName === 'sightline-subscription-errors').Metrics[0].Expression,
    'SELECT SUM(DeliveryErrors) FROM SCHEMA("AWS/Logs", DestinationType, FilterName, LogGroupName) WHERE LogGroupName = \'sightline/trail\' AND FilterName = \'sightline\''],
  at('fast-dlq-not-empty', ANYTHING),
  at('fast-rule-dlq-not-empty', ANYTHING),
  at('s3-dlq-not-empty', ANYTHING),
  at('fast-age', '5 x 60 Maximum > 300 notBreaching'),
  at('s3-age', '5 x 60 Maximum > 3600 notBreaching'),
  at('dead-letters-not-empty', '1 x 86400 Average > 0 notBreaching'),
  at('firehose-backup-not-empty', '1 x 86400 Average > 0 notBreaching'),
  ...['firehose-transform', 'event-forwarder', 's3-forwarder'].flatMap((name) => [
    at(`${name}-errors`, '1 x 300 Sum > 0 notBreaching'),
    at(`${name}-throttles`, '1 x 300 Sum > 0 notBreaching'),
    at(`${name}-quarantined`, '1 x 300 Sum > 0 notBreaching'),
    at(`${name}-unreadable`, '1 x 300 Sum > 0 notBreaching'),
    at(`${name}-configuration`, '1 x 300 Sum > 0 notBreaching'),
    at(`${name}-blinding`, '1 x 60 Sum > 0 notBreaching'),
  ]),
  ...['firehose-transform', 'event-forwarder'].map((name): Switch => [`alarms: ${name}-duration is near the time-out`, SMALL, (hub) => near(hub, name), 0.9]),
  at('firehose-delivery', '1 x 300 Minimum < 1 notBreaching'),
  at('firehose-processing', '1 x 300 Minimum < 1 notBreaching'),
  at('firehose-backup', '1 x 300 Minimum < 1 notBreaching'),
  at('firehose-freshness', '1 x 300 Maximum > 900 notBreaching'),
  at('firehose-throttled', '1 x 300 Sum > 0 notBreaching'),
  at('silence-trail', '1 x 3600 Sum filled < 1 breaching'),
  at('silence-stream', '1 x 3600 Sum filled < 1 breaching'),
  at('silence-s3', '1 x 3600 Sum filled < 1 breaching'),
  at('silence-fast', '24 x 3600 Sum filled < 1 breaching'),
  at('silence-relay', '1 x 3600 Sum filled < 1 breaching', HUNTRESS),
  at('silence-s3-forwarder', '1 x 3600 Sum filled < 1 breaching'),
  at('event-forwarder-held-up', '2 x 900 Sum > 0 notBreaching'),
  at('s3-forwarder-held-up', '2 x 7200 Sum > 0 notBreaching'),
  at('late-fast', '2 x 300 p90 > 120000 notBreaching'),
  ['alarms: the relay\'s delivery', HUNTRESS, (hub) => alarm(hub, 'firehose-delivery').MetricName, 'DeliveryToHttpEndpoint.Success'],
  ['alarms: ends are told as well', SMALL, (hub) => ofType(hub, 'AWS::CloudWatch::Alarm').every(({ Properties }) => Properties.OKActions.length === 1), true],
  ['alarms: addresses are asked to subscribe', { ...SMALL, alarms: { emails: ['a@acme.example', 'b@acme.example'] } },
    (hub) => ofType(hub, 'AWS::SNS::Subscription').map(({ Properties }) => `${Properties.Protocol} ${Properties.Endpoint}`), ['email a@acme.example', 'email b@acme.example']],
];

hold(SWITCHES);

/** How much of a function's time-out has to be spent before its alarm goes off. */
function near(hub: Resources, name: string): number {
  const { Timeout } = one(hub, 'AWS::Lambda::Function', ({ FunctionName }) => FunctionName === `sightline-${name}`);
  return alarm(hub, `${name}-duration`).Threshold / (Timeout * 1_000);
}
