// Leaving the government's pages: readers are told, and nobody can make the notice lead elsewhere.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { openBrowser, reader } from './browser.mjs';
import { ask, hub, openPortal, portal } from './house.mjs';

let browser;
let page;
let news;
before(async () => {
  browser = await openBrowser();
  page = await (await reader(browser, { portal })).newPage();
  const { document } = await ask(hub, '{ document(site: "lanqiao", path: "/news/city/2026/09/first-elevator") { path source { url } } }');
  news = document;
});
after(() => browser.close());

/** The address of the notice that the source of the news item leads to. */
async function notice() {
  await page.goto(news.path);
  return new URL(await page.getByRole('link', { name: '蓝桥日报' }).getAttribute('href'), portal);
}

test('a link out of the government leads to a notice, and from there on or back', async () => {
  await notice();
  await page.getByRole('link', { name: '蓝桥日报' }).click();
  assert.equal(await page.locator('h1').last().textContent(), '您即将离开本网站');
  assert.match(await page.locator('.leaving-address').textContent(), /daily\.lanqiao\.example/);
  const on = page.getByRole('link', { name: '继续前往' });
  assert.equal(await on.getAttribute('href'), news.source.url);
  assert.match(await on.getAttribute('rel'), /noopener/);
  await page.getByRole('link', { name: '留在本网站' }).click();
  assert.equal(new URL(page.url()).pathname, news.path);
});

test('links within the government lead there at once', async () => {
  await page.goto('/services/elevator-subsidy');
  const href = await page.getByRole('link', { name: '网上办理' }).getAttribute('href');
  assert.equal(href, 'https://zwfw.lanqiao.gov.example/items/0520-01');
});

test('the notice leads nowhere but where a text of ours leads', async () => {
  const good = await notice();
  assert.equal((await fetch(good)).status, 200);
  const by = good.searchParams.get('by');
  const to = good.searchParams.get('to');
  const tricks = [
    { to: 'https://evil.example/', by },
    { to: 'https://evil.example/' },
    { to: `${to}?x`, by },
    { to: to.replace('https:', 'http:'), by },
    { to: 'javascript:alert(1)', by },
    { to: 'data:text/html,<script>alert(1)</script>', by },
    { to: '//evil.example', by },
    { to: 'https://www.lanqiao.gov.example@evil.example/', by },
    { to: 'https:\\\\evil.example', by },
    { to: 'https://evil.example/\r\nLocation: https://evil.example/', by },
    { to, by: '' },
    { to, by: `${by}x` },
    { to, by: by.slice(1) },
    { by },
    {},
  ];
  for (const trick of tricks) {
    const address = `${portal}/leaving?${new URLSearchParams(trick)}`;
    const response = await fetch(address, { redirect: 'manual' });
    const html = await response.text();
    assert.equal(response.status, 400, JSON.stringify(trick));
    assert.doesNotMatch(html, /href="[^"]*evil|href="javascript|href="data/i, JSON.stringify(trick));
  }
  // Two addresses in one question: the first one counts for both checks.
  const doubled = `${portal}/leaving?to=https://evil.example/&${good.searchParams}`;
  assert.doesNotMatch(await (await fetch(doubled)).text(), /href="[^"]*evil/);
});

test('the notice never sends on by itself', async () => {
  const response = await fetch(await notice(), { redirect: 'manual' });
  assert.equal(response.headers.get('location'), null);
  assert.equal(response.headers.get('refresh'), null);
  assert.doesNotMatch(await response.text(), /http-equiv/i);
});

test('links within a text are led by the notice as well, and nothing else of it is touched', async () => {
  // The hub, with links in the text of the news item.
  const links = [
    '<a href="https://shop.example/?a=1&amp;b=2">外</a>',
    '<a href="https://www.nanhe.gov.example/x">内</a>',
    '<a href="/policy">栏</a>',
    '<a href="mailto:web@lanqiao.gov.example">信</a>',
  ];
  const linked = createServer(async (request, response) => {
    const body = [];
    for await (const chunk of request) body.push(chunk);
    const answer = await fetch(hub + request.url, { method: request.method, headers: { 'content-type': 'application/json' }, body: Buffer.concat(body) });
    const text = (await answer.text()).replace('<p>9月18日上午', JSON.stringify(`<p>${links.join('')}9月18日上午`).slice(1, -1));
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  });
  await new Promise((resolve) => linked.listen(0, '127.0.0.1', resolve));
  const own = await openPortal(`http://127.0.0.1:${linked.address().port}`);
  try {
    const html = await (await fetch(own.address + news.path)).text();
    const [, way] = /<a href="(\/leaving\?[^"]+)">外<\/a>/.exec(html);
    const shown = await (await fetch(own.address + way.replaceAll('&amp;', '&'))).text();
    assert.match(shown, /href="https:\/\/shop\.example\/\?a=1(&amp;|&#38;|&)b=2"/);
    for (const link of links.slice(1)) assert.ok(html.includes(link), link);
  } finally {
    await own.close();
    linked.closeAllConnections();
    linked.close();
  }
});
