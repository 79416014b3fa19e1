// The notices of the site as they are at this moment, followed once for all readers of this
// portal: however many of them listen, the hub has one listener here. Browsers never reach the
// hub, so it needs no address of its own, and its limit of listeners from one address is none.
//
// What is followed is a state, not what led to it: after every connection it is read anew, so
// nothing that happened in between is missed. That the time of a notice has come is no event of
// the hub; it says beforehand when that will be.
import { setTimeout as wait } from 'node:timers/promises';
import { NoticesChangedDocument, NoticesDocument, type NoticesQuery } from '../generated/graphql';
import { events } from './events';
import { ask } from './hub';
import { versionOf, type SiteNotice } from './notices';
import { previewing } from './preview';
import { settings } from './settings.mjs';

/** What the site tells now. */
export interface Now {
  notices: readonly SiteNotice[];
  /** Host names of the other sites of the hub. */
  neighbours: NoticesQuery['sites'];
  version: string;
}

/** Until the hub is called again, at first and at most, in milliseconds. */
const FIRST = 1_000;
const MOST = 30_000;
/** No timer lasts longer; what is further off is looked at again. */
const FURTHEST = 3_600_000;

const listeners = new Set<(version: string) => void>();
let following: AbortController | undefined;
/** The subscription stands: what was read last is what is. */
let isFresh = false;
let now: Now | undefined;
let due: NodeJS.Timeout | undefined;
let turn = 0;

/** What the site tells now: without asking, where it is followed. */
export async function current(): Promise<Now> {
  return isFresh && now ? now : (await read()).now;
}

/** Hears of every change of what the site tells, until it is called back. */
export function listen(hear: (version: string) => void): () => void {
  listeners.add(hear);
  if (!following) {
    following = new AbortController();
    void follow(following.signal);
  }
  return () => {
    if (!listeners.delete(hear) || listeners.size > 0) return;
    following?.abort();
    following = undefined;
    isFresh = false;
    clearTimeout(due);
  };
}

/** How many listen. */
export const listening = (): number => listeners.size;

async function follow(signal: AbortSignal): Promise<void> {
  let pause = FIRST;
  while (!signal.aborted) {
    try {
      for await (const _ of events(NoticesChangedDocument, { site: settings.site }, signal)) {
        await refresh(signal);
        isFresh = true;
        pause = FIRST;
      }
    } catch (failure) {
      if (signal.aborted) return;
      console.error(`live: ${failure instanceof Error ? failure.message : String(failure)}`);
    }
    isFresh = false;
    // Not all portals of a hub that was away call at the same moment.
    await wait(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    pause = Math.min(pause * 2, MOST);
  }
}

/** Reads what the site tells, and says so to all where it is something else. */
async function refresh(signal: AbortSignal): Promise<void> {
  const mine = ++turn;
  const found = await read();
  // Somebody asked later and was quicker, or nobody listens any more.
  if (mine !== turn || signal.aborted) return;
  const before = now?.version;
  now = found.now;
  clearTimeout(due);
  if (found.next !== undefined) {
    // The clocks of both may differ a little: the hub is asked again a moment later, not before.
    const pause = Math.max(FIRST, Math.min(FURTHEST, found.next - Date.now() + 200));
    due = setTimeout(() => refresh(signal).catch(() => (isFresh = false)), pause);
  }
  if (before !== now.version) listeners.forEach((hear) => hear(found.now.version));
}

/** What the hub says now, to the public, and when that will be something else by the clock. */
async function read(): Promise<{ now: Now; next: number | undefined }> {
  const { site, sites } = await previewing(undefined, () => ask(NoticesDocument, {}));
  const all = site?.notices ?? [];
  const notices = all.filter(({ inForce }) => inForce);
  const moments = all.flatMap(({ inForce, startsAt, endsAt }) => (inForce ? endsAt : startsAt) ?? []);
  const next = moments.length > 0 ? Math.min(...moments.map((moment) => Date.parse(moment))) : undefined;
  return { now: { notices, neighbours: sites, version: versionOf(notices) }, next };
}
