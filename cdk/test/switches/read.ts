import assert from 'node:assert/strict';
import test from 'node:test';
import { SightlineConfig } from '../../lib/config';
import organization from '../../examples/organization';
import { ofType, one, Resources, SMALL, synth } from '../support';

/** A property whose loss would lose events or widen access: description, configuration, property, expected value. */
export type Switch = readonly [string, SightlineConfig, (hub: Resources) => unknown, unknown];

/** Creates a test for each. */
export function testSwitches(switches: readonly Switch[]): void {
  for (const [what, config, read, expected] of switches) test(what, () => assert.deepEqual(read(synth(config).hub), expected));
}

/** A configuration with every option. */
export const ORGANIZATION: SightlineConfig = organization;

/** S3 is the only route. */
export const FULL: SightlineConfig = { ...SMALL, routes: { stream: false } };

export const text = (value: unknown): string => JSON.stringify(value);

/** The resource whose logical id begins with this prefix. */
export function resource(resources: Resources, type: string, id: string): Resources[string] {
  const [, found] = Object.entries(resources).find(([name, { Type }]) => Type === type && name.startsWith(id)) ?? [];
  assert.ok(found, `${type} ${id}`);
  return found;
}

/** The statements of a policy, including key policies. */
export function policyOf(resources: Resources, type: string, id: string): any[] {
  const { Properties } = resource(resources, type, id);
  return (Properties.PolicyDocument ?? Properties.KeyPolicy).Statement;
}

/** The dependencies, as logical ids. */
export const dependenciesOf = (resources: Resources, type: string, id = ''): string => text(resource(resources, type, id).DependsOn ?? []);
export const bucket = (hub: Resources, what: string) => one(hub, 'AWS::S3::Bucket', ({ BucketName }) => text(BucketName).includes(what));
export const trail = (hub: Resources) => one(hub, 'AWS::CloudTrail::Trail');
export const fn = (hub: Resources, name: string) => one(hub, 'AWS::Lambda::Function', ({ FunctionName }) => FunctionName?.endsWith(name));
export const variables = (hub: Resources, name: string): Record<string, any> => fn(hub, name).Environment.Variables;
export const splunk = (hub: Resources) => one(hub, 'AWS::KinesisFirehose::DeliveryStream').SplunkDestinationConfiguration;
export const relay = (hub: Resources) => one(hub, 'AWS::KinesisFirehose::DeliveryStream').HttpEndpointDestinationConfiguration;
export const mapping = (hub: Resources, queue: string) =>
  one(hub, 'AWS::Lambda::EventSourceMapping', ({ EventSourceArn }) => EventSourceArn['Fn::GetAtt'][0].startsWith(queue));
export const processor = (destination: any, name: string) =>
  destination.ProcessingConfiguration.Processors[0].Parameters.find((one: any) => one.ParameterName === name)?.ParameterValue;
export const alarm = (resources: Resources, name: string) => one(resources, 'AWS::CloudWatch::Alarm', ({ AlarmName }) => AlarmName === `sightline-${name}`);

/** A readable value of a template: references as `<logical id>`, without the hash at the end. */
export function shown(value: any): string {
  if (typeof value === 'string') return value;
  const bare = (id: string) => id.replace(/[0-9A-F]{8}$/, '');
  if (value.Ref) return value.Ref.startsWith('AWS::') ? `<${value.Ref}>` : `<${bare(value.Ref)}>`;
  if (value['Fn::GetAtt']) return `<${bare(value['Fn::GetAtt'][0])}>`;
  if (value['Fn::Join']) return (value['Fn::Join'][1] as unknown[]).map(shown).join(value['Fn::Join'][0]);
  return text(value);
}

/** The rights of statements: `actions on resource`, and their condition. */
export function allowed(statements: readonly any[]): string[] {
  return statements.filter(({ Effect }) => Effect === 'Allow').flatMap((statement) => {
    const actions = [statement.Action].flat().sort().join(' ');
    const condition = statement.Condition ? ` if ${conditionOf(statement.Condition)}` : '';
    const who = statement.Principal ? `${shown(statement.Principal.Service ?? statement.Principal.AWS)}: ` : '';
    return [statement.Resource ?? 'itself'].flat().map((on: unknown) => `${who}${actions} on ${shown(on)}${condition}`);
  }).sort();
}

function conditionOf(condition: Record<string, Record<string, unknown>>): string {
  const pairs = Object.entries(condition).flatMap(([operator, tests]) => Object.entries(tests).map(([key, value]) => `${key} ${operator} ${[value].flat().map(shown).join(', ')}`));
  return pairs.sort().join(' and ');
}

/** The rights of a role, from its own policy. */
export const may = (resources: Resources, role: string): string[] => allowed(policyOf(resources, 'AWS::IAM::Policy', role));

/** Who can assume a role. */
export const trusts = (resources: Resources, role: string): string[] => allowed(resource(resources, 'AWS::IAM::Role', role).Properties.AssumeRolePolicyDocument.Statement);

export { ofType, one };
