// Where links lead: to pages of ours, to other sites of the government, or out of it by way of
// the leaving notice.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { rootOf, type Language } from './language';
import { settings } from './settings.mjs';

/** Host names of the other sites of the hub. */
export type Neighbours = readonly { domain: string }[];

interface Linked {
  path: string | null;
  url: string | null;
  site?: { key: string } | null;
}

/** The address of a document: its path on our site, else where it stands. */
export const hrefOf = (document: Linked): string =>
  (document.site && document.site.key !== settings.site ? document.url : document.path) ?? '/';

/** The address of a column. */
export const columnHref = (language: Language, path: string): string => `${rootOf(language)}/${path}`;

/** An address that may be gone to by a link: http or https, of a host, and of no user. */
export function webAddress(text: string): URL | undefined {
  if (text.length > 2048 || /[\u0000-\u0020\\]/.test(text)) return undefined;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  return isWeb && url.hostname && !url.username && !url.password ? url : undefined;
}

/** Whether a host is the government's: a site of the hub, or below one of the names set. */
export function isGovernment(host: string, neighbours: Neighbours): boolean {
  const below = (name: string) => host === name || host.endsWith(`.${name}`);
  return settings.governmentHosts.some(below) || neighbours.some(({ domain }) => host === domain);
}

const signature = (address: string): string =>
  createHmac('sha256', settings.key).update(address).digest('base64url').slice(0, 22);

/**
 * Whether this portal made the link to the leaving notice: the notice stands under a
 * government's name, so it only leads where one of the portal's own texts does.
 */
export function isOurs(address: string, by: string): boolean {
  const given = Buffer.from(by);
  const right = Buffer.from(signature(address));
  return given.length === right.length && timingSafeEqual(given, right);
}

/** What to link to for an address in a text of ours: itself, or the notice before it. */
export function outbound(language: Language, address: string, neighbours: Neighbours): string | undefined {
  if (/^(\/(?!\/)|#|mailto:|tel:)/.test(address)) return address;
  const url = webAddress(address);
  if (!url) return undefined;
  if (url.origin === settings.files || isGovernment(url.hostname, neighbours)) return url.href;
  const query = new URLSearchParams({ to: url.href, by: signature(url.href) });
  return `${rootOf(language)}/leaving?${query}`;
}

const entities: Record<string, string> = { amp: '&', quot: '"', lt: '<', gt: '>', '#39': "'" };
const decode = (text: string): string =>
  text.replace(/&(amp|quot|lt|gt|#39);/g, (_, name: string) => entities[name] ?? '');
const encode = (text: string): string => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;');

/**
 * The HTML of a text with its links led through the notice. The hub writes HTML in one form
 * (attributes in double quotes), so that looking for them is safe. Headings go one level down
 * where the text stands below a heading of its own (`below`).
 */
export function withNotices(
  language: Language,
  html: string,
  neighbours: Neighbours,
  below = 0,
): string {
  const linked = html.replace(/(<a\b[^>]*? href=")([^"]*)(")/g, (whole, before, href, after) => {
    const target = outbound(language, decode(href), neighbours);
    return target === undefined ? whole : `${before}${encode(target)}${after}`;
  });
  // Wide tables scroll by themselves, and can be reached by the keyboard for it.
  const scrolled = linked
    .replace(/<table\b/g, '<div class="scroll" role="group" tabindex="0" aria-label="' + (language === 'en' ? 'Table' : '表格') + '"><table')
    .replace(/<\/table>/g, '</table></div>');
  if (below === 0) return scrolled;
  return scrolled.replace(/(<\/?h)([1-6])(?=[\s>])/g, (_, tag: string, level: string) =>
    `${tag}${Math.min(6, Number(level) + below)}`,
  );
}
