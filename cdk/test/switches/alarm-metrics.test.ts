import assert from 'node:assert/strict';
import test from 'node:test';
import { NAMESPACE } from '../../lib/alarms/spec';
import { SightlineConfig } from '../../lib/config';
import { DOCUMENTED, unpublished, Watched } from '../documented-metrics';
import { RELAY, SMALL, ofType, synth } from '../support';
import { ALARM, COMPOSITE, CONFIGURATIONS, watched } from './watched-metrics';

test('AWS publishes every metric that alarms use, for this destination and backup mode', () => {
  for (const config of CONFIGURATIONS) {
    const { hub, regionForwarders } = synth(config);
    for (const resources of [hub, ...regionForwarders]) {
      const seen = ofType(resources, ALARM).flatMap(({ Properties }) => watched(Properties));
      assert.ok(seen.length > 5);
      const wrong = seen.filter(({ namespace }) => namespace !== NAMESPACE).flatMap((one) => unpublished(resources, one) ?? []);
      assert.deepEqual(wrong, []);
    }
  }
});

test('CloudWatch accepts every description of an alarm: at most 1,024 characters', () => {
  for (const config of CONFIGURATIONS) {
    const { hub, regionForwarders } = synth(config);
    const alarms = [hub, ...regionForwarders].flatMap((resources) => [...ofType(resources, ALARM), ...ofType(resources, COMPOSITE)]);
    for (const { Properties } of alarms) assert.ok(Properties.AlarmDescription.length <= 1_024, Properties.AlarmName);
  }
});

const STREAM = { DeliveryStreamName: 'sightline' };

/** Alarms that would never have data, and why. */
const REFUSED: readonly [string, SightlineConfig, Watched, RegExp][] = [
  ['BackupToS3.Success with FailedEventsOnly', SMALL, { namespace: 'AWS/Firehose', metric: 'BackupToS3.Success', dimensions: STREAM }, /the stream's backup mode is FailedEventsOnly$/],
  ['BackupToS3.Success to an HTTP endpoint', RELAY, { namespace: 'AWS/Firehose', metric: 'BackupToS3.Success', dimensions: STREAM }, /does not deliver to splunk$/],
  ['DeliveryToS3.Success to an HTTP endpoint', RELAY, { namespace: 'AWS/Firehose', metric: 'DeliveryToS3.Success', dimensions: STREAM }, /does not deliver to splunk$/],
  ['the other destination', SMALL, { namespace: 'AWS/Firehose', metric: 'DeliveryToHttpEndpoint.Success', dimensions: STREAM }, /does not deliver to http$/],
  ['another stream', SMALL, { namespace: 'AWS/Firehose', metric: 'ThrottledRecords', dimensions: { DeliveryStreamName: 'other' } }, /there is no AWS::KinesisFirehose::DeliveryStream of that name$/],
  ['dropped recursion where loop detection is off', SMALL, { namespace: 'AWS/Lambda', metric: 'RecursiveInvocationsDropped', dimensions: { FunctionName: 'sightline-s3-forwarder' } }, /loop detection is off$/],
  ['dropped events of a function that only a queue invokes', SMALL, { namespace: 'AWS/Lambda', metric: 'AsyncEventsDropped', dimensions: { FunctionName: 'sightline-s3-forwarder' } }, /nothing invokes the function asynchronously$/],
  ['requests to a bucket without request metrics', SMALL, { namespace: 'AWS/S3', metric: 'PutRequests', dimensions: { BucketName: 'sightline-dead-letters-111122223333-eu-west-1', FilterId: 'EntireBucket' } }, /has no such request metrics$/],
  ['a metric filter that there is not', SMALL, { namespace: 'Sightline/sightline', metric: 'FirehoseRequestsTooLarge', dimensions: {} }, /is not documented$/],
  ['a metric of no service', SMALL, { namespace: 'AWS/Firehose', metric: 'DeliveryToSplunk.Sucess', dimensions: STREAM }, /is not documented$/],
  ['dimensions of another bus', SMALL, { namespace: 'AWS/Events', metric: 'FailedInvocations', dimensions: { RuleName: 'x', EventBusName: 'default' } }, /is not documented$/],
];

for (const [what, config, metric, why] of REFUSED) test(`refused: an alarm on ${what}`, () => assert.match(unpublished(synth(config).hub, metric) ?? 'published', why));

test('every page that documents metrics is cited', () => {
  for (const { page, metrics } of DOCUMENTED) assert.match(page, /^A\w+ .* Guide, ".+"$/, metrics.join());
});
