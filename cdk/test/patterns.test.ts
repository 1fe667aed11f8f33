import assert from 'node:assert/strict';
import test from 'node:test';
import { EventNames, merge, Name } from '../lib/detection/event-names';
import { BUILT_IN } from '../lib/detection/fast-events';
import { filterPattern, MAX_PATTERN, patterns } from '../lib/detection/patterns';

function matches(names: EventNames, source: string, name: Name, limit?: number): boolean {
  return patterns(names, limit).some(({ detail }) =>
    detail.eventSource.includes(source) && (detail.eventName === undefined || detail.eventName.includes(name)));
}

test('patterns contain every name within the limit', () => {
  for (const limit of [MAX_PATTERN, 500]) {
    const all = merge(BUILT_IN.blinding, BUILT_IN.high);
    for (const pattern of patterns(all, limit)) assert.ok(JSON.stringify(pattern).length <= limit);
    for (const [source, names] of Object.entries(all)) for (const name of names) assert.ok(matches(all, source, name, limit), `${source} ${name}`);
  }
  assert.ok(matches(BUILT_IN.blinding, 'cloudtrail.amazonaws.com', 'StopLogging'));
  assert.ok(!matches(BUILT_IN.blinding, 'ec2.amazonaws.com', 'DescribeInstances'));
});

test('sources with any name are separated from the others', () => {
  const prefix = { prefix: { 'equals-ignore-case': 'Delete' } };
  const [first, second, ...more] = patterns({ 'a.amazonaws.com': ['X'], 'b.amazonaws.com': 'any', 'c.amazonaws.com': [prefix], 'd.amazonaws.com': 'any' });
  assert.deepEqual(first?.detail, { eventSource: ['a.amazonaws.com', 'c.amazonaws.com'], eventName: ['X', prefix] });
  assert.deepEqual(second?.detail, { eventSource: ['b.amazonaws.com', 'd.amazonaws.com'] });
  assert.deepEqual(second?.source, ['aws.b', 'aws.d']);
  assert.equal(more.length, 0);
});

test('any replaces the names of its source, in either order', () => {
  const some: EventNames = { 'a.amazonaws.com': ['X'] };
  const any: EventNames = { 'a.amazonaws.com': 'any' };
  assert.deepEqual(merge(some, any), any);
  assert.deepEqual(merge(any, some), any);
  assert.deepEqual(merge(some, { 'a.amazonaws.com': ['W', 'X'] }), { 'a.amazonaws.com': ['W', 'X'] });
});

test('a filter pattern contains the selected and all defense-evasion events, or is empty', () => {
  const few: EventNames = { 'a.amazonaws.com': ['StopIt'] };
  assert.equal(filterPattern(['iam:CreateUser'], few), '{ $.eventName = "CreateUser" || $.eventName = "StopIt" }');
  assert.equal(filterPattern(undefined, few), '');
  assert.equal(filterPattern(['CreateUser'], { 'a.amazonaws.com': 'any' }), '');
  assert.equal(filterPattern(['CreateUser'], { 'a.amazonaws.com': [{ 'equals-ignore-case': 'stopit' }] }), '');
  // The defense-evasion events are too long for a filter, so it matches everything and the function filters.
  assert.equal(filterPattern(['CreateUser'], BUILT_IN.blinding), '');
});
