// The notices of the site as a page shows them.
import { createHash } from 'node:crypto';
import type { SiteNoticeFragment } from '../generated/graphql';

export type SiteNotice = SiteNoticeFragment;

const mark = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16);

/** Tells one state of a notice from all others. */
export const keyOf = ({ id, kind, severity, text, link }: SiteNotice): string =>
  mark([id, kind, severity, text.zh, text.en, link]);

/** Tells what all notices together say now from what they said before. */
export const versionOf = (notices: readonly SiteNotice[]): string => mark(notices.map(keyOf));

/** What readers are interrupted for, and what they are told when they have a moment. */
export const isUrgent = ({ severity }: SiteNotice): boolean => severity === 'red' || severity === 'orange';
