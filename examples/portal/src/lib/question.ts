// From the address of a page to what the hub is asked.
import type { ShellFragment } from '../generated/graphql';
import type { Page } from './document';
import { rootOf, type Language } from './language';
import { settings } from './settings.mjs';

/** Which page of a list: after a cursor, before one, or the first. */
export function cursors(query: URLSearchParams): {
  first?: number;
  after?: string;
  last?: number;
  before?: string;
} {
  const before = query.get('before');
  if (before) return { last: settings.page, before };
  const after = query.get('after');
  return after ? { first: settings.page, after } : { first: settings.page };
}

/** A moment of the past, if it is one. */
export function moment(text: string | null): string | undefined {
  if (!text || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) || Number.isNaN(Date.parse(text))) return undefined;
  return text;
}

/** Two editions of a document, `1..2`, the older one first. */
export function twoEditions(text: string | null): { from: number; to: number } | undefined {
  const [, one, other] = /^([1-9]\d{0,5})\.\.([1-9]\d{0,5})$/.exec(text ?? '') ?? [];
  if (!one || !other || one === other) return undefined;
  const numbers = [Number(one), Number(other)] as const;
  return { from: Math.min(...numbers), to: Math.max(...numbers) };
}

/** The column that a path may name. The hub refuses to look for what cannot be one. */
export function columnAt(rest: string): { column: string; mayBeColumn: boolean } {
  const column = rest.replace(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  const mayBeColumn = column.length <= 200 && /^[a-z0-9-]+(\/[a-z0-9-]+){0,7}$/.test(column);
  return { column, mayBeColumn };
}

/** The same page in the other language: the translation of a document, else the same column. */
export function otherLanguage(
  site: ShellFragment,
  language: Language,
  rest: string,
  document: Pick<Page, 'translations'> | undefined,
): string | undefined {
  if (site.locales.length < 2) return undefined;
  const other: Language = language === 'en' ? 'zh' : 'en';
  if (!document) return `${rootOf(other)}/${rest}`;
  const translation = document.translations.find(({ locale, document: { site: at, path } }) =>
    (locale === 'en') === (other === 'en') && path && at?.key === settings.site,
  );
  return translation?.document.path ?? `${rootOf(other)}/`;
}
