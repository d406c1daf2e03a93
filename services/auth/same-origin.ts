/** Did our own page send this request? A cookie travels with requests that other sites' pages start; this tells them apart. */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Judges by `Sec-Fetch-Site`, else by `Origin` against `Host`.
 *
 * @returns `same` from our page, `cross` from another site's, `unknown` when the client (not a browser) says neither.
 */
export function requestOrigin(headers: IncomingHttpHeaders): 'same' | 'cross' | 'unknown' {
  const site = headers['sec-fetch-site'];
  if (typeof site === 'string') return site === 'same-origin' ? 'same' : 'cross';
  const { origin, host } = headers;
  if (origin === undefined) return 'unknown';
  if (host === undefined || !URL.canParse(origin)) return 'cross';
  return new URL(origin).host === host.toLowerCase() ? 'same' : 'cross';
}
