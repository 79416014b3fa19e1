// Sets how pages look, and goes back to the page. A form of any other site changes nothing.
import type { APIRoute } from 'astro';
import { COOKIE, pageOfOurs, readPreferences, writePreferences } from '../lib/preferences';

export const POST: APIRoute = async ({ request, cookies, locals, redirect, url }) => {
  const form = await request.formData();
  const word = (name: string): string => String(form.get(name) ?? '');
  const sender = request.headers.get('sec-fetch-site');
  if (sender === null || sender === 'same-origin' || sender === 'none') {
    const { text, contrast } = locals.preferences;
    const wanted = readPreferences(`${word('text') || text}.${word('contrast') || contrast}`);
    cookies.set(COOKIE, writePreferences(wanted), {
      path: '/',
      maxAge: 365 * 24 * 3600,
      sameSite: 'lax',
      httpOnly: true,
      secure: url.protocol === 'https:',
    });
  }
  return redirect(pageOfOurs(word('back')), 303);
};
