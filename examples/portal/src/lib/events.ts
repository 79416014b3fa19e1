// A subscription of the hub, over server-sent events: one request whose answer goes on for as long
// as both sides stay.
import type { TypedDocumentString } from '../generated/graphql';
import { settings } from './settings.mjs';

/** The hub writes something every 15 seconds; who says nothing for so long is not there. */
const SILENCE = 45_000;

/**
 * Yields nothing once, when the hub listens: what is asked from then on is not older than the
 * subscription. Then every event, until `signal` ends it. Throws when the hub stops.
 */
export async function* events<Result, Variables>(
  subscription: TypedDocumentString<Result, Variables>,
  variables: Variables,
  signal: AbortSignal,
): AsyncGenerator<Result | undefined> {
  const silent = new AbortController();
  const heard = () => setTimeout(() => silent.abort(new Error('the hub has fallen silent')), SILENCE);
  let timer = heard();
  try {
    const response = await fetch(new URL('/graphql', settings.hub), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(settings.token && { authorization: `Bearer ${settings.token}` }),
      },
      body: JSON.stringify({ query: String(subscription), variables }),
      signal: AbortSignal.any([signal, silent.signal]),
    });
    if (!response.ok || !response.body) throw new Error(`the hub answers ${response.status}`);
    yield undefined;
    let kind = '';
    for await (const line of lines(response.body)) {
      clearTimeout(timer);
      timer = heard();
      if (line.startsWith('event: ')) kind = line.slice(7);
      if (kind === 'complete') throw new Error('the hub has ended the subscription');
      if (kind !== 'next' || !line.startsWith('data: ')) continue;
      const { data, errors } = JSON.parse(line.slice(6)) as { data?: Result; errors?: unknown };
      if (!data) throw new Error(`the hub refuses: ${JSON.stringify(errors)}`);
      yield data;
    }
    throw new Error('the hub has hung up');
  } finally {
    clearTimeout(timer);
    silent.abort();
  }
}

async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  const text = new TextDecoder();
  for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
    const all = (rest + text.decode(bytes, { stream: true })).split('\n');
    rest = all.pop() ?? '';
    yield* all;
  }
}
