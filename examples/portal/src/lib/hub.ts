// The one way to the hub: a question of src/queries in, its answer out, with a limit of time.
import type { TypedDocumentString } from '../generated/graphql';
import type { Both } from './language';
import { presented, PreviewOver } from './preview';
import { settings } from './settings.mjs';

/** The hub did not answer, or not with an answer. */
export class HubUnavailable extends Error {}

/** The hub refused the question for something in it that the reader can change. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly explanation: Both,
  ) {
    super(explanation.en);
  }
}

interface Answer<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string; message?: Both } }[];
}

/** Refusals that concern what the reader typed or which link was followed. */
const OF_THE_READER = new Set(['BAD_ARGUMENT', 'BAD_CURSOR', 'IN_THE_FUTURE', 'NOT_INDEXED']);

const headers: Record<string, string> = {
  'content-type': 'application/json',
  accept: 'application/json',
  ...(settings.token && { authorization: `Bearer ${settings.token}` }),
};

const texts = new WeakMap<object, string>();

/** The text of a question without its indentation: half the bytes. */
function textOf(question: object): string {
  let text = texts.get(question);
  if (text === undefined) {
    text = String(question).replace(/\s+/g, ' ').trim();
    texts.set(question, text);
  }
  return text;
}

export async function ask<Result, Variables>(
  question: TypedDocumentString<Result, Variables>,
  variables: Omit<Variables, 'site'>,
): Promise<Result> {
  let answer: Answer<Result>;
  let isOver = false;
  const secret = presented();
  try {
    const response = await fetch(new URL('/graphql', settings.hub), {
      method: 'POST',
      headers: secret ? { ...headers, authorization: `Bearer ${secret}` } : headers,
      body: JSON.stringify({
        query: textOf(question),
        variables: { site: settings.site, ...variables },
      }),
      signal: AbortSignal.timeout(settings.timeout),
    });
    isOver = secret !== undefined && response.status === 401;
    answer = (await response.json()) as Answer<Result>;
  } catch (cause) {
    throw new HubUnavailable(`no answer from ${settings.hub.origin}`, { cause });
  }
  if (isOver) throw new PreviewOver();
  const error = answer.errors?.[0];
  const code = error?.extensions?.code;
  if (error && code && OF_THE_READER.has(code)) {
    throw new Refused(code, error.extensions?.message ?? { zh: error.message, en: error.message });
  }
  // Half an answer is not shown: what is missing might be the notice that a text is withdrawn.
  if (error || !answer.data) {
    throw new HubUnavailable(`${code ?? 'no data'}: ${error?.message ?? ''}`);
  }
  return answer.data;
}
