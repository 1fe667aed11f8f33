import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { crc32 } from './crc32';
import { deflateRawSync } from 'node:zlib';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { build } from '../lib/app';
import { SightlineConfig } from '../lib/config';
import { FLAGS } from '../lib/flags';
import { packageFunction } from '../lib/package';
import { processorOf, readZipEntry } from '../lib/zip';
import { isExample } from '../lib/deployment-guards';
import standard from '../sightline.config';
import { NO_BUNDLE, SMALL } from './support';

const MACHINES = { x86_64: 0x3e, arm64: 0xb7, riscv: 0xf3 };

function executable(machine: keyof typeof MACHINES): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32BE(0x7f454c46, 0);
  bytes.writeUInt16LE(MACHINES[machine], 18);
  return bytes;
}

/** A zip with one deflated file, like those of `cargo xtask bundle`. */
function zipped(name: string, content: Buffer): Buffer {
  const packed = deflateRawSync(content);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, Buffer.alloc(14), Buffer.from(name)]);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

function bundle(machine: keyof typeof MACHINES, name = 'bootstrap'): string {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-bundle-'));
  for (const program of ['firehose-transform', 'firehose-relay', 'event-forwarder', 's3-forwarder']) {
    writeFileSync(join(folder, `${program}.zip`), zipped(name, executable(machine)));
  }
  return folder;
}

test('the program is extracted from the zip unchanged', () => {
  const content = executable('arm64');
  assert.deepEqual(readZipEntry(zipped('bootstrap', content), 'bootstrap'), content);
  assert.deepEqual([executable('x86_64'), content, executable('riscv'), Buffer.from('#!/bin/sh')].map(processorOf), ['x86_64', 'arm64', 'unknown', 'unknown']);
});

test('a package contains the program, the protected resources and the rules', () => {
  const rulesDir = mkdtempSync(join(tmpdir(), 'sightline-rules-'));
  writeFileSync(join(rulesDir, 'mine.yml'), 'title: Mine\n');
  const caFile = join(rulesDir, 'mine.yml');
  const { folder, stub } = packageFunction({ name: 's3-forwarder', bundle: bundle('x86_64'), architecture: 'x86_64', protectedResources: { log_buckets: ['a'] }, rulesDir, caFile });
  assert.equal(stub, false);
  assert.deepEqual(readdirSync(folder).sort(), ['bootstrap', 'ca.pem', 'own-resources.json', 'rules']);
  assert.equal(readFileSync(join(folder, 'ca.pem'), 'utf8'), 'title: Mine\n');
  assert.equal(statSync(join(folder, 'bootstrap')).mode & 0o777, 0o755);
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'own-resources.json'), 'utf8')), { log_buckets: ['a'] });
  assert.deepEqual(readdirSync(join(folder, 'rules')), ['mine.yml']);
});

test('a zip for another processor, or a file that is not a zip, stops synthesis', () => {
  const refuse = (folder: string, architecture: 'x86_64' | 'arm64') => () => packageFunction({ name: 's3-forwarder', bundle: folder, architecture });
  assert.throws(refuse(bundle('arm64'), 'x86_64'), /architecture: is x86_64, but \S+s3-forwarder\.zip is for arm64; use arm64, or a zip built by "cargo xtask bundle" on x86_64/);
  assert.throws(refuse(bundle('x86_64'), 'arm64'), /architecture: is arm64, but \S+ is for x86_64; use x86_64, or a zip/);
  assert.throws(refuse(bundle('riscv'), 'x86_64'), /is for unknown; use a zip/);
  assert.throws(refuse(bundle('x86_64', 'main'), 'x86_64'), /contains no file bootstrap; use a zip built by "cargo xtask bundle"/);
  const broken = mkdtempSync(join(tmpdir(), 'sightline-bundle-'));
  writeFileSync(join(broken, 's3-forwarder.zip'), 'not a zip');
  assert.throws(refuse(broken, 'x86_64'), /not a zip; use/);
});

/** Rules that make CloudFormation reject a template regardless of its parameters. */
function refusals(from: string, config: SightlineConfig): string[] {
  const template = Template.fromStack(build(new App({ context: FLAGS }), config, { bundle: from, checks: false }).hub).toJSON();
  const rules = Object.entries((template.Rules ?? {}) as Record<string, any>);
  return rules.filter(([, { Assertions }]) => isDeepStrictEqual(Assertions[0].Assert, { 'Fn::Equals': ['unfinished', 'finished'] })).map(([name]) => name);
}

test('a stub states what to do, and only stubs prevent a deployment', () => {
  const { folder, stub } = packageFunction({ name: 's3-forwarder', bundle: NO_BUNDLE, architecture: 'x86_64' });
  assert.equal(stub, true);
  assert.match(readFileSync(join(folder, 'bootstrap'), 'utf8'), /cargo xtask bundle[\s\S]*exit 1/);
  const real: SightlineConfig = { ...SMALL, siem: { ...SMALL.siem, url: 'https://hec.acme.net:8088' } };
  assert.deepEqual(refusals(NO_BUNDLE, real), ['FunctionsAreBuilt']);
  assert.deepEqual(refusals(bundle('x86_64'), real), []);
});

test('an undecided configuration is synthesized, but cannot be deployed', () => {
  const shipped = standard as SightlineConfig;
  assert.deepEqual(refusals(bundle('x86_64'), shipped), ['AddressIsReal', 'ObjectLockIsChosen']);
  const decided = { ...shipped, siem: { ...shipped.siem, url: 'https://hec.acme.net:8088' }, trail: { objectLockDays: 1 } };
  assert.deepEqual(refusals(bundle('x86_64'), decided), []);
  for (const url of ['https://hec.acme.example', 'https://example.com/x', 'https://a.example.org']) assert.ok(isExample(url), url);
  for (const url of ['https://example.acme.net', 'https://hec.huntress.io/services/collector/event', 'http://127.0.0.1:8088']) assert.ok(!isExample(url), url);
});
