import { concurrency } from './concurrency';
import { environment } from './environment';
import { network } from './network';
import { misplaced } from './places';
import { ExistingTrail, NewTrail, SightlineConfig } from './types';
import { Problem } from './shape';

/** Whether the trail is there already. */
export function adopts(trail: NewTrail | ExistingTrail): trail is ExistingTrail {
  return 'existing' in trail;
}

/** What cannot be true together, in a configuration whose values are right one by one. */
export function contradictions(config: SightlineConfig): Problem[] {
  return [
    ...misplaced(config, streams(config) === 'firehose' ? destination(config) : undefined),
    ...siem(config), ...sink(config), ...routes(config), ...stream(config), ...trail(config), ...masking(config), ...accounts(config),
    ...network(config), ...environment(config), ...concurrency(config, streams(config)),
  ];
}

/** Whether events are acknowledged, defaults included. */
export function acknowledges(config: SightlineConfig): boolean {
  return config.siem.acks ?? config.siem.profile === 'splunk';
}

/** What Firehose delivers to, defaults included. */
export function destination({ stream, siem }: SightlineConfig): 'splunk' | 'relay' {
  return stream?.destination ?? (siem.profile === 'splunk' && siem.acks !== false && siem.sink !== 'logs' ? 'splunk' : 'relay');
}

/** How the stream route runs, defaults included: Firehose where it can deliver by itself or is configured. */
export function streams(config: SightlineConfig): 'firehose' | 'direct' | false {
  const chosen = config.routes?.stream;
  if (chosen === undefined) return config.stream !== undefined || destination(config) === 'splunk' ? 'firehose' : 'direct';
  return chosen === true ? 'firehose' : chosen;
}

type Found = (Problem | false)[];

function problem(key: string, fault: string, accepted: string): Problem {
  return { key, fault, accepted };
}

function only(found: Found): Problem[] {
  return found.filter((one) => one !== false);
}

function siem({ siem, stream }: SightlineConfig): Problem[] {
  const huntress = siem.profile === 'huntress';
  const queried = Object.entries({ 'siem.url': siem.url, 'stream.url': stream?.url })
    .filter(([, url]) => siem.profile === 'splunk' && url !== undefined && new URL(url).search !== '')
    .map(([key]) => problem(key, 'has a query, which Splunk reads a token from and nothing else', 'a URL without one'));
  return only([
    ...queried,
    huntress && siem.acks === true && problem('siem.acks', 'is true with profile huntress, which has no acknowledgements', 'false, or leave it out'),
    huntress && siem.index !== undefined && problem('siem.index', 'is set with profile huntress, which takes no index', 'leave it out'),
    huntress && siem.annotate === 'fields' && problem('siem.annotate', 'is fields with profile huntress, which takes no fields', 'event or off'),
    siem.secretKeyArn !== undefined && siem.secretArn === undefined
      && problem('siem.secretKeyArn', 'is the key of no secret', 'leave it out, or name the secret in siem.secretArn'),
  ]);
}

/** What sink `logs` does not have. */
function sink({ siem }: SightlineConfig): Problem[] {
  const { sink = 'hec', profile, acks, index, batch, organizationId } = siem;
  if (sink === 'hec') {
    return only([organizationId !== undefined && problem('siem.organizationId', 'is set with sink hec, which sends none', 'leave it out, or siem.sink: logs')]);
  }
  return only([
    profile === 'splunk' && problem('siem.sink', 'is logs with profile splunk, whose protocol is HEC', 'hec, or siem.profile: generic'),
    acks === true && problem('siem.acks', 'is true with sink logs, which has no acknowledgments', 'false, or leave it out'),
    index !== undefined && problem('siem.index', 'is set with sink logs, which has no index', 'leave it out'),
    /\/v1\/logs\/?$/.test(new URL(siem.url).pathname) && problem('siem.url', 'ends in /v1/logs, which is added to it', 'the address before /v1/logs'),
    batch !== undefined && problem('siem.batch', 'is set with sink logs, whose requests have one form', 'leave it out'),
  ]);
}

function routes(config: SightlineConfig): Problem[] {
  const { routes: chosen = {}, fast, regions, stream } = config;
  const route = streams(config);
  return only([
    chosen.s3 === 'gaps' && !route && problem('routes.s3', 'is gaps without a stream route, so that most events would go nowhere', 'full, or routes.stream: firehose or direct'),
    chosen.s3 === 'full' && !!route && problem('routes.s3', 'is full next to a stream route, so that every event would be delivered and paid twice', 'gaps or off, or routes.stream: false'),
    chosen.s3 === 'off' && !route && problem('routes.s3', 'is off without a stream route, so that most events would go nowhere', 'full, or routes.stream: firehose or direct'),
    route !== 'firehose' && stream !== undefined
      && problem('stream', `is set with routes.stream: ${route}, and is for Firehose alone`, 'leave it out, or routes.stream: firehose'),
    chosen.fast === false && fast !== undefined && problem('fast', 'is set without a fast route', 'leave it out, or routes.fast: true'),
    chosen.fast === false && regions !== undefined && problem('regions', 'is set without a fast route', 'leave it out, or routes.fast: true'),
  ]);
}

function stream(config: SightlineConfig): Problem[] {
  if (streams(config) !== 'firehose') return [];
  const chosen = (config.stream ?? {}) as SightlineConfig['stream'] & { dynamicPartitioning?: boolean };
  const acks = acknowledges(config);
  const splunk = destination(config) === 'splunk';
  const address = chosen.url === undefined ? 'siem.url' : 'stream.url';
  const { pathname: path, protocol } = new URL(chosen.url ?? config.siem.url);
  return only([
    chosen.destination === 'splunk' && !acks && problem('stream.destination', 'is splunk without acknowledgements, which Firehose refuses there', 'relay, or siem.acks: true'),
    chosen.destination === 'splunk' && config.siem.profile !== 'splunk'
      && problem('stream.destination', `is splunk with profile ${config.siem.profile}`, 'relay, or siem.profile: splunk'),
    splunk && chosen.relayConcurrency !== undefined && problem('stream.relayConcurrency', 'is set with destination splunk, which has no relay', 'leave it out'),
    !splunk && chosen.relayConcurrency === undefined
      && problem('stream.relayConcurrency', 'is missing, and destination relay has a function URL that anybody can invoke',
        'a whole number from 2 to 1000, or unbounded; or routes.stream: direct, which has no URL'),
    // The Splunk destination has no property for certificates (AWS::KinesisFirehose::DeliveryStream
    // SplunkDestinationConfiguration). Unproven: it trusts public authorities only.
    splunk && chosen.url === undefined && config.siem.caFile !== undefined
      && problem('siem.caFile', 'is set, and Firehose, which delivers to siem.url, cannot use it', 'leave it out; or routes.stream: direct or false, or a stream.url with a public certificate'),
    !splunk && chosen.url !== undefined && problem('stream.url', 'is set with destination relay, which delivers to siem.url', 'leave it out'),
    splunk && path !== '/' && problem(address, `has the path ${path}, and Firehose appends one of its own`, 'scheme, host and port alone'),
    splunk && protocol !== 'https:' && problem(address, 'is a URL with http, and Firehose delivers from elsewhere', 'an https URL, or siem.acks: false'),
    splunk && (chosen.bufferSeconds ?? 0) > 60 && problem('stream.bufferSeconds', `is ${chosen.bufferSeconds} with destination splunk`, 'a whole number from 0 to 60'),
    // Firehose may overshoot by a record of 1,000 KiB, and base64 makes four thirds of it. What Lambda
    // refuses with 413 Firehose gives up at once.
    !splunk && (chosen.bufferMegabytes ?? 1) > 3
      && problem('stream.bufferMegabytes', `is ${chosen.bufferMegabytes} with destination relay: with a record more and as base64 that passes the 6 MB that Lambda takes`, 'a whole number from 1 to 3'),
    chosen.dynamicPartitioning === true
      && problem('stream.dynamicPartitioning', 'is true, which forbids buffering of 0 seconds and which neither Splunk nor an HTTP endpoint has', 'leave it out'),
  ]);
}

/** What the names of the log groups of Sightline's own functions and stream begin with. */
const OWN_LOG_GROUPS = (name: string): readonly string[] => [`/aws/lambda/${name}-`, `/aws/kinesisfirehose/${name}`];

function trail(config: SightlineConfig): Problem[] {
  const { trail, name = 'sightline', eventCategories: wanted = [] } = config;
  if (adopts(trail)) {
    const group = trail.existing.logGroupName;
    const none = streams(config) !== false && group === undefined;
    const own = OWN_LOG_GROUPS(name).some((start) => group?.startsWith(start));
    return only([
      none && problem('trail.existing.logGroupName', 'is missing, and the stream route reads it', 'the name of the trail\'s log group, or routes.stream: false'),
      own && problem('trail.existing.logGroupName', `is ${group}, a log group of Sightline itself, whose every line would make the next`, 'the name of the trail\'s log group'),
    ]);
  }
  return only([
    wanted.includes('Data') && trail.dataEvents === undefined && problem('eventCategories', 'has Data, and the trail records no data events', 'other categories, or trail.dataEvents'),
    wanted.includes('Insight') && trail.insights !== true && problem('eventCategories', 'has Insight, and the trail has no Insights', 'other categories, or trail.insights: true'),
    wanted.includes('NetworkActivity') && problem('eventCategories', 'has NetworkActivity, which a trail that is created here does not record', 'other categories, or an existing trail'),
    trail.expireDays !== undefined && trail.objectLockDays !== 'choose' && trail.expireDays < trail.objectLockDays
      && problem('trail.expireDays', `is ${trail.expireDays}, less than objectLockDays`, `a whole number from ${trail.objectLockDays} to 36500`),
  ]);
}

function masking({ masking }: SightlineConfig): Problem[] {
  if (!masking) return [];
  const set = masking.fields !== undefined || masking.scope !== undefined;
  return only([
    masking.mode !== 'hmac' && masking.keySecretArn !== undefined
      && problem('masking.keySecretArn', `is set with mode ${masking.mode}, which has no key`, 'leave it out, or mode: hmac'),
    masking.secretKeyArn !== undefined && masking.keySecretArn === undefined
      && problem('masking.secretKeyArn', 'is the key of no secret', 'leave it out, or name the secret in masking.keySecretArn'),
    masking.mode === 'off' && set && problem('masking.mode', 'is off, with fields or scope set', 'hmac or sha256, or leave fields and scope out'),
  ]);
}

function accounts({ region, regions, fast, account }: SightlineConfig): Problem[] {
  const others = fast?.accounts;
  return only([
    regions !== undefined && !regions.includes(region) && problem('regions', `lacks the home Region ${region}`, `a list with ${region} in it`),
    others !== undefined && account === undefined && problem('account', 'is missing, and the hub has to be known to fast.accounts', 'an account id: 12 digits'),
    account !== undefined && others?.includes(account) === true && problem('fast.accounts', 'has the hub\'s own account in it', 'other accounts'),
  ]);
}
