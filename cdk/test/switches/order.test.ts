import assert from 'node:assert/strict';
import test from 'node:test';
import { EXAMPLES } from '../examples';
import { Resources, SMALL, synth } from '../support';
import { testSwitches, ofType, Switch } from './read';

/** Logical ids of the resources that a resource, or all of its type, are created after. */
function after(resources: Resources, type: string): string[][] {
  return ofType(resources, type).map(({ DependsOn }) => [DependsOn ?? []].flat());
}

const has = (ids: readonly string[], start: string) => ids.some((id) => id.startsWith(start));

const SWITCHES: readonly Switch[] = [
  ['order: the trail comes after all that reads it', SMALL,
    (hub) => ['S3WaitingQueuePolicy', 'S3Mapping', 'FastMapping', 'FastRulesRule1', 'TrailArchiveBucketPolicy', 'TrailRoleDefaultPolicy']
      .filter((start) => !has(after(hub, 'AWS::CloudTrail::Trail')[0] ?? [], start)), []],
  ['order: the trail comes after its subscription', SMALL, (hub) => {
    const filter = Object.keys(hub).find((id) => hub[id]?.Type === 'AWS::Logs::SubscriptionFilter') ?? '';
    return after(hub, 'AWS::CloudTrail::Trail')[0]?.includes(filter);
  }, true],
  ['order: rules come after what lets them send', SMALL,
    (hub) => after(hub, 'AWS::Events::Rule').every((ids) => has(ids, 'FastWaitingQueuePolicy') && has(ids, 'FastRuleDeadLettersPolicy')), true],
  ['archive: stays closed and logged when the stack is gone', SMALL,
    (hub) => Object.entries(hub).filter(([id, { Type }]) => Type === 'AWS::S3::BucketPolicy' && id.startsWith('Trail')).map(([, { DeletionPolicy }]) => DeletionPolicy),
    ['RetainExceptOnCreate', 'RetainExceptOnCreate']],
];

testSwitches(SWITCHES);

test('order: rules of region forwarders are created after the rights to send and to write dead letters', () => {
  for (const forwarder of Object.values(EXAMPLES).flatMap((config) => synth(config).regionForwarders)) {
    for (const ids of after(forwarder, 'AWS::Events::Rule')) assert.ok(has(ids, 'RoleDefaultPolicy') && has(ids, 'RuleDeadLettersPolicy'), ids.join());
  }
});

test('order: no dependency is circular', () => {
  for (const [name, config] of Object.entries(EXAMPLES)) {
    for (const resources of [synth(config).hub, ...synth(config).regionForwarders]) assert.deepEqual(circle(resources), [], name);
  }
});

/** Resources that depend on one another; empty if CloudFormation can create all. */
function circle(resources: Resources): string[] {
  const waits = new Map(Object.entries(resources).map(([id, resource]) => {
    const text = JSON.stringify(resource);
    const named = [...text.matchAll(/"(?:Ref|Fn::GetAtt)":(?:"|\[")(\w+)/g)].map(([, found]) => found ?? '');
    const written = [...text.matchAll(/\$\{(\w+)[.}]/g)].map(([, found]) => found ?? '');
    return [id, new Set([...named, ...written, ...[resource.DependsOn ?? []].flat()].filter((found) => found in resources))] as const;
  }));
  for (let done = -1; done !== waits.size; ) {
    done = waits.size;
    for (const [id, others] of waits) {
      if (others.size > 0) continue;
      waits.delete(id);
      for (const left of waits.values()) left.delete(id);
    }
  }
  return [...waits.keys()];
}
