import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { rootCertificates } from 'node:tls';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { build } from '../lib/app';
import { check, CheckError } from '../lib/check';
import { environmentsOf } from '../lib/check/environments';
import { ConfigError, resolveConfig, SightlineConfig } from '../lib/config';
import { contextText } from '../lib/context';
import { fastEventsOf } from '../lib/detection/fast-events';
import { FLAGS } from '../lib/flags';
import { FunctionName, programOf } from '../lib/names';
import { KEYS } from '../lib/settings';
import { EXAMPLES } from './examples';
import { PROGRAM, WITH_PROGRAM } from './program';
import { HUNTRESS, NO_BUNDLE, ofType, ROOT, SMALL, synth } from './support';

const FIELD = 'MASK_FIELDS: entry 1 is not a field that can be masked; did you mean userName?';
const DIGEST = 'MASK_MODE=sha256: plain digests of IPv4 addresses can be reversed in minutes; use MASK_MODE=hmac';

/** A folder with one Sigma rule with this selection. */
function rules(selection: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-rules-'));
  const rule = `title: Mine\nid: 5f0c9d3e-7a51-4f6e-9a53-0f1d2c3b4a59\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  selection:\n    ${selection}\n  condition: selection\nlevel: low\n`;
  writeFileSync(join(folder, 'mine.yml'), rule);
  return folder;
}

const SHA256: SightlineConfig = { ...SMALL, masking: { mode: 'sha256' } };
const UNKNOWN_FIELD: SightlineConfig = { ...SMALL, masking: { mode: 'hmac', fields: ['userNme'] } };
const NAME = "EVENT_NAMES: 'ConsoleLogn' is not a known CloudTrail event name; did you mean 'ConsoleLogin'?";
const UNKNOWN_NAME: SightlineConfig = { ...SMALL, eventNames: ['ConsoleLogn'] };
const MODIFIER: SightlineConfig = { ...SMALL, rulesDir: rules('eventName|soundslike: CreateUser') };

/** A file of certificate authorities with this text. */
function authorities(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'sightline-ca-')), 'authorities.pem');
  writeFileSync(file, text);
  return file;
}

const PRIVATE_CA: SightlineConfig = { ...HUNTRESS, siem: { ...HUNTRESS.siem, caFile: authorities(rootCertificates[0] ?? '') } };

function message(config: SightlineConfig): string {
  try {
    check(config, { program: PROGRAM, bundle: NO_BUNDLE });
    return 'no problem';
  } catch (error) {
    assert.ok(error instanceof CheckError || error instanceof ConfigError, String(error));
    return error.message;
  }
}

for (const [name, config] of Object.entries({ ...EXAMPLES, HUNTRESS, UNKNOWN_FIELD, MODIFIER, PRIVATE_CA })) {
  test(`${name}: the functions are checked with their deployed settings`, () => {
    const resolved = resolveConfig({ account: '111122223333', ...config });
    const environments = environmentsOf(resolved, fastEventsOf(resolved).ruleNames);
    const functions = ofType(synth({ account: '111122223333', ...config }).hub, 'AWS::Lambda::Function').filter(({ Properties }) => Properties.FunctionName);
    assert.equal(functions.length, environments.length);
    for (const { Properties } of functions) {
      const program = programOf(Properties.FunctionName.slice(resolved.name.length + 1) as FunctionName);
      const checked = environments.find((one) => one.function === program)?.settings ?? {};
      const deployed: Record<string, unknown> = Properties.Environment.Variables;
      assert.deepEqual(Object.keys(checked).sort(), Object.keys(deployed).sort());
      for (const [setting, value] of Object.entries(deployed)) {
        // References have names in their place; rules and certificates are the user's own before they are in the package.
        if (typeof value === 'string' && !['RULES_DIR', 'HEC_CA_FILE'].includes(setting)) assert.equal(checked[setting], value, setting);
      }
    }
  });
}

test('a message about a setting names its configuration key', () => {
  const derived = ['DLQ_BUCKET', 'MAX_RECORD_BYTES', 'MAX_RESPONSE_BYTES', 'ONLY_OVER_BYTES', 'RELAY_KEY_SECRET'];
  for (const config of [...Object.values(EXAMPLES), HUNTRESS, UNKNOWN_FIELD, MODIFIER, PRIVATE_CA]) {
    for (const { settings } of environmentsOf(resolveConfig(config), [])) {
      for (const setting of Object.keys(settings)) assert.ok(setting in KEYS || derived.includes(setting), setting);
    }
  }
});

test('every example passes the check', WITH_PROGRAM, () => {
  for (const [name, config] of Object.entries({ ...EXAMPLES, SMALL, HUNTRESS, PRIVATE_CA })) {
    assert.deepEqual(check(config, { program: PROGRAM, bundle: NO_BUNDLE }), { warnings: [], unchecked: [] }, name);
  }
});

test('an error of the functions is reported once, with the text of sightline check', WITH_PROGRAM, () => {
  assert.equal(message(UNKNOWN_FIELD), `the configuration has 1 problem:\n  masking.fields: ${FIELD}`);
  const file = join(MODIFIER.rulesDir ?? '', 'mine.yml');
  assert.match(message(MODIFIER), /^the configuration has 1 problem:\n {2}rulesDir: RULES_DIR: /);
  assert.ok(message(MODIFIER).includes(`RULES_DIR: ${file}:8: Unknown modifier 'soundslike'; use contains`));
  const people = spawnSync(PROGRAM ?? '', ['check', '--mask-fields', 'userNme', '--rules-dir', MODIFIER.rulesDir ?? ''], { encoding: 'utf8', env: {} });
  const both = message({ ...MODIFIER, masking: { mode: 'sha256', fields: ['userNme'] } });
  const [field, rule] = people.stdout.trim().split('\n');
  assert.equal(both, `the configuration has 2 problems:\n  masking.fields: ${field}\n  rulesDir: ${rule}`);
  assert.ok(message({ ...MODIFIER, masking: { mode: 'sha256' } }).endsWith(`\n  warning: masking.mode: ${DIGEST}`));
});

test('networks are checked as the functions check them', WITH_PROGRAM, () => {
  const networks = { 'corp-vpn': ['198.51.100.7/24'], a: ['2001:db8::/48'], b: ['2001:db8::/48'] };
  assert.equal(message({ ...SMALL, networks }), [
    'the configuration has 2 problems:',
    '  networks: NETWORKS: entry 1 has host bits; use 198.51.100.0/24',
    '  networks: NETWORKS: entry 3 has a network that has another label already; use one label for it',
  ].join('\n'));
  const text = message({ ...SMALL, networks: { a: ['10.0.0.0/8'] }, masking: { mode: 'hmac' } });
  assert.equal(text, 'no problem');
});

test('certificate authorities are read as the functions read them', WITH_PROGRAM, () => {
  const caFile = authorities('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  const text = message({ ...HUNTRESS, siem: { ...HUNTRESS.siem, caFile } });
  assert.ok(text.startsWith(`the configuration has 1 problem:\n  siem.caFile: HEC_CA_FILE: ${caFile}: certificate 1 is not valid: `), text);
});

test('rules that cannot be read are reported by file and line, as functions do', WITH_PROGRAM, () => {
  const broken = rules('[');
  assert.match(message({ ...SMALL, rulesDir: broken }), new RegExp(`^the configuration has 1 problem:\\n {2}rulesDir: RULES_DIR: ${broken}/mine.yml:\\d+: `));
});

/** A file with this content and mode. */
function file(content: string | Buffer, mode: number): string {
  const path = join(mkdtempSync(join(tmpdir(), 'sightline-program-')), 'sightline');
  writeFileSync(path, content, { mode });
  return path;
}

/** The start of an executable for RISC-V. */
const ELSEWHERE = Buffer.concat([Buffer.from('7f454c4602010100', 'hex'), Buffer.alloc(8), Buffer.from('0200f300', 'hex'), Buffer.alloc(100)]);

test('if no program can be executed, synthesis states why and the template cannot be deployed', () => {
  const bundle = mkdtempSync(join(tmpdir(), 'sightline-bundle-'));
  const reasons: [string, RegExp][] = [
    [join(bundle, 'nothing'), /nothing: does not exist$/],
    [file('', 0o644), /: is not executable$/],
    [file(ELSEWHERE, 0o755), /: is built for linux on unknown, but this is \w+ on \w+$/],
    [file('#!/bin/sh\nexit 0\n', 0o755), /: exits with code 0 and no report$/],
    [file('#!/bin/sh\necho \'{"checks":[]}\'\n', 0o755), /: exits with code 0 and no report$/],
    [file('#!/bin/sh\necho "error: unexpected argument" >&2\nexit 2\n', 0o755), /: error: unexpected argument$/],
    [file('#!/bin/sh\nkill -9 $$\n', 0o755), /: terminated by SIGKILL$/],
  ];
  for (const [program, reason] of reasons) {
    const { unchecked } = check(UNKNOWN_FIELD, { program, bundle });
    assert.match(unchecked[0] ?? '', reason);
    assert.equal(unchecked[1], `${join(bundle, 'sightline')}: does not exist`);
  }
  const { unchecked } = check(SMALL, { bundle });
  const { hub } = build(new App({ context: FLAGS }), SMALL, { bundle: NO_BUNDLE, checks: false, unchecked });
  const template = Template.fromStack(hub).toJSON();
  assert.match(template.Rules.SettingsAreChecked.Assertions[0].AssertDescription, /were not checked.*cargo xtask bundle/);
  assert.ok(!JSON.stringify(template).includes(bundle), 'the template names a folder of the machine that made it');
  const warnings = hub.node.metadata.map(({ data }) => String(data)).join('\n');
  assert.ok(warnings.includes(`${join(bundle, 'sightline')}: does not exist`), warnings);
});

test('the program next to the zips is used if the named one cannot be executed', WITH_PROGRAM, () => {
  const bundle = mkdtempSync(join(tmpdir(), 'sightline-bundle-'));
  symlinkSync(PROGRAM ?? '', join(bundle, 'sightline'));
  for (const program of [undefined, '/no/such/sightline']) {
    assert.throws(() => check(UNKNOWN_FIELD, { program, bundle }), CheckError);
    assert.deepEqual(check(SMALL, { program, bundle }).unchecked, []);
  }
});

/** Runs the app for a configuration as the CDK CLI does. */
function run(config: SightlineConfig): { readonly status: number | null; readonly stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-app-'));
  writeFileSync(join(folder, 'config.ts'), `export default ${JSON.stringify(config)};`);
  const environment = {
    PATH: process.env.PATH, SIGHTLINE_CLI: PROGRAM, CDK_OUTDIR: join(folder, 'cdk.out'),
    CDK_CONTEXT_JSON: JSON.stringify({ config: join(folder, 'config.ts'), bundle: NO_BUNDLE }),
  };
  const words = ['--require', join(__dirname, 'loaded.cjs'), '--import', 'tsx', 'bin/sightline.ts'];
  return spawnSync(process.execPath, words, { cwd: join(ROOT, 'cdk'), env: environment, encoding: 'utf8' });
}

test('a wrong configuration is reported before the CDK library is loaded', WITH_PROGRAM, () => {
  for (const config of [UNKNOWN_FIELD, MODIFIER]) {
    assert.deepEqual({ ...run(config), status: 1 }.stderr, `${message(config)}\nCDK library loaded: false\n`);
    assert.equal(run(config).status, 1);
  }
  const shape = run({ ...SMALL, regions: [] });
  assert.match(shape.stderr, /^the configuration has 1 problem:\n {2}regions: \[\] is not valid; .*\nCDK library loaded: false\n$/);
  assert.equal(shape.status, 1);
});

test('warnings are shown once and do not stop synthesis', WITH_PROGRAM, () => {
  const { status, stderr } = run({ ...UNKNOWN_NAME, ...SHA256 });
  assert.equal(status, 0, stderr);
  // The CDK library warns about the bundle later.
  assert.ok(stderr.startsWith(`warning: masking.mode: ${DIGEST}\nwarning: eventNames: ${NAME}\n`), stderr);
  assert.equal(stderr.split('eventNames').length, 2, stderr);
  assert.match(stderr, /CDK library loaded: true\n$/);
  assert.doesNotMatch(stderr, /were not checked/);
});

test('context is read as the CDK library reads it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-context-'));
  writeFileSync(join(folder, 'overflow.json'), '{"config":"b.ts","long":"text"}');
  const environments: NodeJS.ProcessEnv[] = [
    {},
    { CDK_CONTEXT_JSON: '{"config":"a.ts","bundle":"zips"}' },
    { CDK_CONTEXT_JSON: '{"config":"a.ts"}', CONTEXT_OVERFLOW_LOCATION_ENV: join(folder, 'overflow.json') },
  ];
  for (const environment of environments) {
    Object.assign(process.env, environment);
    const { node } = new App();
    for (const key of ['config', 'bundle', 'long']) assert.equal(contextText(key, environment), node.tryGetContext(key), key);
    for (const name of Object.keys(environment)) delete process.env[name];
  }
});
