// What changed from one edition of a document to another: for the eye, for the ear, and with a way
// there and back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, reader } from './browser.mjs';
import { bureau, portal } from './house.mjs';
import { MOVED_POLICY, WITHDRAWN } from './pages.mjs';

let browser;
let page;

before(async () => {
  browser = await openBrowser();
  page = await (await reader(browser, { portal })).newPage();
});
after(() => browser.close());

test('the editions of a document lead to what changed, and back', async () => {
  await page.goto(MOVED_POLICY);
  await page.locator('.editions').getByRole('link', { name: '第 1 版与第 2 版对比' }).click();
  assert.equal(page.url(), `${portal}${MOVED_POLICY}?difference=1..2`);
  assert.match(await page.title(), /文字变化/);
  const removed = await page.locator('.difference-text del').allTextContents();
  const added = await page.locator('.difference-text ins').allTextContents();
  assert.deepEqual(removed, ['【删去：五】']);
  assert.equal(added[0], '【新增：三】');
  assert.match(added[1], /涉及办理时限和收费的，当日更新。/);
  assert.match(await page.locator('.difference-editions').textContent(), /由五个工作日改为三个工作日/);
  assert.match(await page.locator('.difference-text').first().textContent(), /统一来源/, 'what stayed stands around it');
  await page.getByRole('link', { name: '返回正文' }).click();
  assert.equal(page.url(), portal + MOVED_POLICY);
});

test('what is marked is said, and not by colour alone', async () => {
  await page.goto(`${MOVED_POLICY}?difference=1..2`);
  const style = (mark) => page.locator(`.difference-text ${mark}`).first().evaluate((element) => getComputedStyle(element).textDecorationLine);
  assert.equal(await style('ins'), 'underline');
  assert.equal(await style('del'), 'line-through');
  assert.ok(await page.locator('.difference-key').isVisible());
});

test('the same text in another place has no difference', async () => {
  await page.goto(`${MOVED_POLICY}?difference=2..3`);
  assert.match(await page.locator('.difference').textContent(), /两个版本的文字相同/);
});

test('editions that are not there, or may not be read any more, are not compared', async () => {
  const status = async (path, at = portal) => (await fetch(at + path)).status;
  assert.equal(await status(`${MOVED_POLICY}?difference=1..2`), 200);
  assert.equal(await status(`${MOVED_POLICY}?difference=2..1`), 200, 'whichever comes first');
  assert.equal(await status(`${MOVED_POLICY}?difference=1..9`), 404);
  assert.equal(await status('/services/elevator-subsidy?difference=1..2'), 404, 'it was an error');
  assert.equal(await status('/no/such/page?difference=1..2'), 404);
  assert.equal(await status('/notices/funds/2026/elevator-batch-3?difference=1..2', bureau), 404, 'recalled');
  assert.ok([200, 404].includes(await status(`${WITHDRAWN}?difference=1..2`)));
  for (const odd of ['0..1', '1..1', '1', '1..2..3', '<b>', '-1..2', '99999999..1']) {
    assert.equal(await status(`${MOVED_POLICY}?${new URLSearchParams({ difference: odd })}`), 200, odd);
  }
  const html = await (await fetch(`${portal}${MOVED_POLICY}?difference=1..2`)).text();
  assert.match(html, /<meta name="robots" content="noindex/);
});
