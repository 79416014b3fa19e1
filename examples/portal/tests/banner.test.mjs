// The banner breaks no rule of WCAG, whatever stands in it and however it is looked at.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findings, LOOKS } from './axe.mjs';
import { openBrowser, reader } from './browser.mjs';
import { operate, portal } from './house.mjs';

let browser;
const notices = [];

before(async () => {
  browser = await openBrowser();
  const put = (severity, kind, zh) =>
    operate('site', 'notice', 'create', 'lanqiao', '--kind', kind, '--severity', severity, '--zh', zh, '--link', '/emergency');
  for (const severity of ['info', 'blue', 'yellow', 'orange', 'red']) {
    notices.push(await put(severity, 'emergency', `级别${severity}的公告`));
  }
  notices.push(await put('info', 'mourning', '全国哀悼日'));
});
after(async () => {
  for (const { id } of notices) await operate('site', 'notice', 'end', id);
  await browser.close();
});

for (const [name, look] of LOOKS) {
  test(`notices of every severity, ${name}, in mourning`, async () => {
    const context = await reader(browser, { ...look, scripts: true, portal });
    const page = await context.newPage();
    await page.goto('/policy');
    await page.getByText('全国哀悼日').waitFor();
    assert.deepEqual(await findings(page), []);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= look.window.width);
    assert.match(await page.evaluate(() => getComputedStyle(document.documentElement).filter), /grayscale/);
    await context.close();
  });
}
