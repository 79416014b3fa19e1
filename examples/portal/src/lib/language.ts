// Two languages of the interface, Chinese at the root and English below /en, as the hub makes
// the paths of documents. A site with one language has no /en.
import { chinese, english, type Words } from './words';

export type Language = 'zh' | 'en';

/** A text of the hub in both languages. */
export interface Both {
  zh: string;
  en: string;
}

/** The language of an address, and the path below the root of that language. */
export function languageOf(pathname: string): { language: Language; rest: string } {
  const english = /^\/en(?:\/|$)/.test(pathname);
  const rest = (english ? pathname.slice(3) : pathname).replace(/\/+$/, '');
  return { language: english ? 'en' : 'zh', rest: rest.replace(/^\/+/, '') };
}

/** The tag that the hub knows the language by; none for the main language of the site. */
export const tagOf = (language: Language): string | undefined =>
  language === 'en' ? 'en' : undefined;

/** Where a language begins: `` or `/en`, without a slash at the end. */
export const rootOf = (language: Language): string => (language === 'en' ? '/en' : '');

export const wordsOf = (language: Language): Words => (language === 'en' ? english : chinese);

/** The text in one language; where that was left empty, in the other. */
export function say(language: Language, both: Both | null | undefined): string {
  if (!both) return '';
  return language === 'en' ? both.en || both.zh : both.zh || both.en;
}

/** Whether a locale of the hub is Chinese: its pages are set with other type. */
export const htmlLang = (language: Language): string => (language === 'en' ? 'en' : 'zh-CN');
