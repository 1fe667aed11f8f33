import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { App } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { build } from '../lib/app';
import { check } from '../lib/check';
import { resolveConfig } from '../lib/config';
import { fastEventsOf, UserRules } from '../lib/detection/fast-events';
import { FLAGS } from '../lib/flags';
import { PROGRAM, WITH_PROGRAM } from './program';
import { NO_BUNDLE, SMALL } from './support';

/** A folder with one rule for each detection. */
function folder(...detections: string[]): string {
  const rule = (text: string, at: number) =>
    `title: Rule ${at + 1}\nid: 5f0c9d3e-7a51-4f6e-9a53-00000000000${at}\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n${text.replace(/^/gm, '  ')}\nlevel: low\n`;
  const made = mkdtempSync(join(tmpdir(), 'sightline-rules-'));
  writeFileSync(join(made, 'mine.yml'), detections.map(rule).join('---\n'));
  return made;
}

const exact = (text: string) => ({ 'equals-ignore-case': text });
const starts = (text: string) => ({ prefix: exact(text) });

const RULES_DIR = folder(
  's:\n  eventSource: athena.amazonaws.com\n  eventName: deleteWorkGroup\ncondition: s',
  's:\n  eventSource: cloudtrail.amazonaws.com\n  eventName|startswith: Delete\ncondition: s',
  's:\n  eventSource: s3.amazonaws.com\n  eventName: [GetObject, PutObject]\ncondition: s',
  's:\n  eventName: DeleteTrail\ncondition: s',
);

/** What `sightline check` reports about these rules. */
const USER_RULES: UserRules = {
  names: {
    'athena.amazonaws.com': [exact('deleteWorkGroup')],
    'cloudtrail.amazonaws.com': [starts('Delete')],
    's3.amazonaws.com': [exact('GetObject'), exact('PutObject')],
  },
  sourceless: [`${RULES_DIR}/mine.yml (Rule 4)`],
};

test('the check reports the events of the rules of the user', WITH_PROGRAM, () => {
  assert.deepEqual(check({ ...SMALL, rulesDir: RULES_DIR }, { program: PROGRAM, bundle: NO_BUNDLE }).userRules, USER_RULES);
  assert.equal(check(SMALL, { program: PROGRAM, bundle: NO_BUNDLE }).userRules, undefined);
});

test('rules of the user add to the built-in patterns', () => {
  const text = JSON.stringify(fastEventsOf(resolveConfig(SMALL), USER_RULES).patterns);
  assert.ok(text.includes('"aws.athena"') && text.includes('{"equals-ignore-case":"deleteWorkGroup"}'), text);
  assert.ok(text.includes('{"prefix":{"equals-ignore-case":"Delete"}}') && text.includes('"StopLogging"'), text);
  const any = fastEventsOf(resolveConfig(SMALL), { names: { 'cloudtrail.amazonaws.com': 'any' }, sourceless: [] });
  assert.ok(any.patterns.some(({ detail }) => detail.eventName === undefined && detail.eventSource.includes('cloudtrail.amazonaws.com')));
});

/** The hub of a configuration with rules of the user. */
function hub(config: object, userRules?: UserRules) {
  return build(new App({ context: FLAGS }), { ...SMALL, rulesDir: RULES_DIR, ...config }, { bundle: NO_BUNDLE, checks: false, userRules }).hub;
}

test('synthesis warns about rules that the fast route cannot carry', () => {
  const warned = (config: object) => Annotations.fromStack(hub(config, USER_RULES)).findWarning('*', Match.stringLikeRegexp('^rulesDir: '));
  const [first, second, ...more] = warned({}).map(({ entry }) => String(entry.data));
  assert.match(first ?? '', /mine\.yml \(Rule 4\) does not name its event sources/);
  assert.match(second ?? '', /read-only events \(s3\.amazonaws\.com:GetObject\).*only if fast\.reads is true/);
  assert.equal(more.length, 0);
  assert.equal(warned({ fast: { reads: true } }).length, 1);
  assert.equal(warned({ routes: { fast: false } }).length, 0);
});

test('a template without the events of the user\'s rules cannot be deployed', () => {
  const guards = (userRules?: UserRules) => Object.keys((Template.fromStack(hub({}, userRules)).toJSON() as { Rules?: object }).Rules ?? {});
  assert.ok(guards().includes('SettingsAreChecked'));
  assert.ok(!guards(USER_RULES).includes('SettingsAreChecked'));
});

test('the built-in list needs no warning', () => assert.deepEqual(fastEventsOf(resolveConfig(SMALL)).warnings, []));
