// When the hub does not answer, readers get a page that says so, soon.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { freePort, openPortal } from './house.mjs';

const portals = [];
let silent;

before(async () => {
  // Takes questions and never answers.
  silent = createServer(() => {});
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
});

after(async () => {
  await Promise.all(portals.map((portal) => portal.close()));
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});

async function portalOn(hub, settings) {
  const portal = await openPortal(hub, settings);
  portals.push(portal);
  return portal.address;
}

async function saysSo(response) {
  const html = await response.text();
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('retry-after'), '60');
  assert.match(response.headers.get('content-security-policy'), /default-src 'none'/);
  assert.match(html, /网站暂时无法提供内容/);
  assert.match(html, /cannot show its content/);
  assert.doesNotMatch(html, /127\.0\.0\.1|at async|Error:/);
}

test('a hub that is not there', async () => {
  const portal = await portalOn(`http://127.0.0.1:${await freePort()}`);
  for (const path of ['/', '/policy', '/en/', '/search?q=lift', '/leaving', '/columns']) {
    await saysSo(await fetch(portal + path));
  }
  assert.equal((await fetch(`${portal}/robots.txt`)).status, 502);
});

test('a hub that takes too long', async () => {
  const portal = await portalOn(`http://127.0.0.1:${silent.address().port}`, { GONGBAO_TIMEOUT_MS: '200' });
  await saysSo(await fetch(`${portal}/policy`, { signal: AbortSignal.timeout(5000) }));
});

test('what answers is not a hub', async () => {
  const other = createServer((_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'));
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
  const portal = await portalOn(`http://127.0.0.1:${other.address().port}`);
  await saysSo(await fetch(portal));
  other.closeAllConnections();
  other.close();
});

test('settings that cannot be meant stop the portal', async () => {
  await assert.rejects(openPortal('not an address'), /GONGBAO_URL/);
  await assert.rejects(openPortal('http://127.0.0.1:1', { GONGBAO_TIMEOUT_MS: 'soon' }), /GONGBAO_TIMEOUT_MS/);
});
