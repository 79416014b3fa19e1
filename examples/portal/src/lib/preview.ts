// Preview: who holds a link of the editors is shown drafts in the place of what is public. The
// link's secret lies in a cookie that no script can read, and goes to the hub with every question
// of that reader.
import { AsyncLocalStorage } from 'node:async_hooks';

export const COOKIE = 'preview';

/** How long a browser keeps the secret, in seconds: the link can be followed again. */
export const KEPT = 3600;

/** The secret of a preview link; anything else is none. */
export const readSecret = (text: string | null | undefined): string | undefined =>
  /^gbp_[A-Za-z0-9_-]{43}$/.test(text ?? '') ? (text ?? undefined) : undefined;

const looking = new AsyncLocalStorage<string | undefined>();

/** Does `work` with the questions in it asked by whoever holds `secret`. */
export const previewing = <T>(secret: string | undefined, work: () => T): T => looking.run(secret, work);

/** What to present with a question, where it is asked for a preview. */
export const presented = (): string | undefined => looking.getStore();

/** The link is good no more: expired, revoked, or what it showed is public now. */
export class PreviewOver extends Error {}
