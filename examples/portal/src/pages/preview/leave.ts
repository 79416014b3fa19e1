// The way out of a preview: forgets the link, and goes back to the page as the public has it.
import type { APIRoute } from 'astro';
import { pageOfOurs } from '../../lib/preferences';
import { COOKIE } from '../../lib/preview';

export const POST: APIRoute = async ({ request, cookies, redirect }) => {
  const form = await request.formData();
  cookies.delete(COOKIE, { path: '/' });
  return redirect(pageOfOurs(String(form.get('back') ?? '')), 303);
};
