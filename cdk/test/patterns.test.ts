import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { generate } from '../lib/generate';
import generated from '../lib/generated/patterns.json';
import { EventNames, filterPattern, merge, namesOfRules, PATTERN_LIMIT, patterns } from '../lib/patterns';
import { fastOf } from '../lib/fast-names';
import { settle } from '../lib/config';
import { repository, ROOT, SMALL } from './support';

test('the generated names are those of the rules; "npm run patterns" renews them', () => {
  assert.equal(repository('cdk', 'lib', 'generated', 'patterns.json'), generate(join(ROOT, 'detections')));
});

function matches(names: EventNames, source: string, name: string, limit?: number): boolean {
  return patterns(names, limit).some(({ detail }) =>
    detail.eventSource.includes(source) && (detail.eventName === undefined || detail.eventName.includes(name)));
}

test('patterns hold every name within the limit', () => {
  for (const limit of [PATTERN_LIMIT, 500]) {
    const all = merge(generated.blinding, generated.high);
    for (const pattern of patterns(all, limit)) assert.ok(JSON.stringify(pattern).length <= limit);
    for (const [source, names] of Object.entries(all)) for (const name of names) assert.ok(matches(all, source, name, limit), `${source} ${name}`);
  }
  assert.ok(matches(generated.blinding, 'cloudtrail.amazonaws.com', 'StopLogging'));
  assert.ok(!matches(generated.blinding, 'ec2.amazonaws.com', 'DescribeInstances'));
});

test('a source without names stands alone, and names with wildcards stay ones', () => {
  const [first, second, third] = patterns({ 'a.amazonaws.com': ['X'], 'b.amazonaws.com': [], 'c.amazonaws.com': ['Delete*'] });
  assert.deepEqual(first?.detail, { eventSource: ['a.amazonaws.com'], eventName: ['X'] });
  assert.deepEqual(second?.detail, { eventSource: ['b.amazonaws.com'] });
  assert.deepEqual(third?.detail.eventName, [{ wildcard: 'Delete*' }]);
});

test('rules of the user\'s are listened for', () => {
  const rulesDir = mkdtempSync(join(tmpdir(), 'sightline-rules-'));
  writeFileSync(join(rulesDir, 'mine.yml'), 'title: Mine\ndetection:\n  selection:\n    eventSource: athena.amazonaws.com\n    eventName: [DeleteWorkGroup]\n  condition: selection\n');
  assert.deepEqual(namesOfRules(rulesDir), { 'athena.amazonaws.com': ['DeleteWorkGroup'] });
  const text = JSON.stringify(fastOf(settle({ ...SMALL, rulesDir })).patterns);
  assert.ok(text.includes('aws.athena') && text.includes('DeleteWorkGroup'));
});

test('a filter pattern holds the selection and all that blinds, or is empty', () => {
  const few = { 'a.amazonaws.com': ['StopIt'] };
  assert.equal(filterPattern(['iam:CreateUser'], few), '{ $.eventName = "CreateUser" || $.eventName = "StopIt" }');
  assert.equal(filterPattern(undefined, few), '');
  assert.equal(filterPattern(['CreateUser'], { 'a.amazonaws.com': [] }), '');
  // What blinds does not fit today, so that everything is subscribed to and the function selects.
  assert.equal(filterPattern(['CreateUser'], generated.blinding), '');
});
