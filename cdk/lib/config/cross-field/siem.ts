import { Problem, shown } from '../problem';
import { maskedPrefixOf } from '../schema/networks';
import { SightlineConfig } from '../types';
import { problem, problemsIn } from './rules';

/** What the profile of the collector does not support. */
export function siemProblems({ siem, stream }: SightlineConfig): Problem[] {
  const huntress = siem.profile === 'huntress';
  const withQuery = Object.entries({ 'siem.url': siem.url, 'stream.url': stream?.url })
    .filter(([, url]) => siem.profile === 'splunk' && url !== undefined && new URL(url).search !== '')
    .map(([key]) => problem(key, 'has a query, from which Splunk reads only a token', 'remove the query'));
  return [
    ...withQuery,
    ...problemsIn([
      huntress && siem.acks === true && problem('siem.acks', 'is true, but profile huntress has no acknowledgments', 'remove it or use false'),
      huntress && siem.index !== undefined && problem('siem.index', 'is set, but profile huntress has no index', 'remove it'),
      huntress && siem.annotate === 'fields' && problem('siem.annotate', 'is fields, but profile huntress ignores fields', 'use event or off'),
      siem.secretKeyArn !== undefined && siem.secretArn === undefined
        && problem('siem.secretKeyArn', 'is set without siem.secretArn', 'remove it, or name the secret in siem.secretArn'),
    ]),
  ];
}

/** What each sink does not support. */
export function sinkProblems({ siem }: SightlineConfig): Problem[] {
  const { sink = 'hec', profile, acks, index, batch, organizationId } = siem;
  if (sink === 'hec') {
    return problemsIn([organizationId !== undefined && problem('siem.organizationId', 'is set, but sink hec does not send it', 'remove it, or use siem.sink: logs')]);
  }
  return problemsIn([
    profile === 'splunk' && problem('siem.sink', 'is logs, but the protocol of profile splunk is HEC', 'use hec, or siem.profile: generic'),
    acks === true && problem('siem.acks', 'is true, but sink logs has no acknowledgments', 'remove it or use false'),
    index !== undefined && problem('siem.index', 'is set, but sink logs has no index', 'remove it'),
    /\/v1\/logs\/?$/.test(new URL(siem.url).pathname) && problem('siem.url', 'ends in /v1/logs, which is appended to it', 'use the URL before /v1/logs'),
    batch !== undefined && problem('siem.batch', 'is set, but sink logs has one request format', 'remove it'),
  ]);
}

/** Networks that would name hosts, which masking hides. */
export function networkProblems({ masking, networks = {} }: SightlineConfig): Problem[] {
  if (!masking || masking.mode === 'off') return [];
  return Object.entries(networks).flatMap(([label, cidrs]) => cidrs.flatMap((cidr, at) => {
    const longest = maskedPrefixOf(cidr);
    return longest === undefined ? [] : problem(`networks.${label}[${at}]`, `${shown(cidr)} would name hosts that are masked`, `use /${longest} or shorter`);
  }));
}

/** Keys of masking that the mode does not use. */
export function maskingProblems({ masking }: SightlineConfig): Problem[] {
  if (!masking) return [];
  const { mode, fields, scope, keySecretArn, secretKeyArn } = masking;
  return problemsIn([
    mode !== 'hmac' && keySecretArn !== undefined && problem('masking.keySecretArn', `is set, but mode ${mode} has no key`, 'remove it, or use mode: hmac'),
    secretKeyArn !== undefined && keySecretArn === undefined
      && problem('masking.secretKeyArn', 'is set without masking.keySecretArn', 'remove it, or name the secret in masking.keySecretArn'),
    mode === 'off' && (fields !== undefined || scope !== undefined)
      && problem('masking.mode', 'is off, but fields or scope is set', 'use hmac or sha256, or remove fields and scope'),
  ]);
}
