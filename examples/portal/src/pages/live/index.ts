// Tells browsers, by server-sent events, when the notices of the site are others than those they
// show (`?seen=`). What they say is at live/notices.
import type { APIRoute } from 'astro';
import { current, listen, listening } from '../../lib/live';
import { settings } from '../../lib/settings.mjs';

/** How often something is written where nothing happens: less than proxies wait. */
const BEAT = 20_000;
/** Bytes that may wait for a reader who takes nothing. */
const UNREAD = 4_096;

const text = new TextEncoder();

export const GET: APIRoute = async ({ request, url }) => {
  if (listening() >= settings.listeners) {
    return new Response(null, { status: 503, headers: { 'Retry-After': '60' } });
  }
  const seen = url.searchParams.get('seen');
  let leave = () => {};
  const body = new ReadableStream<Uint8Array>(
    {
      async start(controller) {
        let told = seen;
        const close = () => {
          leave();
          try {
            controller.close();
          } catch {
            // The reader was quicker.
          }
        };
        const put = (line: string) => {
          if ((controller.desiredSize ?? 0) < 0) return close();
          controller.enqueue(text.encode(`${line}\n\n`));
        };
        const tell = (version: string) => {
          if (version === told) return;
          told = version;
          put(`id: ${version}\nevent: notices\ndata: ${version}`);
        };
        const beat = setInterval(() => put(':'), BEAT);
        const deaf = listen(tell);
        leave = () => {
          clearInterval(beat);
          deaf();
        };
        request.signal.addEventListener('abort', close, { once: true });
        put(':');
        // What happened between the page and this connection.
        await current().then(({ version }) => tell(version), close);
      },
      cancel: () => leave(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: UNREAD }),
  );
  return new Response(body, {
    headers: {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // What nginx is told not to hold back.
      'X-Accel-Buffering': 'no',
    },
  });
};
