// What readers do, in a browser without scripts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, phone, reader } from './browser.mjs';
import { ask, hub, portal } from './house.mjs';
import { earlierText, MOVED_POLICY, POLICY } from './pages.mjs';

let browser;
let context;
let page;
before(async () => {
  browser = await openBrowser();
  context = await reader(browser, { portal });
  page = await context.newPage();
});
after(() => browser.close());

const texts = (locator) => locator.allTextContents();
const trimmed = (list) => list.map((text) => text.trim());

test('the home page shows what editors pinned and slotted', async () => {
  await page.goto('/');
  assert.match(await page.locator('.headline h2').textContent(), /加装电梯财政补助办法/);
  const slot = page.locator('.block', { has: page.getByRole('heading', { name: '本期关注' }) });
  assert.match(await slot.textContent(), /专题：老楼加装电梯/);
});

test('a policy on the home page leads to its explanation and back', async () => {
  await page.goto('/');
  await page.locator('.item-explained').first().click();
  assert.match(page.url(), /\/explained\/policies\/2026\/elevator-subsidy$/);
  await page.locator('.policy-card a').click();
  assert.equal(new URL(page.url()).pathname, POLICY);
  await page.locator('.relation').getByRole('link', { name: '政策问答' }).click();
  assert.match(page.url(), /\/explained\/policies\//);
});

test('a policy shows the entry of the catalogue', async () => {
  await page.goto(POLICY);
  const rows = await page.locator('.catalogue dl > div').allInnerTexts();
  const entry = rows.map((row) => row.split('\n').map((text) => text.trim()).join(' '));
  for (const row of ['索引号 990100-2026-00112', '发文机关 蓝桥市人民政府', '发文字号 蓝政规〔2026〕2号', '成文日期 2026年6月10日', '有效性 有效']) {
    assert.ok(entry.some((found) => found.replaceAll(/\s+/g, ' ') === row), `${row} in ${entry.join('; ')}`);
  }
});

test('every document of a column comes up once while pages are turned, and the way back is the same', async () => {
  const { column } = await ask(hub, '{ column(site: "lanqiao", path: "about") { documents { nodes { title } totalCount } } }');
  const all = column.documents.nodes.map(({ title }) => title);
  assert.ok(all.length > 4);
  await page.goto('/about');
  const there = [];
  const seen = [];
  const titles = async () => trimmed(await texts(page.locator('.items .item-title, .leaders h2')));
  for (;;) {
    const now = await titles();
    there.push(now);
    seen.push(...now);
    const next = page.getByRole('link', { name: '下一页' });
    if ((await next.count()) === 0) break;
    await next.click();
  }
  assert.deepEqual(seen, all);
  for (const before of there.slice(0, -1).reverse()) {
    await page.getByRole('link', { name: '上一页' }).click();
    assert.deepEqual(await titles(), before);
  }
});

test('a page of a list that is no more leads to the beginning', async () => {
  await page.goto('/about?after=never-a-cursor');
  assert.equal(page.url(), `${portal}/about`);
});

test('search finds by the box of any page, marks the words, and narrows', async () => {
  await page.goto(POLICY);
  await page.getByRole('searchbox').fill('加装电梯');
  await page.getByRole('button', { name: '搜索' }).click();
  const count = Number(/(\d+) 条/.exec(await page.locator('.found-count').textContent())[1]);
  assert.ok(count > 5);
  assert.ok((await page.locator('.found mark').count()) > 0);
  const facet = page.locator('.facets').getByRole('link', { name: /办事指南/ });
  assert.match(await facet.textContent(), /1/);
  await facet.click();
  assert.deepEqual(trimmed(await texts(page.locator('.found h2'))), ['既有住宅加装电梯财政补助申领']);
  await page.locator('.facets').getByRole('link', { name: /2026/ }).click();
  assert.match(page.url(), /type=serviceGuide.*year=2026/);
  assert.equal(await page.locator('.found li').count(), 1);
});

test('search goes on to its second page', async () => {
  await page.goto(`/search?${new URLSearchParams({ q: '电梯' })}`);
  const first = await texts(page.locator('.found h2'));
  await page.getByRole('link', { name: '下一页' }).click();
  const second = await texts(page.locator('.found h2'));
  assert.ok(second.length > 0);
  assert.deepEqual(second.filter((title) => first.includes(title)), []);
});

test('search says what is wrong with a question, and takes any words as words', async () => {
  await page.goto(`/search?${new URLSearchParams({ q: '，。！' })}`);
  assert.ok(await page.locator('main').getByRole('alert').isVisible());
  await page.goto(`/search?${new URLSearchParams({ q: '"><script>alert(1)</script>' })}`);
  assert.equal(await page.locator('script:not([type="application/ld+json"], [src="/live.js"])').count(), 0);
  assert.equal(await page.getByRole('searchbox').inputValue(), '"><script>alert(1)</script>');
});

test('a document number finds its document first', async () => {
  await page.goto(`/search?${new URLSearchParams({ q: '蓝政规[2026]2号' })}`);
  assert.match(await page.locator('.found h2').first().textContent(), /加装电梯财政补助办法/);
});

test('an earlier edition can be read where it may be, and says what it is', async () => {
  await page.goto(MOVED_POLICY);
  await page.locator('.editions').getByRole('link', { name: /查看该版本/ }).last().click();
  assert.equal(page.url(), portal + (await earlierText(hub)));
  assert.match(await page.locator('.past').textContent(), /旧版本/);
  await page.getByRole('link', { name: '查看现行版本' }).click();
  assert.equal(page.url(), portal + MOVED_POLICY);
});

test('a text that was corrected keeps its date and the note alone', async () => {
  await page.goto('/services/elevator-subsidy');
  const editions = page.locator('.editions');
  assert.match(await editions.textContent(), /由15个工作日缩短为12个工作日/);
  assert.equal(await editions.getByRole('link').count(), 0);
});

test('English and Chinese lead to each other, by document and by column', async () => {
  await page.goto(POLICY);
  await page.getByRole('link', { name: 'English' }).click();
  assert.equal(new URL(page.url()).pathname, `/en${POLICY}`);
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.getByRole('link', { name: '中文' }).click();
  assert.equal(new URL(page.url()).pathname, POLICY);
  await page.goto('/policy/housing');
  await page.getByRole('link', { name: 'English' }).click();
  assert.match(await page.locator('.items').textContent(), /Measures of Lanqiao on subsidies/);
  // Without a translation: to the home page of the other language.
  await page.goto('/interaction/letters');
  await page.locator('.items a').first().click();
  await page.getByRole('link', { name: 'English' }).click();
  assert.equal(new URL(page.url()).pathname, '/en/');
});

test('larger text and high contrast stay on from page to page until they are taken back', async () => {
  const size = () => page.evaluate(() => getComputedStyle(document.body).fontSize);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.goto('/policy?first=1');
  assert.equal(await size(), '16px');
  await page.getByRole('button', { name: '特大' }).click();
  assert.equal(page.url(), `${portal}/policy?first=1`);
  assert.equal(await size(), '24px');
  await page.getByRole('button', { name: '高对比度' }).click();
  await page.goto(POLICY);
  assert.equal(await size(), '24px');
  assert.equal(await background(), 'rgb(0, 0, 0)');
  assert.equal(await page.getByRole('button', { name: '高对比度' }).getAttribute('aria-pressed'), 'true');
  await page.getByRole('button', { name: '高对比度' }).click();
  await page.getByRole('button', { name: '标准' }).click();
  assert.equal(await size(), '16px');
  assert.equal(await background(), 'rgb(255, 255, 255)');
});

test('how pages look is set by our own forms, and leads back to our own pages', async () => {
  const set = (fields, headers = {}) =>
    fetch(`${portal}/preferences`, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams(fields) });
  const ours = await set({ contrast: 'high', back: '/policy?after=x' });
  assert.equal(ours.status, 303);
  assert.equal(ours.headers.get('location'), '/policy?after=x');
  assert.match(ours.headers.get('set-cookie'), /look=standard\.high;.*HttpOnly/i);
  const theirs = await set({ contrast: 'high', back: '/' }, { 'sec-fetch-site': 'cross-site' });
  assert.equal(theirs.headers.get('set-cookie'), null);
  for (const back of ['//evil.example/', 'https://evil.example/', '/\\evil.example', '\\\\evil.example', '/.//evil.example', 'javascript:alert(1)', '', '/a/..//evil.example']) {
    const { headers } = await set({ text: 'larger', back });
    const location = new URL(headers.get('location'), portal);
    assert.equal(location.origin, portal, back);
    assert.ok(!headers.get('location').startsWith('//'), back);
  }
  assert.match((await set({ text: '<b>', contrast: 'x', back: '/' })).headers.get('set-cookie'), /look=standard\.standard;/);
});

test('the keyboard alone gets past the navigation and through the menu', async () => {
  await page.goto(POLICY);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), '跳到正文');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.querySelector('main').contains(document.activeElement)));
  const menu = page.locator('summary', { hasText: '政务公开' });
  await menu.focus();
  assert.notEqual(await menu.evaluate((summary) => getComputedStyle(summary).outlineStyle), 'none');
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: '导航' }).getByRole('link', { name: '通知公告' }).press('Enter');
  assert.equal(new URL(page.url()).pathname, '/notices');
});

test('on a phone the menu opens by a tap and is not wider than the window', async () => {
  const small = await reader(browser, { window: phone, portal });
  const tab = await small.newPage();
  await tab.goto('/');
  await tab.locator('summary', { hasText: '走进蓝桥' }).click();
  const leaders = tab.getByRole('navigation', { name: '导航' }).getByRole('link', { name: '领导信息' });
  const box = await leaders.boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= phone.width && box.height >= 24);
  await leaders.click();
  assert.equal(await tab.locator('.leader-card').count(), 2);
  await small.close();
});

test('on paper there is the text without the furniture', async () => {
  await page.goto(POLICY);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.menu').isVisible(), false);
  assert.equal(await page.locator('.document-aside').isVisible(), false);
  assert.ok(await page.locator('.prose').first().isVisible());
  await page.emulateMedia({ media: 'screen' });
});
