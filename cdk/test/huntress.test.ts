import assert from 'node:assert/strict';
import test from 'node:test';
import huntress from '../examples/huntress';
import { ofType, RELAY, synth } from './support';

/** Every statement that allows access, of all policies and permissions of a template. */
function principals(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(principals);
  if (typeof value !== 'object' || value === null) return [];
  const { Effect, Principal, ...rest } = value as Record<string, unknown>;
  // A denial for all principals allows nothing.
  const found = Effect === 'Deny' || Principal === undefined ? [] : [Principal];
  return [...found, ...Object.values(rest).flatMap(principals)];
}

const allows = (principal: unknown): boolean => /"\*"/.test(JSON.stringify([principal]));

test('Huntress has no public URL, and no policy allows all principals', () => {
  const { hub, regionForwarders } = synth(huntress);
  for (const resources of [hub, ...regionForwarders]) {
    const found = principals(resources);
    assert.ok(found.length > 5);
    assert.deepEqual(found.filter(allows), []);
    assert.deepEqual(ofType(resources, 'AWS::Lambda::Url'), []);
    assert.deepEqual(ofType(resources, 'AWS::KinesisFirehose::DeliveryStream'), []);
  }
});

test('the test above would find the relay, whose URL is public', () => {
  const { hub } = synth(RELAY);
  assert.equal(ofType(hub, 'AWS::Lambda::Url').length, 1);
  assert.ok(principals(hub).filter(allows).length > 0);
});
