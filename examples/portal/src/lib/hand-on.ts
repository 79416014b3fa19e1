// Files, feeds and sitemaps stand under the site's own host and come from the hub as they are.
// In front of a portal a proxy does the same with less work; this makes one that stands alone
// complete.
import type { APIRoute } from 'astro';
import { settings } from './settings.mjs';

const ASKED = ['range', 'if-range', 'if-none-match', 'if-modified-since', 'accept'];
const ANSWERED = [
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-length',
  'content-range',
  'content-security-policy',
  'content-type',
  'etag',
  'last-modified',
  'location',
  'x-content-type-options',
];

function some(headers: Headers, names: readonly string[]): Headers {
  const kept = new Headers();
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  return kept;
}

/** Hands a request on to the same address of the hub, or to `path`. */
export const handOn =
  (path?: string): APIRoute =>
  async ({ request, url }) => {
    const headers = some(request.headers, ASKED);
    // As it lies there: what is decompressed on the way would not fit its length.
    headers.set('accept-encoding', 'identity');
    try {
      const answer = await fetch(new URL((path ?? url.pathname) + url.search, settings.hub), {
        method: request.method,
        headers,
        redirect: 'manual',
        // Until the head is there; a large file may take its time.
        signal: request.signal,
      });
      return new Response(answer.body, { status: answer.status, headers: some(answer.headers, ANSWERED) });
    } catch (failure) {
      console.error(`${url.pathname}: ${String(failure)}`);
      return new Response(null, { status: 502 });
    }
  };
