// Around every answer: how this reader wants pages to look, headers that keep others out, and a
// page of our own when the hub does not answer.
import { defineMiddleware } from 'astro:middleware';
import { HubUnavailable, Refused } from './lib/hub';
import { COOKIE, readPreferences } from './lib/preferences';
import { settings } from './lib/settings.mjs';

const files = settings.files ? ` ${settings.files}` : '';

// No script at all: nothing here needs one. `astro dev` brings its own, and styles within pages.
const policy = [
  "default-src 'none'",
  ...(import.meta.env.DEV
    ? ["script-src 'self' 'unsafe-inline'", "style-src 'self' 'unsafe-inline'", "connect-src 'self'"]
    : ["style-src 'self'"]),
  `img-src 'self'${files}`,
  `media-src 'self'${files}`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join('; ');

export const onRequest = defineMiddleware(async (context, next) => {
  context.locals.preferences = readPreferences(context.cookies.get(COOKIE)?.value);
  let response: Response;
  try {
    response = await next();
  } catch (failure) {
    if (failure instanceof Refused && failure.code === 'BAD_CURSOR') {
      // A link to a page of a list that is no more: to its beginning.
      return context.redirect(context.url.pathname, 302);
    }
    if (!(failure instanceof HubUnavailable)) throw failure;
    console.error(`${context.url.pathname}: ${failure.message}`);
    response = await context.rewrite('/unavailable');
  }
  const { headers } = response;
  headers.set('X-Content-Type-Options', 'nosniff');
  headers.set('Referrer-Policy', 'strict-origin-when-cross-origin');
  if (headers.get('Content-Type')?.startsWith('text/html')) {
    headers.set('Content-Type', 'text/html; charset=utf-8');
    headers.set('Content-Security-Policy', policy);
    headers.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=()');
    headers.set('Cross-Origin-Opener-Policy', 'same-origin');
    // Pages hold how a reader wants them to look, and nothing that was recalled may be shown
    // again: the hub keeps answers, and knows when they stop being right.
    headers.set('Cache-Control', 'private, no-cache');
  }
  return response;
});
