import { HUNTRESS, RELAY, Resources, SMALL, synth } from '../support';
import { alarm, testSwitches, ofType, one, shown, Switch, dependenciesOf } from './read';
import { isGuard } from './watched-metrics';

/** The threshold of an alarm as text: periods, seconds, statistic, comparison, missing data. */
function bound(resources: Resources, name: string): string {
  const { EvaluationPeriods, ComparisonOperator, Threshold, TreatMissingData, ...properties } = alarm(resources, name);
  const bad = properties.DatapointsToAlarm === undefined ? '' : `${properties.DatapointsToAlarm} of `;
  return `${bad}${EvaluationPeriods} x ${properties.Period} ${properties.Statistic ?? properties.ExtendedStatistic} ${ComparisonOperator === 'LessThanThreshold' ? '<' : '>'} ${Threshold} ${TreatMissingData}`;
}

const at = (name: string, expected: string, config = SMALL): Switch => [`alarms: ${name}`, config, (hub) => bound(hub, name), expected];
const ANYTHING = '1 x 60 Maximum > 0 notBreaching';

const SWITCHES: readonly Switch[] = [
  ['alarms: those that ring go to the topic', SMALL, (hub) => ofType(hub, 'AWS::CloudWatch::Alarm').filter((one) => !isGuard(one)).every(({ Properties }) => Properties.AlarmActions.every((action: any) => shown(action) === '<AlarmsTopic>')), true],
  ['alarms: silence', SMALL, (hub) => ofType(hub, 'AWS::CloudWatch::Alarm').filter(({ Properties }) => Properties.InsufficientDataActions).map(({ Properties }) => Properties.AlarmName).sort(),
    ['sightline-silence-fast', 'sightline-silence-s3', 'sightline-silence-stream', 'sightline-silence-trail']],
  ['alarms: about delivery ring together', SMALL, (hub) => ofType(hub, 'AWS::CloudWatch::CompositeAlarm').map(({ Properties }) => Properties.AlarmName).sort(),
    ['sightline-fast-delivery', 'sightline-s3-delivery', 'sightline-stream-delivery', 'sightline-stream-given-up', 'sightline-stream-kept', 'sightline-stream-transformation']],
  ['alarms: a composite alarm comes after its alarms', SMALL, (hub) => dependenciesOf(hub, 'AWS::CloudWatch::CompositeAlarm', 'Alarmsfastdelivery').match(/Alarms\w+?(?=[0-9A-F]{8})/g)?.sort(),
    ['Alarmseventforwarderconfiguration', 'Alarmseventforwarderdelivered', 'Alarmseventforwardererrors', 'Alarmseventforwarderheldup', 'Alarmsfastage', 'Alarmsfirehosedelivered', 'Alarmss3forwarderdelivered']],
  ['topic: no key silences it', SMALL, (hub) => one(hub, 'AWS::SNS::Topic').KmsMasterKeyId, undefined],
  ['alarms: events that a rule could not deliver or lost', SMALL, (hub) => ['failed', 'lost'].map((what) => ofType(hub, 'AWS::CloudWatch::Alarm').filter(({ Properties }) => new RegExp(`fast-rule-\\d+-${what}`).test(Properties.AlarmName)).map(({ Properties }) => Properties.MetricName)),
    ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'].map((metric) => ofType(synth(SMALL).hub, 'AWS::Events::Rule').map(() => metric))],
  ['alarms: the subscription fails', SMALL, (hub) => alarm(hub, 'subscription-errors').Metrics[0].Expression,
    'SELECT SUM(DeliveryErrors) FROM "AWS/Logs" WHERE LogGroupName = \'sightline/trail\' AND FilterName = \'sightline\''],
  at('fast-dlq-not-empty', ANYTHING),
  at('fast-rule-dlq-not-empty', ANYTHING),
  at('s3-dlq-not-empty', ANYTHING),
  at('fast-age', '5 x 60 Maximum > 300 notBreaching'),
  at('s3-age', '5 x 60 Maximum > 3600 notBreaching'),
  at('dead-letters-not-empty', '1 x 86400 Average > 0 notBreaching'),
  at('firehose-backup-not-empty', '1 x 86400 Average > 0 notBreaching'),
  ...['firehose-transform', 'event-forwarder', 's3-forwarder'].flatMap((name) => [
    at(`${name}-throttles`, '1 x 300 Sum > 0 notBreaching'),
    at(`${name}-quarantined`, '1 x 300 Sum > 0 notBreaching'),
    at(`${name}-unreadable`, '1 x 300 Sum > 0 notBreaching'),
    at(`${name}-configuration`, '1 x 300 Sum > 0 notBreaching'),
    at(`${name}-blinding`, '1 x 60 Sum > 0 notBreaching'),
  ]),
  // As many periods as an invocation can take, and one more: an error has the timestamp of its start.
  at('firehose-transform-errors', '1 of 2 x 300 Sum > 0 notBreaching'),
  at('event-forwarder-errors', '1 of 3 x 300 Sum > 0 notBreaching'),
  at('s3-forwarder-errors', '1 of 3 x 300 Sum > 0 notBreaching'),
  ...['firehose-transform', 'event-forwarder'].map((name): Switch => [`alarms: ${name}-duration is near the time-out`, SMALL, (hub) => near(hub, name), 0.9]),
  at('firehose-delivery', '1 x 300 Minimum < 1 notBreaching'),
  at('firehose-processing', '1 x 300 Minimum < 1 notBreaching'),
  at('firehose-backup', '1 x 300 Minimum < 1 notBreaching'),
  at('firehose-freshness', '1 x 300 Maximum > 900 notBreaching'),
  at('firehose-throttled', '1 x 300 Sum > 0 notBreaching'),
  at('firehose-given-up', '1 x 300 Sum > 0 notBreaching'),
  at('firehose-backup-errors', '1 x 300 Sum > 0 notBreaching'),
  at('firehose-too-large', '1 x 300 Sum > 0 notBreaching', RELAY),
  ...['firehose-transform', 'event-forwarder'].map((name) => at(`${name}-loop`, '1 x 300 Sum > 0 notBreaching')),
  at('subscription-lost', '1 x 300 Sum > 0 notBreaching', HUNTRESS),
  at('subscription-given-up', '1 x 300 Sum > 0 notBreaching', HUNTRESS),
  at('subscription-late', '1 x 300 Maximum > 900000 notBreaching', HUNTRESS),
  at('undelivered-age', '5 x 60 Maximum > 3600 notBreaching', HUNTRESS),
  at('undelivered-dlq-not-empty', ANYTHING, HUNTRESS),
  ['alarms: of the direct stream', HUNTRESS, (hub) => ['subscription-lost', 'subscription-given-up', 'subscription-late', 'silence-stream'].map((name) => `${alarm(hub, name).MetricName} ${shown(alarm(hub, name).Dimensions[0].Value)}`),
    ['DestinationDeliveryFailures', 'AsyncEventsDropped', 'AsyncEventAge', 'EventsIn'].map((metric) => `${metric} sightline-subscription-forwarder`)],
  at('silence-trail', '12 x 300 Sum < 1 missing'),
  at('silence-stream', '12 x 300 Sum < 1 missing'),
  at('silence-s3', '12 x 300 Sum < 1 missing'),
  at('silence-fast', '288 x 300 SampleCount < 1 missing'),
  at('silence-relay', '12 x 300 Sum < 1 missing', RELAY),
  ['alarms: errors that only the log of Firehose tells', RELAY, (hub) => ofType(hub, 'AWS::Logs::MetricFilter').map(({ Properties }) => [shown(Properties.LogGroupName), Properties.FilterPattern]), [
    ['<StreamLogs>', '{ $.errorCode = "S3.*" }'],
    ['<StreamLogs>', '{ ($.errorCode = "HttpEndpoint.DestinationException") && ($.message = "*destination. 413*") }'],
  ]],
  at('event-forwarder-held-up', '2 x 900 Sum > 0 notBreaching'),
  at('s3-forwarder-held-up', '2 x 7200 Sum > 0 notBreaching'),
  at('late-fast', '2 x 300 p90 > 120000 notBreaching'),
  ['alarms: the relay\'s delivery', RELAY, (hub) => alarm(hub, 'firehose-delivery').MetricName, 'DeliveryToHttpEndpoint.Success'],
  ['alarms: ends are told as well', SMALL, (hub) => ofType(hub, 'AWS::CloudWatch::Alarm').every(({ Properties }) => JSON.stringify(Properties.OKActions) === JSON.stringify(Properties.AlarmActions)), true],
  ['alarms: addresses are asked to subscribe', { ...SMALL, alarms: { emails: ['a@acme.example', 'b@acme.example'] } },
    (hub) => ofType(hub, 'AWS::SNS::Subscription').map(({ Properties }) => `${Properties.Protocol} ${Properties.Endpoint}`), ['email a@acme.example', 'email b@acme.example']],
];

testSwitches(SWITCHES);

/** The share of a function's timeout above which its alarm fires. */
function near(hub: Resources, name: string): number {
  const { Timeout } = one(hub, 'AWS::Lambda::Function', ({ FunctionName }) => FunctionName === `sightline-${name}`);
  return alarm(hub, `${name}-duration`).Threshold / (Timeout * 1_000);
}
