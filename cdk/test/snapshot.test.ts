import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { EXAMPLES } from './examples';
import { ROOT, SMALL, synth } from './support';

const SNAPSHOT = join(__dirname, 'snapshots', 'small.json');

test('the template of the smallest configuration is unchanged; UPDATE_SNAPSHOT=1 updates the snapshot', () => {
  const made = `${JSON.stringify(synth(SMALL).json, null, 1)}\n`;
  if (process.env.UPDATE_SNAPSHOT) writeFileSync(SNAPSHOT, made);
  assert.deepEqual(JSON.parse(made), JSON.parse(readFileSync(SNAPSHOT, 'utf8')));
});

test('every example is tested', () => {
  const files = readdirSync(join(ROOT, 'cdk', 'examples')).map((file) => file.replace(/\.ts$/, ''));
  assert.deepEqual(files.sort(), Object.keys(EXAMPLES).sort());
});

test('Huntress is three settings and one secret', () => {
  const { huntress } = EXAMPLES;
  assert.ok(huntress);
  assert.deepEqual(Object.keys(huntress), ['region', 'trail', 'siem']);
  const secrets = Object.values(synth(huntress).hub).filter(({ Type, Properties }) => Type === 'AWS::SecretsManager::Secret' && !Properties.GenerateSecretString);
  assert.deepEqual(secrets.map(({ Properties }) => Properties.Name), ['sightline/hec-token']);
});

test('no template contains a token, a key or a password', () => {
  for (const config of Object.values(EXAMPLES)) {
    assert.doesNotMatch(JSON.stringify(synth(config).json), /"(HECToken|SecretString|AccessKey|Password)"/);
  }
});
