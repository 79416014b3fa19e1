// What every part of a page has to know: its language, its words, and which hosts are of the
// same government.
import { wordsOf, type Language } from './language';
import type { Neighbours } from './links';
import type { Words } from './words';

export interface Here {
  language: Language;
  w: Words;
  neighbours: Neighbours;
}

export const here = (language: Language, neighbours: Neighbours): Here => ({
  language,
  w: wordsOf(language),
  neighbours,
});
