import { ResolvedConfig } from './config';

/** An effect of a valid configuration that may be unexpected. */
export interface Warning {
  /** Id with which it can be acknowledged. */
  readonly id: string;
  readonly text: string;
}

/** The warnings about a valid configuration. */
export function warnings({ vpc, routes, stream, siem }: ResolvedConfig): Warning[] {
  if (!vpc || routes.stream !== 'firehose' || stream.destination !== 'splunk') return [];
  // Amazon Data Firehose Developer Guide, "Controlling access", section "Access to Splunk in VPC".
  return [{
    id: 'sightline:firehose-is-outside-the-vpc',
    text: `vpc: only the functions run in the VPC. Firehose delivers to ${stream.url || siem.url} over the internet, so Splunk needs a public address `
      + 'and must allow the addresses of Firehose. If it has none, use routes.stream: direct.',
  }];
}
