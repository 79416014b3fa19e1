// Debian's Chromium, as a reader has it: without scripts, unless a test says otherwise.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const places = [process.env.CHROMIUM_BIN, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
const executablePath = places.find((place) => place && existsSync(place));

/** Sizes of windows. */
export const desktop = { width: 1280, height: 900 };
export const phone = { width: 360, height: 740 };

export async function openBrowser() {
  if (!executablePath) throw new Error('no Chromium: apt-get install chromium, or set CHROMIUM_BIN');
  // The tests run as root in containers, where Chromium has no sandbox; they open our own pages only.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A reader's window. */
export function reader(browser, { look, window = desktop, scripts = false, portal } = {}) {
  return browser
    .newContext({ viewport: window, javaScriptEnabled: scripts, locale: 'zh-CN', baseURL: portal })
    .then(async (context) => {
      context.setDefaultTimeout(10_000);
      if (look) await context.addCookies([{ name: 'look', value: look, url: portal }]);
      return context;
    });
}
