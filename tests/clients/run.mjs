// Opens a hub with the sample content, and lets every client at it.
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openHub } from '../../examples/portal/tests/house.mjs';

const hub = await openHub();
const folder = fileURLToPath(new URL('.', import.meta.url));
const files = (await readdir(folder)).filter((name) => name.endsWith('.test.mjs'));
const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-timeout=180000', '--test-reporter=spec', ...files], {
  cwd: folder,
  stdio: 'inherit',
  env: { ...process.env, TEST_HUB: hub.address },
});
const code = await new Promise((resolve) => tests.once('exit', resolve));
await hub.close();
process.exitCode = code ?? 1;
