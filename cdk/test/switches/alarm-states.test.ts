import assert from 'node:assert/strict';
import test from 'node:test';
import { NAMESPACE } from '../../lib/alarms/spec';
import { SightlineConfig } from '../../lib/config';
import { documentation } from '../documented-metrics';
import { HUNTRESS, RELAY, SMALL, ofType, synth } from '../support';
import { alarm, FULL } from './read';
import { ALARM, COMPOSITE, CONFIGURATIONS, isGuard, watched } from './watched-metrics';

test('a first deployment sends no notification: missing data does not breach', () => {
  for (const config of CONFIGURATIONS) {
    const { hub, regionForwarders } = synth(config);
    for (const resources of [hub, ...regionForwarders]) {
      for (const { Properties } of ofType(resources, ALARM)) assert.ok(['notBreaching', 'missing', 'ignore'].includes(Properties.TreatMissingData), Properties.AlarmName);
    }
  }
});

test('silence alarms notify when data stops, and their metrics have no data without events', () => {
  for (const config of CONFIGURATIONS) {
    const { hub } = synth(config);
    const silent = ofType(hub, ALARM).filter(({ Properties }) => Properties.InsufficientDataActions);
    assert.ok(silent.length >= 2);
    for (const { Properties } of silent) {
      assert.deepEqual([Properties.TreatMissingData, Properties.InsufficientDataActions, Properties.Metrics], ['missing', Properties.AlarmActions, undefined], Properties.AlarmName);
      // An expression could replace missing data, and a metric with zeros would be armed before any event.
      for (const one of watched(Properties)) {
        if (one.namespace === NAMESPACE) assert.ok(['EventsIn', 'FreshnessMs'].includes(one.metric), one.metric);
        else assert.notEqual(documentation(hub, one)?.quiet, 'zeros', one.metric);
      }
      // CloudWatch refuses more than a day.
      assert.ok(Properties.Period * Properties.EvaluationPeriods <= 86_400);
    }
    const missing = ofType(hub, ALARM).filter(({ Properties }) => Properties.TreatMissingData === 'missing');
    assert.equal(missing.length, silent.length, 'an alarm stays without data and does not notify');
  }
});

test('every alarm notifies, itself or through one composite alarm, except those that arm the groups', () => {
  for (const config of CONFIGURATIONS) {
    const { hub, regionForwarders } = synth(config);
    const composites = ofType(hub, COMPOSITE).map(({ Properties }) => Properties);
    for (const { AlarmActions, OKActions } of composites) assert.deepEqual([AlarmActions.length, OKActions], [1, AlarmActions]);
    for (const { Properties: { AlarmName, AlarmActions, Threshold, TreatMissingData } } of [hub, ...regionForwarders].flatMap((resources) => ofType(resources, ALARM).filter((one) => !isGuard(one)))) {
      const within = composites.filter(({ AlarmRule }) => AlarmRule.includes(`ALARM("${AlarmName}")`) && !AlarmRule.includes(`INSUFFICIENT_DATA("${AlarmName}")`)).length;
      const arms = composites.filter(({ AlarmRule }) => AlarmRule.includes(`INSUFFICIENT_DATA("${AlarmName}")`)).length;
      if (arms > 0) assert.deepEqual([arms, within, AlarmActions.length, Threshold, TreatMissingData], [composites.length, 0, 0, 0, 'ignore'], AlarmName);
      else assert.equal(AlarmActions.length + within, 1, AlarmName);
    }
  }
});

test('an alarm that stops a rollout sends no notification', () => {
  for (const config of CONFIGURATIONS) {
    const { hub } = synth(config);
    const rules = ofType(hub, COMPOSITE).map(({ Properties }) => Properties.AlarmRule).join();
    const guards = ofType(hub, ALARM).filter(isGuard);
    assert.equal(guards.length, ofType(hub, 'AWS::Lambda::Alias').length);
    for (const { Properties: { AlarmName, AlarmActions, OKActions } } of guards) assert.deepEqual([AlarmActions, OKActions, rules.includes(AlarmName)], [undefined, undefined, false]);
  }
});

/** The value of a composite alarm's rule for these states of alarms. */
function fires(rule: string, state: (name: string) => string): boolean {
  const javascript = rule.replace(/(ALARM|INSUFFICIENT_DATA|OK)\("([^"]+)"\)/g, (_, wanted: string, name: string) => String(state(name) === wanted))
    .replaceAll('AND', '&&').replaceAll('OR', '||').replaceAll('NOT', '!');
  assert.match(javascript, /^[\s()&|!a-z]+$/);
  return new Function(`return ${javascript}`)() as boolean;
}

test('composite alarms wait for the first delivery by any route, then fire for each of their alarms', () => {
  for (const config of CONFIGURATIONS) {
    for (const { Properties: { AlarmName, AlarmRule } } of ofType(synth(config).hub, COMPOSITE)) {
      const names = (kind: string) => [...AlarmRule.matchAll(new RegExp(`(?<![A-Z_])${kind}\\("([^"]+)"\\)`, 'g'))].map(([, name]) => name as string);
      const [bad, arming] = [names('ALARM'), names('INSUFFICIENT_DATA')];
      assert.ok(bad.length > 0 && arming.length > 0, AlarmName);
      for (const one of bad) {
        const states = (delivered?: string) => (name: string) => (name === one ? 'ALARM' : arming.includes(name) && name !== delivered ? 'INSUFFICIENT_DATA' : 'OK');
        assert.equal(fires(AlarmRule, states()), false, `${AlarmName}: ${one} before a delivery`);
        for (const by of arming) assert.equal(fires(AlarmRule, states(by)), true, `${AlarmName}: ${one} after ${by}`);
      }
      assert.equal(fires(AlarmRule, () => 'OK'), false);
    }
  }
});

test('a day without a delivery fires an alarm, for all routes', () => {
  const configurations = { splunk: SMALL, huntress: HUNTRESS, relay: RELAY, 's3 alone': FULL, 'stream alone': { ...SMALL, routes: { fast: false, s3: 'off' } } as SightlineConfig };
  for (const [name, config] of Object.entries(configurations)) {
    const { hub } = synth(config);
    const { Metrics, EvaluationPeriods, TreatMissingData, Threshold, AlarmActions } = alarm(hub, 'nothing-delivered');
    assert.deepEqual([Metrics[0].MetricStat.Period * EvaluationPeriods, TreatMissingData, Threshold, AlarmActions.length], [86_400, 'notBreaching', 1, 1], name);
    const [clock, ...delivered] = Metrics.filter(({ MetricStat }: any) => MetricStat);
    assert.equal(Metrics.at(-1).Expression, ['(clock * 0)', ...delivered.map((_: unknown, at: number) => `FILL(m${at}, 0)`)].join(' OR '));
    assert.equal(clock.Id, 'clock');
    const armed = ofType(hub, ALARM).filter(({ Properties }) => Properties.TreatMissingData === 'ignore').flatMap(({ Properties }) => watched(Properties));
    assert.deepEqual(delivered.map(({ MetricStat }: any) => MetricStat.Metric.MetricName), armed.map(({ metric }) => metric));
    // CloudWatch takes ten metrics in an alarm.
    assert.ok(Metrics.length <= 10);
  }
});
