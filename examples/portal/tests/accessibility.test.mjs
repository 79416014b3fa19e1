// No page breaks WCAG 2.2 A or AA as far as axe can tell, however it is looked at; and no page is
// wider than its window.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findings, LOOKS } from './axe.mjs';
import { openBrowser, reader } from './browser.mjs';
import { hub, portal } from './house.mjs';
import { everyKind, POLICY } from './pages.mjs';

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const pages = await everyKind(hub);

for (const [name, look] of LOOKS) {
  test(`every page, ${name}`, async (t) => {
    const context = await reader(browser, { ...look, scripts: true, portal });
    const page = await context.newPage();
    for (const { name: kind, path } of pages) {
      await t.test(kind, async () => {
        await page.goto(path);
        assert.deepEqual(await findings(page), []);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= look.window.width, `${width} wide in a window of ${look.window.width}`);
      });
    }
    await context.close();
  });
}

test('an open menu, as it comes and in high contrast', async () => {
  for (const look of [undefined, 'standard.high']) {
    const context = await reader(browser, { look, scripts: true, portal });
    const page = await context.newPage();
    await page.goto(POLICY);
    await page.getByText('政务公开').first().click();
    assert.ok(await page.getByRole('link', { name: '数据发布' }).isVisible());
    assert.deepEqual(await findings(page), []);
    await context.close();
  }
});

test('the browser refuses nothing and misses nothing on any page', async () => {
  const context = await reader(browser, { scripts: true, portal });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(`${page.url()}: ${message.text()}`));
  page.on('response', (response) => response.status() >= 400 && complaints.push(`${response.url()}: ${response.status()}`));
  for (const { path, status } of pages) {
    // Chromium complains of the page itself where its status is an error.
    if (status === 200) await page.goto(path);
  }
  assert.deepEqual(complaints, []);
  await context.close();
});
