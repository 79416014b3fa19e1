// Every kind of page answers with the status it should, and says in its head and headers what
// has to be said there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bureau, hub, portal } from './house.mjs';
import { documents, earlierText, everyKind, MOVED_POLICY, POLICY, TYPES, WITHDRAWN } from './pages.mjs';

const get = (path, init = {}) => fetch(new URL(path, init.at ?? portal), { redirect: 'manual', ...init });
const text = async (path, init) => (await get(path, init)).text();

for (const { name, path, status } of await everyKind(hub)) {
  test(`${name} answers ${status}`, async () => {
    const response = await get(path);
    const html = await response.text();
    assert.equal(response.status, status);
    assert.match(html, /<h1[ >]/);
    assert.doesNotMatch(html, /\b(undefined|NaN)\b|\[object Object\]/);
  });
}

test('the sample has a document of every type', async () => {
  const found = await documents(hub);
  assert.deepEqual(found.filter(({ path }) => path).map(({ type }) => type), TYPES);
});

test('a document shows its title and its page tags', async () => {
  for (const { path, title } of await documents(hub)) {
    const html = await text(path);
    const plain = html.replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');
    assert.ok(plain.includes(`${title}</h1>`), path);
    for (const tag of ['SiteName', 'SiteDomain', 'SiteIDCode', 'ColumnName', 'ColumnType', 'ArticleTitle', 'PubDate', 'ContentSource', 'Url']) {
      assert.match(html, new RegExp(`<meta name="${tag}" content="[^"]+">`), `${path} ${tag}`);
    }
    assert.match(html, /<meta name="PubDate" content="\d{4}-\d\d-\d\d \d\d:\d\d">/);
    assert.match(html, /<link rel="canonical" href="https:\/\/[a-z.]+\.gov\.example\/[^"]+">/);
    assert.match(html, /<script type="application\/ld\+json">/);
  }
});

test('a column and the home page have their tags', async () => {
  assert.match(await text('/policy'), /<meta name="ColumnName" content="政策文件">/);
  assert.match(await text('/'), /<meta name="SiteIDCode" content="9901000001">/);
});

test('the footer names sponsor, contact, registrations and site code', async () => {
  const html = await text('/');
  for (const words of ['主办单位：蓝桥市人民政府办公室', '0900-5550100', '南ICP备99010001号', '南公网安备 99010002000001号', '网站标识码：9901000001']) {
    assert.ok(html.includes(words), words);
  }
});

test('a moved document leads to where it is now', async () => {
  const response = await get('/policy/other/2026/guides');
  assert.equal(response.status, 301);
  assert.equal(response.headers.get('location'), MOVED_POLICY);
});

test('a removed document leads to what took its place', async () => {
  const response = await get('/notices/announcements/2026/library-summer-hours');
  assert.equal(response.status, 302);
  assert.equal(response.headers.get('location'), '/notices/announcements/2026/library-winter-hours');
});

test('a recalled document is gone, with the reason and without its text', async () => {
  const response = await get('/notices/funds/2026/elevator-batch-3', { at: bureau });
  const html = await response.text();
  assert.equal(response.status, 410);
  assert.match(html, /附件误含申请人代表的联系电话/);
  assert.match(html, /<meta name="robots" content="noindex/);
  assert.doesNotMatch(html, /拟拨付名单公示/);
});

test('a withdrawn document shows the notice above its text', async () => {
  const html = await text(WITHDRAWN);
  assert.ok(html.indexOf('南河二桥维修推迟') < html.indexOf('class="prose'));
  assert.match(html, /<meta name="robots" content="noindex/);
});

test('an earlier text says so and is not indexed', async () => {
  const html = await text(await earlierText(hub));
  assert.match(html, /旧版本，不是现行版本/);
  assert.match(html, /<meta name="robots" content="noindex/);
  assert.equal((await get(`${POLICY}?asOf=2001-01-01T00:00:00Z`)).status, 404);
  // What is still the text of today is the page of today.
  const future = await get(`${POLICY}?asOf=2999-01-01T00:00:00Z`);
  assert.equal(future.status, 302);
  assert.equal(future.headers.get('location'), POLICY);
  assert.equal((await get(`${POLICY}?asOf=yesterday`)).status, 200);
});

test('a path in any spelling finds what stands there, or nothing', async () => {
  assert.equal((await get('/policy/')).status, 200);
  assert.equal((await get('/%70olicy')).status, 200);
  for (const odd of ['/%E6%94%BF%E7%AD%96', '/Policy', '/policy//x', '/a%00b', '/%22%3E%3Cscript%3E', `/${'x'.repeat(3000)}`, '/a/b/c/d/e/f/g/h/i/j']) {
    assert.equal((await get(odd)).status, 404, odd.slice(0, 40));
  }
  assert.ok([400, 404].includes((await get('/%ff%fe')).status));
});

test('a language that a site does not have is not found there', async () => {
  assert.equal((await get('/en/', { at: bureau })).status, 404);
  assert.equal((await get('/en/data', { at: bureau })).status, 404);
});

test('files, feeds and sitemaps stand under the host of the site', async () => {
  const [, file] = /href="(\/assets\/[^"]+\.csv)"/.exec(await text('/services/elevator-subsidy'));
  const answer = await get(file);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /csv/);
  assert.equal((await answer.arrayBuffer()).byteLength, Number(answer.headers.get('content-length')));
  const part = await get(file, { headers: { range: 'bytes=0-9' } });
  assert.equal(part.status, 206);
  assert.equal((await part.arrayBuffer()).byteLength, 10);
  assert.match(await text('/sites/lanqiao/feed.atom'), /<feed/);
  assert.match(await text('/robots.txt'), /Sitemap:/i);
  const [, shard] = /<loc>https:\/\/[^/]+(\/sitemaps\/[^<]+)/.exec(await text('/sitemap.xml'));
  assert.match(await text(shard), /<urlset/);
});

test('headers let nothing in that is not ours', async () => {
  const { headers } = await get('/');
  const policy = headers.get('content-security-policy');
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  assert.match(policy, /script-src 'self';/);
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('cache-control'), 'private, no-cache');
  assert.ok(headers.get('referrer-policy'));
});

test('no page has a script but the one for the live parts, nor a style of its own', async () => {
  for (const { path } of await everyKind(hub)) {
    const html = await text(path);
    const scripts = html.match(/<script(?! type="application\/ld\+json")[^>]*>/g);
    assert.deepEqual(scripts, ['<script type="module" src="/live.js">'], path);
    assert.doesNotMatch(html, /<style|\sstyle="|\son[a-z]+="/, path);
    assert.doesNotMatch(html, /<(?:img|link rel="stylesheet"|source)[^>]+(?:src|href)="(?:https?:)?\/\//, path);
  }
});
