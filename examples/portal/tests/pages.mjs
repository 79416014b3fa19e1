// One page of each kind, by what it is: the address of those that have one by nature, those of
// the sample's documents as the hub has them.
import { ask } from './house.mjs';

/** The 18 types that come with the hub. */
export const TYPES = [
  'activity', 'clarification', 'consultation', 'dataRelease', 'emergency', 'interpretation',
  'interview', 'leader', 'letter', 'news', 'notice', 'organisation', 'overview', 'policyDocument',
  'pressConference', 'serviceGuide', 'survey', 'topic',
];

/** A document of each type in Chinese: type, path, title. */
export async function documents(hub) {
  const aliases = TYPES.map((type) => `${type}: documents(site: "lanqiao", type: ${type}, first: 1) { nodes { path title } }`);
  const found = await ask(hub, `{ ${aliases.join('\n')} }`);
  return TYPES.map((type) => ({ type, ...found[type].nodes[0] }));
}

export const POLICY = '/policy/housing/2026/elevator-subsidy';
export const MOVED_POLICY = '/policy/services/2026/guides';
export const WITHDRAWN = '/notices/traffic/2026/nanhe-bridge';

/** The address of the earlier text of the policy that moved. */
export async function earlierText(hub) {
  const { document } = await ask(hub, `{ document(site: "lanqiao", path: "${MOVED_POLICY}") { history { number publishedAt } } }`);
  const first = document.history.find(({ number }) => number === 1);
  return `${MOVED_POLICY}?asOf=${encodeURIComponent(first.publishedAt)}`;
}

/** Pages of every kind: name, address, status. */
export async function everyKind(hub) {
  const of = (name, path, status = 200) => ({ name, path, status });
  return [
    of('home', '/'),
    of('home in English', '/en/'),
    of('column', '/policy'),
    of('column of leaders', '/about/leaders'),
    of('column in English', '/en/services'),
    of('site map', '/columns'),
    of('search', `/search?${new URLSearchParams({ q: '加装电梯' })}`),
    of('search in English', '/en/search?q=lift'),
    of('search with nothing found', `/search?${new URLSearchParams({ q: '天方夜谭' })}`),
    of('empty search', '/search'),
    ...(await documents(hub)).map(({ type, path }) => of(type, path)),
    of('document in English', `/en${POLICY}`),
    of('service guide in English', '/en/services/elevator-subsidy'),
    of('earlier text', await earlierText(hub)),
    of('what changed', `${MOVED_POLICY}?difference=1..2`),
    of('withdrawn document', WITHDRAWN),
    of('not found', '/no/such/page', 404),
    of('refused leaving', '/leaving?to=https%3A%2F%2Fbank.example%2F', 400),
  ];
}
