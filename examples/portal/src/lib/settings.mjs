// What the environment says about this portal. Plain JavaScript, since `start.mjs` reads it too:
// a wrong value stops the portal before it answers anybody.
import { randomBytes } from 'node:crypto';

const env = process.env;

/**
 * @param {string} name
 * @param {string} fallback
 */
function address(name, fallback) {
  const value = env[name] || fallback;
  try {
    return new URL(value);
  } catch {
    throw new Error(`${name} 不是网址 / is not an address: ${value}`);
  }
}

/**
 * @param {string} name
 * @param {number} fallback
 */
function number(name, fallback) {
  const value = Number(env[name] || fallback);
  if (!Number.isFinite(value) || value <= 0) {
    throw new Error(`${name} 不是正数 / is not a positive number: ${env[name]}`);
  }
  return value;
}

export const settings = {
  /** Where the hub listens, as the portal reaches it. */
  hub: address('GONGBAO_URL', 'http://127.0.0.1:8080'),
  /** The key of the site that this portal shows. */
  site: env['GONGBAO_SITE'] || 'lanqiao',
  /** A token of the hub, so that its budget for one address is not that of all our readers. */
  token: env['GONGBAO_TOKEN'] || undefined,
  /** Until the hub has to have answered, in milliseconds. */
  timeout: number('GONGBAO_TIMEOUT_MS', 5000),
  /** Documents on a page of a list. */
  page: Math.min(100, number('PORTAL_PAGE_SIZE', 20)),
  /** Pages that follow the notices of the site at the same time. */
  listeners: number('PORTAL_LISTENERS', 10_000),
  /** Where files are read from when the hub has a public address of its own. */
  files: env['GONGBAO_FILES_URL'] ? address('GONGBAO_FILES_URL', '').origin : undefined,
  /** Host names, with all below them, that are government: no notice when a reader goes there. */
  governmentHosts: (env['PORTAL_GOVERNMENT_HOSTS'] || 'gov.cn,政务.cn,政务,gov.example')
    .split(',')
    .map((host) => new URL(`http://${host.trim()}`).hostname),
  /** Signs the links of the leaving notice; the same on every node behind one address. */
  key: env['PORTAL_KEY'] || randomBytes(32).toString('hex'),
};
