import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ConfigError, resolveConfig } from '../lib/config';
import { EventNames } from '../lib/detection/event-names';
import { fastEventsOf } from '../lib/detection/fast-events';
import { readRules } from '../lib/detection/rules';
import { built, SMALL } from './support';

/** A folder with one file of rules, made from these detections. */
function folder(...detections: string[]): string {
  return withFile(detections.map((text, at) => `title: Rule ${at + 1}\ndetection:\n${text.replace(/^/gm, '    ')}\n`).join('---\n'));
}

function withFile(text: string): string {
  const made = mkdtempSync(join(tmpdir(), 'sightline-rules-'));
  writeFileSync(join(made, 'mine.yml'), text);
  return made;
}

const CLOUDTRAIL = 'eventSource: cloudtrail.amazonaws.com';
const starts = (text: string) => ({ prefix: { 'equals-ignore-case': text } });
const ends = (text: string) => ({ suffix: { 'equals-ignore-case': text } });
const names = (list: EventNames[string]) => ({ 'cloudtrail.amazonaws.com': list });

/** A description, the rule, and the events it can match. */
const RULES: readonly [string, string, EventNames][] = [
  ['names', `s:\n  ${CLOUDTRAIL}\n  eventName: [StopLogging, DeleteTrail]\ncondition: s`, names(['DeleteTrail', 'StopLogging'])],
  ['a source alone', `s:\n  ${CLOUDTRAIL}\ncondition: s`, names('any')],
  ['how a name begins', `s:\n  ${CLOUDTRAIL}\n  eventName|startswith: [Delete, Stop]\ncondition: s`, names([starts('Delete'), starts('Stop')])],
  ['how a name ends', `s:\n  ${CLOUDTRAIL}\n  eventName|endswith: Trail\ncondition: s`, names([ends('Trail')])],
  ['what a name has in it', `s:\n  ${CLOUDTRAIL}\n  eventName|contains: trail\ncondition: s`, names('any')],
  ['the same by case', `s:\n  ${CLOUDTRAIL}\n  eventName|contains|cased: Trail\ncondition: s`, names([{ wildcard: '*Trail*' }])],
  ['an expression', `s:\n  ${CLOUDTRAIL}\n  eventName|re: ^Del\ncondition: s`, names('any')],
  ['wildcards', `s:\n  ${CLOUDTRAIL}\n  eventName: ['Delete*', '*Trail', 'Stop?Logging', 'Put\\*']\ncondition: s`, names([ends('Trail'), starts('Delete'), 'Put*', starts('Stop')])],
  ['any name', `s:\n  ${CLOUDTRAIL}\n  eventName: '*'\ncondition: s`, names('any')],
  ['what a name is not', `s:\n  ${CLOUDTRAIL}\n  eventName|neq: StopLogging\ncondition: s`, names('any')],
  ['exceptions', `s:\n  ${CLOUDTRAIL}\nno:\n  eventName: LookupEvents\ncondition: s and not no`, names('any')],
  ['alternatives of which one names no event', `a:\n  ${CLOUDTRAIL}\n  eventName: X\nb:\n  eventSource: iam.amazonaws.com\ncondition: 1 of *`, { ...names(['X']), 'iam.amazonaws.com': 'any' }],
  ['names apart from the source', `a:\n  ${CLOUDTRAIL}\nb:\n  eventName: X\nc:\n  eventName: Y\ncondition: a and (b or c)`, names(['X', 'Y'])],
  ['everything of it', `s_a:\n  ${CLOUDTRAIL}\ns_b:\n  eventName: X\nother:\n  userAgent: me\ncondition: all of s_* and other`, names(['X'])],
  ['a list of maps', `s:\n  - ${CLOUDTRAIL}\n    eventName: X\n  - ${CLOUDTRAIL}\n    eventName: Y\ncondition: s`, names(['X', 'Y'])],
  ['several conditions', `a:\n  ${CLOUDTRAIL}\n  eventName: X\nb:\n  ${CLOUDTRAIL}\n  eventName: Y\ncondition:\n  - a\n  - b`, names(['X', 'Y'])],
  ['a source in capitals', 's:\n  eventSource: CloudTrail.amazonaws.com\n  eventName: X\ncondition: s', names(['X'])],
];

for (const [what, rule, expected] of RULES) {
  test(`events of a rule: ${what}`, () => assert.deepEqual(readRules(folder(rule)), { names: expected, sourceless: [] }));
}

const SOURCELESS = [
  's:\n  eventName: DeleteTrail\ncondition: s',
  's:\n  eventSource: "*"\ncondition: s',
  's:\n  eventSource|endswith: .amazonaws.com\ncondition: s',
  's:\n  userAgent: evil\ncondition: s',
  'keywords:\n  - evil\ncondition: keywords',
  `s:\n  ${CLOUDTRAIL}\ncondition: not s`,
  `s:\n  ${CLOUDTRAIL}\ncondition: s | count() > 5`,
  `s:\n  ${CLOUDTRAIL}\nt:\n  eventName: X\ncondition: s or t`,
];

test('rules without a literal source are reported by file and title', () => {
  for (const rule of SOURCELESS) {
    const dir = folder(`s:\n  ${CLOUDTRAIL}\n  eventName: X\ncondition: s`, rule);
    assert.deepEqual(readRules(dir).sourceless, [`${dir}/mine.yml (Rule 2)`], rule);
  }
});

test('a rule folder that functions would reject stops synthesis, with file and line', () => {
  const said = (rulesDir: string) => {
    try {
      fastEventsOf(resolveConfig({ ...SMALL, rulesDir }));
      return 'no problem';
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return error.message;
    }
  };
  assert.match(said(withFile('title: Mine\ndetection:\n  s: [\n')), /rulesDir: \S+mine\.yml:\d is not valid YAML: .*; use Sigma rules in YAML/);
  assert.match(said(withFile('title: one\ntitle: two\n')), /rulesDir: \S+mine\.yml:2 is not valid YAML/);
  assert.match(said(withFile('title: Mine\n')), /rulesDir: \S+mine\.yml contains no Sigma rule; use /);
  assert.match(said(mkdtempSync(join(tmpdir(), 'sightline-rules-'))), /rulesDir: "\S+" contains no rule; use a folder with files that end in \.yml or \.yaml/);
});

test('rules of the user add to the built-in patterns, case-insensitive', () => {
  const rulesDir = folder('s:\n  eventSource: athena.amazonaws.com\n  eventName: deleteWorkGroup\ncondition: s', `s:\n  ${CLOUDTRAIL}\n  eventName|startswith: Delete\ncondition: s`);
  const fast = fastEventsOf(resolveConfig({ ...SMALL, rulesDir }));
  const text = JSON.stringify(fast.patterns);
  assert.ok(text.includes('"aws.athena"') && text.includes('{"equals-ignore-case":"deleteWorkGroup"}'), text);
  assert.ok(text.includes('{"prefix":{"equals-ignore-case":"Delete"}}') && text.includes('"StopLogging"'), text);
  assert.deepEqual(fast.warnings, []);
  const any = fastEventsOf(resolveConfig({ ...SMALL, rulesDir: folder(`s:\n  ${CLOUDTRAIL}\ncondition: s`) }));
  assert.ok(any.patterns.some(({ detail }) => detail.eventName === undefined && detail.eventSource.includes('cloudtrail.amazonaws.com')));
});

test('synthesis warns about rules that the fast route cannot carry', () => {
  const rulesDir = folder('s:\n  eventName: DeleteTrail\ncondition: s', 's:\n  eventSource: s3.amazonaws.com\n  eventName: [GetObject, PutObject]\ncondition: s');
  const warned = (config: object) => Annotations.fromStack(built({ ...SMALL, rulesDir, ...config }).hub).findWarning('*', Match.stringLikeRegexp('^rulesDir: '));
  const [first, second, ...more] = warned({}).map(({ entry }) => String(entry.data));
  assert.match(first ?? '', /mine\.yml \(Rule 1\) does not name its event sources/);
  assert.match(second ?? '', /read-only events \(s3\.amazonaws\.com:GetObject\).*only if fast\.reads is true/);
  assert.equal(more.length, 0);
  assert.equal(warned({ fast: { reads: true } }).length, 1);
  assert.equal(warned({ routes: { fast: false } }).length, 0);
});

test('the built-in list needs no warning', () => assert.deepEqual(fastEventsOf(resolveConfig(SMALL)).warnings, []));
