// What the search page asks the hub, out of its address.
import { SearchDocument, SearchFormDocument, type DocumentType, type SearchQuery, type SearchFormQuery } from '../generated/graphql';
import { ask, Refused } from './hub';
import { tagOf, type Both, type Language } from './language';
import { isType } from './types';

export interface Search {
  words: string;
  type: DocumentType | undefined;
  year: number | undefined;
  page: SearchFormQuery;
  result?: SearchQuery['search'];
  refusal?: Both;
}

/** A year of Beijing time as moments. */
const during = (year: number) => ({
  gte: new Date(Date.UTC(year, 0, 1, -8)).toISOString(),
  lt: new Date(Date.UTC(year + 1, 0, 1, -8)).toISOString(),
});

export async function search(query: URLSearchParams, language: Language): Promise<Search> {
  const words = (query.get('q') ?? '').trim();
  const given = query.get('type');
  const type = isType(given) ? given : undefined;
  const year = /^\d{4}$/.test(query.get('year') ?? '') ? Number(query.get('year')) : undefined;
  const asked = { words, type, year };
  if (words === '') return { ...asked, page: await ask(SearchFormDocument, {}) };
  try {
    const page = await ask(SearchDocument, {
      locale: tagOf(language),
      query: words,
      type,
      listedAt: year === undefined ? undefined : during(year),
      after: query.get('after') || undefined,
    });
    return { ...asked, page, result: page.search };
  } catch (refusal) {
    if (!(refusal instanceof Refused) || refusal.code === 'BAD_CURSOR') throw refusal;
    return { ...asked, page: await ask(SearchFormDocument, {}), refusal: refusal.explanation };
  }
}
