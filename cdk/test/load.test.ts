import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { FileError, load } from '../lib/config/load';
import { ROOT } from './support';

const folder = mkdtempSync(join(tmpdir(), 'sightline-config-'));

/** The message about a file with this text. */
async function said(text: string, name = `${Math.random().toString(36).slice(2)}.ts`): Promise<string> {
  writeFileSync(join(folder, name), text);
  return refusal(join(folder, name));
}

async function refusal(file: string): Promise<string> {
  const error = await load(file).then(() => new Error('no problem'), (wrong: unknown) => wrong);
  assert.ok(error instanceof FileError, String(error));
  assert.ok(error.message.startsWith(`${file}: `), error.message);
  assert.match(error.message, /^[^\n]+; use a TypeScript file with a configuration as its default export/);
  return error.message.slice(file.length + 2);
}

test('a file without a configuration is reported in one line', async () => {
  assert.match(await refusal(join(folder, 'none.ts')), /^does not exist;/);
  assert.match(await refusal(folder), /^not a file;/);
  assert.match(await said('export const config = {};'), /^has no default export;/);
  assert.match(await said('export default undefined;'), /^has no default export;/);
  assert.match(await said('export default null;'), /^exports null;/);
  assert.match(await said('export default 7;'), /^exports 7;/);
  assert.match(await said('throw new Error("no\\nluck");'), /^cannot be loaded \(no luck\);/);
  assert.match(await said('export default {'), /^cannot be loaded \(.+\);/);
  assert.match(await said('export { x as default } from "./nowhere";'), /^cannot be loaded \(.+\);/);
});

test('the default export is returned', async () => {
  assert.deepEqual(Object.keys(await load(join(ROOT, 'cdk', 'examples', 'huntress.ts'))), ['region', 'trail', 'siem']);
  writeFileSync(join(folder, 'plain.cjs'), 'module.exports = { region: "eu-west-1" };');
  assert.deepEqual(await load(join(folder, 'plain.cjs')), { region: 'eu-west-1' });
});
