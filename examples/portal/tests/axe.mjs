// What axe finds on a page, and the ways in which pages are looked at.
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { desktop, phone } from './browser.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
export const LOOKS = [
  ['as it comes', { window: desktop }],
  ['on a phone', { window: phone }],
  ['in high contrast', { window: desktop, look: 'standard.high' }],
  ['in the largest text on a phone, in high contrast', { window: phone, look: 'largest.high' }],
  ['in the largest text', { window: desktop, look: 'largest.standard' }],
];

/** What axe finds on the page that is open. */
export async function findings(page) {
  // Put in by the browser's own channel: the policy of the page lets no script in.
  await page.evaluate(axe);
  const { violations } = await page.evaluate((values) => globalThis.axe.run({ runOnly: { type: 'tag', values } }), RULES);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}
