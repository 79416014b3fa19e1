// A document as its page sees it: which columns lead to it, what belongs to it.
import type { PageFragment } from '../generated/graphql';
import type { Words } from './words';

export type Page = PageFragment;
export type TypeName = Page['__typename'];
/** The page of one content type. */
export type PageOf<Name extends TypeName> = Extract<Page, { __typename: Name }>;
/** What is linked to: enough to show a line and to get there. */
export type Linked = Pick<
  Page,
  'contentId' | 'title' | 'typeLabel' | 'url' | 'path' | 'site' | 'firstPublishedAt' | 'originallyPublishedAt'
> & { documentNumber?: string | null };

export interface Relation {
  title: string;
  links: readonly Linked[];
}

type Links = readonly Linked[] | Linked | null | undefined;

/** What a document is tied to by the fields of its type, under the names people know. */
export function relationsOf(document: Page, w: Words): Relation[] {
  const relations: [string, Links][] = (() => {
    switch (document.__typename) {
      case 'PolicyDocument':
        return [
          [w.explanations, document.interpretations],
          [w.guides, document.serviceGuides],
          [w.pressConferences, document.pressConferences],
          [w.consultations, document.consultations],
          [w.implements, document.implements],
          [w.basedOn, document.basedOn],
          [w.amends, document.amends],
          [w.repeals, document.repeals],
          [w.amendedBy, document.amendedBy],
          [w.repealedBy, document.repealedBy],
          [w.implementedBy, document.implementedBy],
          [w.basisOf, document.basisOf],
          [w.clarifications, document.clarifications],
        ];
      case 'ServiceGuide':
        return [[w.legalBasis, document.basedOn]];
      case 'PressConference':
        return [[w.about, document.about], [w.about, document.onEmergency]];
      case 'Consultation':
        return [[w.resultedIn, document.resultedIn]];
      case 'Emergency':
        return [[w.pressConferences, document.pressConferences]];
      case 'Clarification':
        return [[w.clarifies, document.clarifies]];
      case 'News':
        return [[w.inReport, document.leaders]];
      case 'Leader':
        return [[w.organisation, document.organisation], [w.activities, document.activities]];
      case 'Organisation':
        return [
          [w.leaders, document.leadership],
          [w.parent, document.parent],
          [w.subordinates, document.subordinates],
        ];
      default:
        return [];
    }
  })();
  return relations
    .map(([title, links]): Relation => ({ title, links: links ? [links].flat() as Linked[] : [] }))
    .filter(({ links }) => links.length > 0);
}

/** Related documents that no other part of the page shows. */
export function furtherLinks(document: Page, relations: readonly Relation[]): Linked[] {
  const shown = new Set(relations.flatMap(({ links }) => links.map(({ contentId }) => contentId)));
  shown.add(document.contentId);
  if (document.__typename === 'Topic') document.items?.forEach(({ contentId }) => shown.add(contentId));
  if (document.__typename === 'Interpretation') document.interprets?.forEach(({ contentId }) => shown.add(contentId));
  return document.related.filter(({ contentId }) => !shown.has(contentId));
}

/** The headings of the page, where there are enough of them to be worth a list. */
export function contentsOf(document: Page, w: Words): { level: number; id: string; text: string }[] {
  if (document.__typename === 'ServiceGuide') {
    const parts: [string, string, unknown[] | null][] = [
      ['conditions', w.conditions, [document.conditions]],
      ['situations', w.situations, document.situations],
      ['materials', w.materials, document.materials],
      ['stages', w.stages, document.stages],
      ['windows', w.windows, document.windows],
      ['basis', w.legalBasis, [document.legalBasis]],
      ['questions', w.questions, document.questions],
    ];
    return parts.filter(([, , items]) => items?.length).map(([id, text]) => ({ level: 2, id, text }));
  }
  const headings = 'body' in document ? (document.body?.headings ?? []) : [];
  return headings.length >= 3 ? headings : [];
}

export const keywordsOf = (document: Page): readonly string[] =>
  ('keywords' in document && document.keywords) || [];
