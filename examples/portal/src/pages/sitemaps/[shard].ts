import type { APIRoute } from 'astro';
import { handOn } from '../../lib/hand-on';
import { settings } from '../../lib/settings.mjs';

export const GET: APIRoute = (context) =>
  handOn(`/sites/${settings.site}/sitemaps/${encodeURIComponent(context.params['shard'] ?? '')}`)(context);
