import { isIPv4, isIPv6 } from 'node:net';
import * as z from 'zod';
import { list, text } from '../kinds';
import { shown } from '../problem';
import schema from '../../../../schema/settings.json';

const { max, maxLabelLength, maxMaskedPrefixes, reservedLabel } = schema.networks;

const LABEL = new RegExp(`^[a-z0-9-]{1,${maxLabelLength}}$`);
const EXPECTED = 'an object of labels with lists of networks';

/** The prefix length of a network in CIDR notation; `undefined` if it is not one. */
function prefixOf(cidr: string): number | undefined {
  const [, address = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const bits = isIPv4(address) ? 32 : isIPv6(address) && !address.includes('%') ? 128 : -1;
  return prefix !== '' && Number(prefix) <= bits ? Number(prefix) : undefined;
}

/** The longest prefix that names no host, if a network has a longer one. */
export function maskedPrefixOf(cidr: string): number | undefined {
  const longest = cidr.includes(':') ? maxMaskedPrefixes.ipv6 : maxMaskedPrefixes.ipv4;
  return (prefixOf(cidr) ?? 0) > longest ? longest : undefined;
}

/** Networks by label as the setting `NETWORKS`. */
export function networksText(networks: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(networks).flatMap(([label, cidrs]) => cidrs.map((cidr) => `${label}=${cidr}`)).join(',');
}

const CIDR = text(/\//, 'a network in CIDR notation, such as 198.51.100.0/24 or 2001:db8::/48', (cidr) => prefixOf(cidr) !== undefined);

/** Networks by label, for the annotation `src_network`. Host bits are left to `sightline check`. */
export const NETWORKS = z.record(z.string(), list(CIDR), { error: EXPECTED }).superRefine((networks, context) => {
  const refuse = (path: string[], message: string, expected: string) =>
    context.addIssue({ code: 'custom', path, message: expected, params: { message } });
  for (const label of Object.keys(networks)) {
    if (label === reservedLabel) refuse([label], 'this label marks addresses outside all networks', 'another label');
    else if (!LABEL.test(label)) refuse([label], `the label ${shown(label)} is not valid`, `1 to ${maxLabelLength} of a-z, 0-9 and hyphens`);
  }
  const count = Object.values(networks).flat().length;
  if (count === 0) refuse([], 'contains no network', 'at least one network, or remove the key');
  if (count > max) refuse([], `contains ${count} networks`, `at most ${max}`);
});
