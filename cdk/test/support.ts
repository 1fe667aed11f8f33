import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { build, Built } from '../lib/app';
import { FLAGS } from '../lib/flags';
import { SightlineConfig } from '../lib/config';

export const ROOT = join(__dirname, '..', '..');

/** The smallest configuration. */
export const SMALL: SightlineConfig = {
  account: '111122223333',
  region: 'eu-west-1',
  trail: { objectLockDays: 30 },
  siem: { profile: 'splunk', url: 'https://hec.siem.example:8088' },
};

export const HUNTRESS: SightlineConfig = { ...SMALL, siem: { profile: 'huntress', url: 'https://hec.siem.example/services/collector/event' } };

/** Firehose and `firehose-relay`, for a collector without acknowledgments. */
export const RELAY: SightlineConfig = { ...HUNTRESS, routes: { stream: 'firehose' }, stream: { relayConcurrency: 'unbounded' } };

export const EXISTING: SightlineConfig = {
  ...SMALL,
  trail: { existing: { bucketName: 'acme-trail', logGroupName: 'acme/trail', keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/0a1b' } },
};

/** A folder without zips, so that templates do not depend on what was built. */
export const NO_BUNDLE = join(__dirname, 'no-bundle');

export type Resource = { Type: string; Properties: any; Metadata?: any; DeletionPolicy?: string; DependsOn?: string[] };
export type Resources = Record<string, Resource>;

export function built(config: SightlineConfig): Built {
  return build(new App({ context: FLAGS }), config, { bundle: NO_BUNDLE, checks: false });
}

export interface Synthesized {
  readonly hub: Resources;
  readonly regionForwarders: Resources[];
  readonly json: any;
}

/** The templates of a configuration. */
export function synthesize(config: SightlineConfig): Synthesized {
  const { hub, regionForwarders } = built(config);
  const json = Template.fromStack(hub).toJSON();
  return { hub: json.Resources as Resources, regionForwarders: regionForwarders.map((stack) => Template.fromStack(stack).toJSON().Resources as Resources), json };
}

const templates = new Map<string, Synthesized>();

/** The templates of a configuration, synthesized once for all tests of the process. */
export function synth(config: SightlineConfig): Synthesized {
  const key = JSON.stringify(Object.entries(config).sort());
  const made = templates.get(key) ?? synthesize(config);
  templates.set(key, made);
  return made;
}

export function ofType(resources: Resources, type: string): Resource[] {
  return Object.values(resources).filter((resource) => resource.Type === type);
}

export function one(resources: Resources, type: string, where: (properties: any) => boolean = () => true): any {
  const found = ofType(resources, type).filter(({ Properties }) => where(Properties));
  if (found.length !== 1) throw new Error(`${found.length} of ${type}, not one`);
  return found[0]?.Properties;
}

export function repository(...path: string[]): string {
  return readFileSync(join(ROOT, ...path), 'utf8');
}
