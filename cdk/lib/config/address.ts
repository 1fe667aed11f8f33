import { Shape } from './shape';

/** What is accepted for the address of a collector. */
const ACCEPTED = 'an https URL without a user name, a password or a token in it (http on this machine)';

/** Names of query parameters that hold what nobody may read. */
const SECRETS = /token|key|secret|auth|pass|pwd|credential|^sig(nature)?$/i;

/**
 * The address of a collector. A token in it would end in templates and environments, so that it is
 * refused, and no fault shows the address.
 */
export const address: Shape = (key, value) => {
  const fault = faultOf(value);
  return fault ? [{ key, fault, accepted: ACCEPTED }] : [];
};

function faultOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return value === undefined ? 'is missing' : 'is no text';
  const url = parsed(value);
  if (!url) return 'is no URL of a host';
  const local = url.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname);
  if (url.protocol !== 'https:' && !local) return `is a URL with ${url.protocol}//`;
  if (url.username || url.password) return 'has a user name or a password in it';
  if (url.hash || value.includes('#')) return 'has a fragment, which no collector sees';
  const named = [...url.searchParams.keys()].find((name) => SECRETS.test(name));
  return named === undefined ? undefined : `has ${JSON.stringify(named)} in its query, which is for the secret alone`;
}

/** `URL` takes much that is none: `https:host`, blanks, backslashes, port 0. */
function parsed(value: string): URL | undefined {
  if (!/^https?:\/\/[^\s/?#\\]+([/?#][^\s\\]*)?$/.test(value) || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.hostname === '' || url.port === '0' ? undefined : url;
}
