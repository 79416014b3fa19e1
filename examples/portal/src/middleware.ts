// Around every answer: how this reader wants pages to look, headers that keep others out, and a
// page of our own when the hub does not answer.
import { defineMiddleware } from 'astro:middleware';
import { HubUnavailable, Refused } from './lib/hub';
import { COOKIE, readPreferences } from './lib/preferences';
import { COOKIE as PREVIEW, PreviewOver, previewing, readSecret } from './lib/preview';
import { settings } from './lib/settings.mjs';

const files = settings.files ? ` ${settings.files}` : '';

// One script, of our own, for the live parts: no page needs it. `astro dev` brings its own, and
// styles within pages.
const policy = [
  "default-src 'none'",
  ...(import.meta.env.DEV
    ? ["script-src 'self' 'unsafe-inline'", "style-src 'self' 'unsafe-inline'"]
    : ["script-src 'self'", "style-src 'self'"]),
  "connect-src 'self'",
  `img-src 'self'${files}`,
  `media-src 'self'${files}`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join('; ');

export const onRequest = defineMiddleware(async (context, next) => {
  context.locals.preferences = readPreferences(context.cookies.get(COOKIE)?.value);
  const secret = readSecret(context.cookies.get(PREVIEW)?.value);
  context.locals.isPreview = secret !== undefined;
  let response: Response;
  try {
    response = await previewing(secret, next);
  } catch (failure) {
    if (failure instanceof PreviewOver) {
      context.cookies.delete(PREVIEW, { path: '/' });
      const to = new URLSearchParams({ to: context.url.pathname + context.url.search });
      return context.redirect(`/preview?${to}`, 303);
    }
    if (failure instanceof Refused && ['BAD_CURSOR', 'IN_THE_FUTURE'].includes(failure.code)) {
      // A page of a list that is no more, or a text that is still to come: to what there is now.
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
  if (secret || context.url.pathname.startsWith('/preview')) {
    // A draft is kept by nobody, and neither its address nor that of the link is told on. What the
    // hub says of its files stands.
    if (!context.url.pathname.startsWith('/assets/')) headers.set('Cache-Control', 'private, no-store');
    headers.set('X-Robots-Tag', 'noindex, nofollow');
    headers.set('Referrer-Policy', 'no-referrer');
  }
  return response;
});
