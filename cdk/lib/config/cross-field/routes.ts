import { acknowledges, destinationOf, streamRouteOf } from '../defaults';
import { Problem } from '../problem';
import { SightlineConfig } from '../types';
import { problem, problemsIn } from './rules';

/** Routes that do not fit together, and details of routes that are off. */
export function routeProblems(config: SightlineConfig): Problem[] {
  const { routes: { s3, fast: fastRoute } = {}, fast, regions, stream } = config;
  const route = streamRouteOf(config);
  const partial = s3 === 'off' || s3 === 'oversize-only' || s3 === 'gaps';
  return problemsIn([
    partial && !route && problem('routes.s3', `is ${s3}, but there is no stream route, so most events would not be delivered`, 'use full, or routes.stream: firehose or direct'),
    s3 === 'full' && !!route && problem('routes.s3', 'is full, but there is a stream route, so every event would be delivered and billed twice', 'use oversize-only or off, or routes.stream: false'),
    route !== 'firehose' && stream !== undefined
      && problem('stream', `is set, but it is only for Firehose and routes.stream is ${route}`, 'remove it, or use routes.stream: firehose'),
    fastRoute === false && fast !== undefined && problem('fast', 'is set, but the fast route is off', 'remove it, or use routes.fast: true'),
    fastRoute === false && regions !== undefined && problem('regions', 'is set, but the fast route is off', 'remove it, or use routes.fast: true'),
  ]);
}

/** Details of Firehose that its destination does not support. */
export function streamProblems(config: SightlineConfig): Problem[] {
  if (streamRouteOf(config) !== 'firehose') return [];
  const partitioned = config.stream?.dynamicPartitioning === true;
  return [
    ...destinationProblems(config),
    ...(destinationOf(config) === 'splunk' ? splunkProblems(config) : relayProblems(config)),
    ...problemsIn([
      partitioned && problem('stream.dynamicPartitioning', 'is true, but neither Splunk nor an HTTP endpoint supports it, and it forbids a buffer of 0 seconds', 'remove it'),
    ]),
  ];
}

function destinationProblems(config: SightlineConfig): Problem[] {
  if (config.stream?.destination !== 'splunk') return [];
  const { profile } = config.siem;
  return problemsIn([
    !acknowledges(config) && problem('stream.destination', 'is splunk, but Firehose delivers to Splunk only with acknowledgments', 'use relay, or siem.acks: true'),
    profile !== 'splunk' && problem('stream.destination', `is splunk, but the profile is ${profile}`, 'use relay, or siem.profile: splunk'),
  ]);
}

function splunkProblems({ siem, stream = {} }: SightlineConfig): Problem[] {
  const key = stream.url === undefined ? 'siem.url' : 'stream.url';
  const { pathname, protocol } = new URL(stream.url ?? siem.url);
  return problemsIn([
    stream.relayConcurrency !== undefined && problem('stream.relayConcurrency', 'is set, but destination splunk has no relay', 'remove it'),
    // The Splunk destination has no property for certificates (AWS::KinesisFirehose::DeliveryStream
    // SplunkDestinationConfiguration). Unproven: it trusts public authorities only.
    stream.url === undefined && siem.caFile !== undefined
      && problem('siem.caFile', 'is set, but Firehose, which delivers to siem.url, cannot use it', 'remove it, use routes.stream: direct or false, or set a stream.url with a public certificate'),
    pathname !== '/' && problem(key, `has the path ${pathname}, but Firehose appends a path itself`, 'use scheme, host and port only'),
    protocol !== 'https:' && problem(key, 'has the scheme http, but Firehose delivers from outside this machine', 'use an https URL, or siem.acks: false'),
    (stream.bufferSeconds ?? 0) > 60 && problem('stream.bufferSeconds', `${stream.bufferSeconds} is not valid with destination splunk`, 'use a whole number from 0 to 60'),
  ]);
}

function relayProblems({ stream = {} }: SightlineConfig): Problem[] {
  return problemsIn([
    stream.relayConcurrency === undefined
      && problem('stream.relayConcurrency', 'missing, and destination relay has a function URL that anyone can invoke',
        'use a whole number from 2 to 1000, or unbounded; routes.stream: direct has no URL'),
    stream.url !== undefined && problem('stream.url', 'is set, but destination relay delivers to siem.url', 'remove it'),
    // Firehose may exceed the buffer by a record of 1,000 KiB, and base64 adds a third. Firehose gives up a request at
    // once if Lambda answers 413.
    (stream.bufferMegabytes ?? 1) > 3
      && problem('stream.bufferMegabytes', `${stream.bufferMegabytes} is not valid with destination relay: with one more record, base64-encoded, it exceeds the 6 MB that Lambda accepts`, 'use a whole number from 1 to 3'),
  ]);
}
