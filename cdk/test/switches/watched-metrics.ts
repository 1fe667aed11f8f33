import { SightlineConfig } from '../../lib/config';
import { Watched } from '../documented-metrics';
import { EXAMPLES } from '../examples';
import { EXISTING, HUNTRESS, RELAY, Resource, SMALL } from '../support';
import { FULL } from './read';

export const ALARM = 'AWS::CloudWatch::Alarm';
/** Whether an alarm only stops rollouts and is not an operational alarm. */
export const isGuard = ({ Properties }: Resource): boolean => String(Properties.AlarmName).includes('-rollout-');
export const COMPOSITE = 'AWS::CloudWatch::CompositeAlarm';

const dimensionsOf = (list: any[]): Record<string, any> => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));

/** The metrics of an alarm. */
export function watched(properties: any): Watched[] {
  const metric = ({ Namespace, MetricName, Dimensions = [] }: any): Watched => ({ namespace: Namespace, metric: MetricName, dimensions: dimensionsOf(Dimensions) });
  if (!properties.Metrics) return [metric(properties)];
  return properties.Metrics.flatMap(({ Expression, MetricStat }: any) => {
    if (MetricStat) return [metric(MetricStat.Metric)];
    const [, name, namespace, where] = /^SELECT SUM\(([\w.]+)\) FROM "([\w/]+)" WHERE (.*)$/.exec(Expression) ?? [];
    if (!name) return [];
    const pairs = (where ?? '').split(' AND ').map((pair) => /^(\w+) = '(.*)'$/.exec(pair) ?? []);
    return [{ namespace, metric: name, dimensions: Object.fromEntries(pairs.map(([, key, value]) => [key, value])) }];
  });
}

/** Every configuration whose alarms are tested. */
export const CONFIGURATIONS: readonly SightlineConfig[] = [...Object.values(EXAMPLES), SMALL, HUNTRESS, RELAY, EXISTING, FULL];
