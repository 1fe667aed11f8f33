import { ResolvedConfig } from './config';

/** What a configuration does that somebody may not expect. Nothing is wrong with it. */
export interface Warning {
  /** Id under which it can be acknowledged. */
  readonly id: string;
  readonly text: string;
}

/** Everything that synthesis warns of in a configuration that is accepted. */
export function warnings({ vpc, routes, stream, siem }: ResolvedConfig): Warning[] {
  if (!vpc || routes.stream !== 'firehose' || stream.destination !== 'splunk') return [];
  // Amazon Data Firehose Developer Guide, "Controlling access", section "Access to Splunk in VPC".
  return [{
    id: 'sightline:firehose-is-outside-the-vpc',
    text: `vpc: the functions are in it, Firehose is not. It delivers to ${stream.url || siem.url} over the internet, so that Splunk needs a public address `
      + 'there and has to let the addresses of Firehose in. Where it has none: routes.stream: direct.',
  }];
}
