// A hub with the sample content of `gongbao demo`, and portals on it. Everything listens on free
// ports of this machine and lies in a folder that is removed afterwards.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = new URL('.', import.meta.url);
const repository = new URL('../../../', here);
const gongbao = process.env.GONGBAO_BIN ?? fileURLToPath(new URL('target/debug/gongbao', repository));

/** The environment without what is meant for others: the hub refuses settings it does not know. */
const bare = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GONGBAO_')));

/** A port that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Runs a program to its end; fails with what it said when it fails. */
function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (text) => (said += text));
    child.stderr.on('data', (text) => (said += text));
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve(said) : reject(new Error(`${command} ${args.join(' ')}: ${code}\n${said}`))));
  });
}

/** Starts a program and waits until it has said where it listens. */
function start(command, args, options, listening) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const stop = () =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once('exit', resolve);
      child.kill('SIGTERM');
    });
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (text) => {
      said += text;
      const found = listening.exec(said);
      if (found) resolve({ address: found[1], stop });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}\n${said}`)));
  });
}

/** Asks the content API of a hub. */
export async function ask(hub, query, variables = {}) {
  const response = await fetch(`${hub}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** The hub: the story of the demo told to its end, a document pinned, another in a slot. */
export async function openHub() {
  const folder = await mkdtemp(join(tmpdir(), 'gongbao-portal-'));
  const data = join(folder, 'hub');
  await run(gongbao, ['demo', '--once', '--data', data], { cwd: folder, env: bare });
  const env = {
    ...bare,
    GONGBAO_DATABASE_URL: `sqlite://${data}/gongbao.db`,
    GONGBAO_ASSETS: `file://${data}/assets`,
    GONGBAO_LISTEN: '127.0.0.1:0',
  };
  const hub = await start(gongbao, ['--lang', 'en', 'serve'], { cwd: folder, env }, /reach it at (http:\S+)/);
  const { policy, topic } = await ask(
    hub.address,
    `{ policy: document(site: "lanqiao", path: "/policy/housing/2026/elevator-subsidy") { contentId }
       topic: document(site: "lanqiao", path: "/topics/current/elevator") { contentId } }`,
  );
  const tree = await readFile(new URL('examples/demo/tree.toml', repository), 'utf8');
  const [before, after] = tree.split('name = { zh = "蓝桥市人民政府门户网站"');
  const furnished = after.replace(
    '[site.home]\n',
    `[site.home]\npinned = ["${policy.contentId}"]\nslots = { "本期关注" = ["${topic.contentId}"] }\n`,
  );
  const manifest = join(folder, 'tree.toml');
  await writeFile(manifest, `${before}name = { zh = "蓝桥市人民政府门户网站"${furnished}`);
  await run(gongbao, ['site', 'apply', manifest], { cwd: folder, env });
  return {
    address: hub.address,
    /** Where commands find the same hub. */
    operator: { folder, env: Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('GONGBAO_'))) },
    async close() {
      await hub.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A portal as it is built, with settings of its own. */
export async function openPortal(hub, settings = {}) {
  const port = await freePort();
  const env = {
    ...bare,
    GONGBAO_URL: hub,
    GONGBAO_SITE: 'lanqiao',
    HOST: '127.0.0.1',
    PORT: String(port),
    ...settings,
  };
  const cwd = fileURLToPath(new URL('..', here));
  const portal = await start(process.execPath, ['start.mjs'], { cwd, env }, /listening on (http:\S+)/);
  return { address: `http://127.0.0.1:${port}`, close: portal.stop };
}

/** Runs a command of the hub's operator beside the hub; gives what it says to programs. */
export async function operate(...args) {
  const { folder, env } = JSON.parse(process.env.TEST_OPERATOR);
  return JSON.parse(await run(gongbao, ['--json', ...args], { cwd: folder, env: { ...bare, ...env } }));
}

/** The house that `run.mjs` opened for all tests. */
export const hub = process.env.TEST_HUB;
export const portal = process.env.TEST_PORTAL;
/** A portal of the city's finance bureau. */
export const bureau = process.env.TEST_BUREAU;
