// Opens one hub and two portals for all tests, runs them, and says how it went.
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openHub, openPortal } from './house.mjs';

const hub = await openHub();
// Two documents on a page, so that there are pages to turn.
const portal = await openPortal(hub.address, { PORTAL_PAGE_SIZE: '2' });
const bureau = await openPortal(hub.address, { GONGBAO_SITE: 'lanqiao-finance' });
const folder = fileURLToPath(new URL('.', import.meta.url));
const chosen = process.argv.slice(2);
const files = (await readdir(folder))
  .filter((name) => name.endsWith('.test.mjs') && (chosen.length === 0 || chosen.some((part) => name.includes(part))))
  .map((name) => `${folder}${name}`);
const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-timeout=300000', '--test-reporter=spec', ...files], {
  stdio: 'inherit',
  env: {
    ...process.env,
    TEST_HUB: hub.address,
    TEST_OPERATOR: JSON.stringify(hub.operator),
    TEST_PORTAL: portal.address,
    TEST_BUREAU: bureau.address,
  },
});
const code = await new Promise((resolve) => tests.once('exit', resolve));
await Promise.all([portal.close(), bureau.close()]);
await hub.close();
process.exitCode = code ?? 1;
