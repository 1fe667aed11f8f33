import type { z } from 'zod';
import type { CONFIG } from './schema';
import type { EXISTING_TRAIL, NEW_TRAIL } from './schema/trail';

type DeepReadonly<T> = T extends readonly (infer Element)[]
  ? readonly DeepReadonly<Element>[]
  : T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** The configuration, as a user writes it. */
export type SightlineConfig = DeepReadonly<z.input<typeof CONFIG>>;

/** A trail that Sightline creates. */
export type NewTrail = DeepReadonly<z.input<typeof NEW_TRAIL>>;
/** An existing trail. */
export type ExistingTrail = DeepReadonly<z.input<typeof EXISTING_TRAIL>>;

export type Siem = SightlineConfig['siem'];
export type StreamConfig = NonNullable<SightlineConfig['stream']>;
export type Masking = NonNullable<SightlineConfig['masking']>;
export type VpcConfig = NonNullable<SightlineConfig['vpc']>;
export type VpcEndpoints = NonNullable<VpcConfig['endpoints']>;
/** Protected resources, by the keys of `OWN_RESOURCES`: names, or a number of days. */
export type OwnResources = Readonly<Record<string, readonly string[] | number>>;

/** Checks the type of a configuration where it is written. */
export function sightline(config: SightlineConfig): SightlineConfig {
  return config;
}
