import assert from 'node:assert/strict';
import test from 'node:test';
import { resolveConfig, SightlineConfig } from '../lib/config';
import { warnings } from '../lib/warnings';
import organization from '../examples/organization';
import { EXAMPLES } from './examples';

const said = (config: SightlineConfig): string[] => warnings(resolveConfig(config)).map(({ id, text }) => `${id} ${text}`);

test('synthesis warns that Firehose delivers to Splunk from outside the VPC of the functions', () => {
  assert.match(said(organization)[0] ?? '', /^sightline:firehose-is-outside-the-vpc vpc: .* Firehose delivers to https:\/\/hec\.acme\.example:8088 over the internet/);
  assert.deepEqual(said({ ...organization, siem: { ...organization.siem, acks: false } }), []);
  assert.deepEqual(said({ ...organization, routes: { stream: false } }), []);
  for (const [name, config] of Object.entries(EXAMPLES)) if (config.vpc === undefined) assert.deepEqual(said(config), [], name);
});
