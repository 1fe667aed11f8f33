import * as z from 'zod';

const EXPECTED = 'an https URL without user name, password or token (http is accepted for localhost)';

/** Names of query parameters that hold a secret. */
const SECRETS = /token|key|secret|auth|pass|pwd|credential|^sig(nature)?$/i;

/**
 * The URL of a collector. It is written to templates and environments, so a URL with a token is refused, and no
 * message shows the URL.
 */
export const collectorUrl = z.custom<string>().superRefine((value, context) => {
  const message = problemWith(value);
  if (message) context.addIssue({ code: 'custom', message: EXPECTED, params: { message } });
});

function problemWith(value: unknown): string | undefined {
  if (typeof value !== 'string') return value === undefined ? 'missing' : 'not a string';
  const url = parse(value);
  if (!url) return 'not a valid URL';
  const local = url.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname);
  if (url.protocol !== 'https:' && !local) return `has the scheme ${url.protocol}//`;
  if (url.username || url.password) return 'contains a user name or a password';
  if (url.hash || value.includes('#')) return 'has a fragment, which is never sent to a collector';
  const secret = [...url.searchParams.keys()].find((name) => SECRETS.test(name));
  return secret === undefined ? undefined : `has the query parameter ${JSON.stringify(secret)}, which belongs in the secret`;
}

/** The class `URL` accepts much that is not a valid address: `https:host`, blanks, backslashes, port 0. */
function parse(value: string): URL | undefined {
  if (!/^https?:\/\/[^\s/?#\\]+([/?#][^\s\\]*)?$/.test(value) || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.hostname === '' || url.port === '0' ? undefined : url;
}
