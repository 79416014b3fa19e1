// Preview: whoever follows a link of the editors is shown the draft, told so on every page, and
// can leave; nobody else sees anything of it.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { desktop, openBrowser, phone, reader } from './browser.mjs';
import { hub, operate, portal } from './house.mjs';
import { POLICY } from './pages.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
const PATH = '/notices/announcements/2026/preview-only';
const TITLE = '只供预览的公告';

let browser;
let token;
let draft;

/** Asks the management API as the editor. */
async function manage(query, variables) {
  const response = await fetch(`${hub}/manage/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  const [payload] = Object.values(data);
  assert.deepEqual(payload.userErrors, []);
  return payload;
}

/** A new link to the draft. */
async function link() {
  const { issued } = await manage(
    `mutation ($input: CreatePreviewLinkInput!) { createPreviewLink(input: $input) {
       issued { secret link { id } } userErrors { code field message { en } } } }`,
    { input: { document: { contentId: draft.contentId, locale: draft.locale }, label: 'portal', hours: 1 } },
  );
  return { secret: issued.secret, id: issued.link.id };
}

const follow = (secret, to) => `/preview?${new URLSearchParams({ token: secret, to })}`;
const get = (path, init = {}) => fetch(new URL(path, portal), { redirect: 'manual', ...init });

before(async () => {
  browser = await openBrowser();
  await operate('user', 'create', 'preview.editor', '--name', '编辑', '--role', 'editor');
  token = (await operate('token', 'create', 'preview.editor', '--name', 'portal')).secret;
  const upload = await fetch(`${hub}/manage/files`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', authorization: `Bearer ${token}` },
    body: 'only for those who preview',
  });
  const file = await upload.json();
  const made = await manage(
    `mutation ($input: CreateDocumentInput!) { createDocument(input: $input) {
       draft { document { contentId locale version } } userErrors { code field message { en } } } }`,
    {
      input: {
        authority: 'lanqiao-city',
        type: 'notice',
        locale: 'zh-CN',
        draft: {
          fields: {
            title: TITLE,
            body: '<p>尚未公开的正文。</p>',
            files: [{ digest: file.digest, name: '附件.txt', mediaType: 'text/plain', size: file.size }],
          },
          placements: [{ site: 'lanqiao', columns: ['notices/announcements'], path: PATH }],
        },
      },
    },
  );
  draft = made.draft.document;
});
after(() => browser.close());

test('a link leads to the draft, and nobody else is led there', async () => {
  const { secret } = await link();
  assert.equal((await get(PATH)).status, 404);

  const entered = await get(follow(secret, PATH));
  assert.equal(entered.status, 303);
  assert.equal(entered.headers.get('location'), PATH);
  assert.match(entered.headers.get('cache-control'), /no-store/);
  assert.equal(entered.headers.get('referrer-policy'), 'no-referrer');
  const cookie = entered.headers.get('set-cookie');
  assert.match(cookie, /^preview=gbp_[^;]+;/);
  for (const word of ['HttpOnly', 'SameSite=Lax', 'Max-Age=3600', 'Path=/']) assert.ok(cookie.includes(word), cookie);

  const page = await get(PATH, { headers: { cookie: `preview=${secret}` } });
  const html = await page.text();
  assert.equal(page.status, 200);
  assert.ok(html.includes(TITLE) && html.includes('尚未公开的正文'));
  assert.match(html, /<aside class="preview-bar"[\s\S]*预览 \/ <span lang="en">Preview/);
  assert.match(html, /未公开的草稿/);
  assert.match(html, /<meta name="robots" content="noindex/);
  assert.match(page.headers.get('cache-control'), /no-store/);
  assert.match(page.headers.get('x-robots-tag'), /noindex/);
  assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
  assert.equal(html.includes(secret), false, 'the secret stands on no page');

  const [, file] = /href="(\/assets\/[^"]+preview=[^"]+)"/.exec(html);
  const fetched = await get(file.replaceAll('&#38;', '&').replaceAll('&amp;', '&'));
  assert.equal(await fetched.text(), 'only for those who preview');
  assert.match(fetched.headers.get('cache-control'), /no-store/);
  assert.equal((await get(file.split('?')[0])).status, 404);
  assert.equal((await get(PATH)).status, 404);
});

test('the way in leads to pages of this portal alone', async () => {
  const { secret } = await link();
  for (const to of ['https://evil.example/', '//evil.example/', '/\\evil.example', 'javascript:alert(1)', 'evil.example']) {
    const location = (await get(follow(secret, to))).headers.get('location');
    assert.match(location, /^\/(?![/\\])/, to);
  }
});

test('a link that is no longer good says so, once, and the public page is back', async () => {
  const { secret, id } = await link();
  const cookie = `preview=${secret}`;
  assert.equal((await get(PATH, { headers: { cookie } })).status, 200);
  await manage(
    'mutation ($input: PreviewLinkInput!) { revokePreviewLink(input: $input) { link { state } userErrors { code } } }',
    { input: { id } },
  );

  const after = await get(POLICY, { headers: { cookie } });
  assert.equal(after.status, 303);
  assert.match(after.headers.get('set-cookie'), /^preview=[^;]*;.*(Expires=Thu, 01 Jan 1970|Max-Age=0)/);
  const told = await get(after.headers.get('location'));
  assert.equal(told.status, 403);
  assert.match(await told.text(), /预览链接不能使用/);
  for (const wrong of [follow(secret, PATH), follow('gbp_no', PATH), follow('x'.repeat(47), '/en/'), '/preview']) {
    const refused = await get(wrong);
    assert.equal(refused.status, 403, wrong);
    assert.equal(refused.headers.get('set-cookie'), null);
  }
});

test('a reader enters, looks around, and leaves', async () => {
  const { secret } = await link();
  const context = await reader(browser, { portal });
  const page = await context.newPage();
  await page.goto(follow(secret, PATH));
  assert.equal(new URL(page.url()).pathname, PATH);
  assert.ok(await page.getByRole('complementary', { name: '预览' }).getByText('未公开的草稿').isVisible());
  await page.goto(POLICY);
  assert.ok(await page.getByText('本页没有草稿，显示的是公开内容').isVisible());
  await page.goto(PATH);
  await page.getByRole('button', { name: '退出预览' }).click();
  assert.equal(new URL(page.url()).pathname, PATH);
  assert.equal(await page.getByRole('complementary', { name: '预览' }).count(), 0);
  assert.equal(await page.getByText(TITLE).count(), 0);
  assert.deepEqual((await context.cookies()).filter(({ name }) => name === 'preview'), []);
  await context.close();
});

test('axe finds nothing on a preview', async () => {
  const { secret } = await link();
  const looks = [
    { window: desktop },
    { window: phone },
    { window: desktop, look: 'standard.high' },
    { window: phone, look: 'largest.high' },
  ];
  for (const look of looks) {
    const context = await reader(browser, { ...look, scripts: true, portal });
    await context.addCookies([{ name: 'preview', value: secret, url: portal, httpOnly: true }]);
    const page = await context.newPage();
    for (const path of [PATH, '/', '/preview?token=gbp_no']) {
      await page.goto(path);
      await page.evaluate(axe);
      const { violations } = await page.evaluate((values) => globalThis.axe.run({ runOnly: { type: 'tag', values } }), RULES);
      assert.deepEqual(violations.map(({ id, nodes }) => `${path} ${id}: ${nodes.map(({ html }) => html).join(' | ')}`), []);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= look.window.width, `${path} is ${width} wide`);
    }
    await context.close();
  }
});
