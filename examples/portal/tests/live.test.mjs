// Notices of the site come and go on pages that are open, and are there without scripts too.
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { openBrowser, reader } from './browser.mjs';
import { bureau, freePort, hub, openPortal, operate, portal } from './house.mjs';

/** The notice that comes with the sample. */
const RAIN = '暴雨黄色预警';

let browser;
const open = new Set();
const contexts = [];

before(async () => {
  browser = await openBrowser();
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  for (const id of open) await takeDown(id);
});
after(() => browser.close());

/** Puts a notice up as an officer on duty does; gives its id. */
async function putUp(site, severity, zh, ...more) {
  const { id } = await operate('site', 'notice', 'create', site, '--kind', 'emergency', '--severity', severity, '--zh', zh, ...more);
  open.add(id);
  return id;
}

async function takeDown(id) {
  open.delete(id);
  await operate('site', 'notice', 'end', id);
}

/** A page as somebody reads it; what it loads anew would lose the mark. */
async function reading(at = portal, path = '/', scripts = true) {
  const context = await reader(browser, { scripts, portal: at });
  contexts.push(context);
  const page = await context.newPage();
  const listens = scripts && page.waitForResponse((response) => new URL(response.url()).pathname === '/live');
  await page.goto(path);
  await listens;
  if (scripts) await page.evaluate(() => (window.isTheSame = true));
  return page;
}

const isTheSame = (page) => page.evaluate(() => window.isTheSame === true);
const shown = (page, text) => page.locator('.banner-notice', { hasText: text });

test('without scripts a notice is there when the page is loaded, and says what it is in words', async () => {
  await putUp('lanqiao', 'red', '南河二桥封闭', '--link', '/notices/traffic');
  const page = await reading(portal, '/policy', false);
  const notice = shown(page, '南河二桥封闭');
  assert.match(await notice.textContent(), /突发事件 · 红色/);
  assert.equal(await notice.getByRole('link', { name: '详情' }).getAttribute('href'), '/notices/traffic');
  assert.ok(await page.getByRole('alert').filter({ hasText: '南河二桥封闭' }).isVisible(), 'what is urgent interrupts');
  assert.ok(await page.getByRole('status').filter({ hasText: RAIN }).isVisible(), 'the rest waits');
  const first = await page.locator('.banner-notice').first().textContent();
  assert.match(first, /南河二桥封闭/, 'the most severe comes first');
});

test('a notice appears and goes without the page being loaded anew', async () => {
  const page = await reading();
  await shown(page, RAIN).evaluate((notice) => (notice.isTheSame = true));

  const id = await putUp('lanqiao', 'orange', '城区内涝，请勿外出');
  await shown(page, '城区内涝').waitFor();

  assert.ok(await page.getByRole('alert').filter({ hasText: '城区内涝' }).isVisible());
  assert.ok(await isTheSame(page));
  await takeDown(id);
  await shown(page, '城区内涝').waitFor({ state: 'detached' });
  assert.ok(await isTheSame(page));
  assert.ok(await shown(page, RAIN).evaluate((notice) => notice.isTheSame), 'what stays is not touched');
});

test('a notice begins and ends by the time', async () => {
  const page = await reading();
  const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
  await putUp('lanqiao', 'info', '系统维护', '--starts', at(2), '--ends', at(4));
  await shown(page, '系统维护').waitFor();
  await shown(page, '系统维护').waitFor({ state: 'detached' });
  assert.ok(await isTheSame(page));
});

test('sites below show the notice of a site above, and say whose it is', async () => {
  const below = await reading(bureau);
  const english = await reading(portal, '/en/');
  await putUp('nanhe', 'blue', '全省大风', '--link', '/warnings/1');

  await shown(below, '全省大风').waitFor();
  await shown(english, '全省大风').waitFor();

  assert.match(await shown(below, '全省大风').textContent(), /来自南河省人民政府/);
  const href = await shown(below, '全省大风').getByRole('link').getAttribute('href');
  assert.equal(href, 'https://www.nanhe.gov.example/warnings/1', 'a path is one of the site above');
  assert.ok(await shown(below, RAIN).isVisible(), 'the city stands above the bureau');
  const text = shown(english, '全省大风').locator('[lang]');
  assert.equal(await text.getAttribute('lang'), 'zh-CN', 'what has no English says that it is Chinese');
  assert.match(await shown(english, 'Heavy rain').textContent(), /Weather warning · yellow/);
});

test('a text is text, whatever it holds', async () => {
  const page = await reading();
  await putUp('lanqiao', 'info', '<img src=x onerror=alert(1)>&amp;“引号”');
  const notice = shown(page, '<img src=x onerror=alert(1)>&amp;“引号”');
  await notice.waitFor();
  assert.equal(await notice.locator('img').count(), 0);
});

test('a page that nobody looks at holds no connection, and learns what it missed', async () => {
  // Where there is room for one, others get in when it hangs up.
  const small = await openPortal(hub, { PORTAL_LISTENERS: '1' });
  const page = await reading(small.address);
  const hasRoom = async () => {
    const answer = await fetch(`${small.address}/live`);
    await answer.body?.cancel();
    return answer.ok;
  };
  assert.equal(await hasRoom(), false);
  const look = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await look(true);
  while (!(await hasRoom()));
  await putUp('lanqiao', 'red', '无人看时发布');
  assert.equal(await shown(page, '无人看时发布').count(), 0);
  await look(false);
  await shown(page, '无人看时发布').waitFor();
  assert.ok(await isTheSame(page));
  await page.close();
  await small.close();
});

test('pages come back to a portal that was away', async () => {
  const PORT = String(await freePort());
  let away = await openPortal(hub, { PORT });
  const at = `http://127.0.0.1:${PORT}`;
  const page = await reading(at);
  await away.close();
  await putUp('lanqiao', 'red', '门户停机时发布');
  away = await openPortal(hub, { PORT });
  await shown(page, '门户停机时发布').waitFor({ timeout: 30_000 });
  assert.ok(await isTheSame(page));
  await away.close();
});

test('a portal comes back to a hub that was away, and misses nothing', async () => {
  // What stands between them can be cut.
  let isCut = false;
  const lines = new Set();
  const between = createServer((line) => {
    if (isCut) return line.destroy();
    const on = connect(Number(new URL(hub).port), '127.0.0.1');
    lines.add(line);
    line.pipe(on).pipe(line);
    for (const end of [line, on]) end.on('error', () => undefined).on('close', () => (line.destroy(), on.destroy()));
  });
  await new Promise((resolve) => between.listen(0, '127.0.0.1', resolve));
  const cut = await openPortal(`http://127.0.0.1:${between.address().port}`);
  const page = await reading(cut.address);
  isCut = true;
  lines.forEach((line) => line.destroy());
  await putUp('lanqiao', 'red', '断线时发布');
  isCut = false;
  await shown(page, '断线时发布').waitFor({ timeout: 30_000 });
  assert.ok(await isTheSame(page));
  await cut.close();
  between.close();
});

test('what listens is told to come back where there is no room', async () => {
  const small = await openPortal(hub, { PORTAL_LISTENERS: '1' });
  const page = await reading(small.address);
  const refused = await fetch(`${small.address}/live`);
  assert.equal(refused.status, 503);
  assert.ok(refused.headers.get('retry-after'));
  await page.close();
  await small.close();
});
