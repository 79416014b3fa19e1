// The pages of the console in headless Chromium, on a hub with the sample content: signing in, a
// review from the queue to the publication, without scripts and with them, on a telephone, and what
// axe finds. Needs the program and what `npm ci` installs in examples/portal.
//
// With SCREENSHOTS=FOLDER it leaves pictures there.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { findings } from '../../examples/portal/tests/axe.mjs';
import { desktop, openBrowser, phone } from '../../examples/portal/tests/browser.mjs';
import { openHub, operate } from '../../examples/portal/tests/house.mjs';

const OWN = 'Kor7-Bamit!qe';
const SITE = 'lanqiao';
let hub;
let browser;

before(async () => {
  hub = await openHub();
  process.env.TEST_OPERATOR = JSON.stringify(hub.operator);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await hub?.close();
});

/** An account on the site of the city; gives its first password. */
async function account(login, name, role) {
  await operate('user', 'create', login, '--name', name, '--role', `${role}@site:${SITE}`);
  return (await operate('user', 'password', login)).password;
}

/** A window of somebody. */
async function open({ window = desktop, scripts = true } = {}) {
  const context = await browser.newContext({
    viewport: window, javaScriptEnabled: scripts, locale: 'zh-CN', baseURL: hub.address,
    // To hide the caret, the camera puts a style of its own into the page.
    bypassCSP: Boolean(process.env.SCREENSHOTS),
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', (message) => message.type() === 'error' && page.complaints.push(message.text()));
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  return page;
}

/** What an authenticator shows now for what a page told it. */
function code(secret) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const tag = createHmac('sha1', key).update(counter).digest();
  const word = tag.readUInt32BE(tag[19] & 15) & 0x7fffffff;
  return String(word % 1_000_000).padStart(6, '0');
}

/** Every page is looked at once it is there. */
async function look(page, name) {
  await page.waitForLoadState('networkidle');
  const complaints = [...page.complaints];
  assert.deepEqual(await findings(page), [], name);
  const { width } = page.viewportSize();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= width, `${name}: ${wide} wide in a window of ${width}`);
  if (process.env.SCREENSHOTS) {
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/console-${name}.png` });
  }
  // What axe and the camera put into a page is none of the page's.
  page.complaints.splice(0, Infinity, ...complaints);
}

/** Signs in for the first time: a password of one's own, and a second factor where it is owed. */
async function signIn(page, login, given, { looked } = {}) {
  await page.goto('/console');
  assert.match(page.url(), /\/console\/sign-in/);
  if (looked !== undefined) await look(page, `${looked}sign-in`);
  await page.getByLabel('账号').fill(login);
  await page.getByLabel('口令').fill(given);
  await page.getByRole('button', { name: '登录' }).click();
  await page.waitForURL('**/console/password');
  if (looked !== undefined) await look(page, `${looked}password`);
  await page.getByLabel('当前口令').fill(given);
  await page.getByLabel('新口令', { exact: true }).fill(OWN);
  await page.getByLabel('再输入一次新口令').fill(OWN);
  await page.getByRole('button', { name: '更换口令' }).click();
  await page.waitForURL(/second-factor\/setup|\/console(\/account)?$/);
  if (page.url().endsWith('/setup')) {
    await page.getByRole('button', { name: '开始设置' }).click();
    const secret = (await page.locator('dd.code').textContent()).trim();
    if (looked !== undefined) await look(page, `${looked}second-factor`);
    await page.getByLabel('六位验证码').fill(code(secret));
    await page.getByRole('button', { name: '确认' }).click();
    await page.getByText('只显示这一次').waitFor();
    assert.equal(await page.locator('ul.codes li').count(), 10);
    if (looked !== undefined) await look(page, `${looked}recovery-codes`);
  }
  await page.goto('/console');
  await page.getByRole('heading', { name: '我的待办' }).waitFor();
}

/** Asks the management API with a token. */
async function manage(token, query, input) {
  const response = await fetch(`${hub.address}/manage/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  const [payload] = Object.values(data);
  assert.deepEqual(payload.userErrors, []);
  return payload;
}

const ERRORS = 'userErrors { code field message { zh } }';

/** A draft of the editor that lies before the reviewers; its id on the hub. */
async function submitted(token, title, body) {
  const made = await manage(
    token,
    `mutation($input: CreateDocumentInput!) { createDocument(input: $input) {
       draft { digest document { id contentId locale version } } ${ERRORS} } }`,
    {
      authority: 'lanqiao-city', type: 'news', locale: 'zh-CN',
      draft: { fields: { title, body }, placements: [{ site: SITE, columns: ['news'] }] },
    },
  );
  const { digest, document: { id, contentId, locale, version } } = made.draft;
  await manage(
    token,
    `mutation($input: SubmitDocumentInput!) { submitDocument(input: $input) { review { id } ${ERRORS} } }`,
    { document: { contentId, locale, version }, digest },
  );
  return id;
}

test('a text passes its reviewers and is published', async () => {
  // Given a site where two persons and the secrecy review are asked for, and its people
  await operate('user', 'create', 'chief', '--name', '平台管理员', '--role', 'platformAdministrator');
  const chief = (await operate('token', 'create', 'chief', '--name', 'story')).secret;
  await manage(
    chief,
    `mutation($input: SetReviewRuleInput!) { setReviewRule(input: $input) { rule { version } ${ERRORS} } }`,
    {
      place: { site: SITE },
      ordinary: {
        steps: [
          { name: { zh: '初审', en: 'First review' }, by: 'FIRST_REVIEWER', within: '4h' },
          { name: { zh: '审发', en: 'Approval' }, by: 'APPROVER', within: '1wd' },
        ],
      },
    },
  );
  // And a plan: the province must have everything, two accounts come after it
  for (const key of ['province', 'wechat', 'weibo']) {
    await manage(
      chief,
      `mutation($input: CreateTargetInput!) { createTarget(input: $input) { equipped { target { key } } ${ERRORS} } }`,
      {
        key, authority: 'lanqiao-city', sites: [SITE], address: 'http://127.0.0.1:9/in',
        reach: { ranges: ['127.0.0.0/8'], http: true, ports: [9] },
      },
    );
    await manage(
      chief,
      `mutation($input: PauseTargetInput!) { pauseTarget(input: $input) { target { key } ${ERRORS} } }`,
      { key, reason: 'nobody listens' },
    );
  }
  await manage(
    chief,
    `mutation($input: SetPlanRuleInput!) { setPlanRule(input: $input) { rule { version } ${ERRORS} } }`,
    {
      place: { site: SITE },
      targets: [
        { target: 'province', required: true },
        { target: 'wechat', stage: 2, afterMinutes: 30 },
        { target: 'weibo', stage: 3, proposed: false },
      ],
    },
  );
  await operate('user', 'create', 'xin', '--name', '辛编辑', '--role', `editor@site:${SITE}`);
  const editor = (await operate('token', 'create', 'xin', '--name', 'story')).secret;
  const title = '市民服务中心延长周末办事时间';
  const document = await submitted(
    editor, title,
    '<p>自下月起，市民服务中心周末办事时间延长至十八时。</p><p>联系人：李某，身份证号 11010519491231002X。</p><table><tbody><tr><th>窗口</th><th>时间</th></tr><tr><td>社保</td><td>9:00—18:00</td></tr></tbody></table>',
  );

  // When the first reviewer signs in and opens what waits
  const first = await open();
  await signIn(first, 'chu', await account('chu', '初审员', 'firstReviewer'), { looked: '' });
  await look(first, 'queue');
  await first.getByRole('link', { name: title }).click();
  await first.getByRole('heading', { level: 1, name: title }).waitFor();
  await look(first, 'document');

  // Then they see the text, where it is to stand, and what checks find
  assert.ok(await first.getByRole('cell', { name: '社保' }).isVisible());
  assert.ok(await first.locator('.found').getByText('11010519491231002X').first().isVisible());

  // When they sign, and then once more from a page that is no longer true
  await first.getByRole('button', { name: '审核通过' }).click();
  await first.getByText('审核通过 初审员').waitFor();
  assert.equal(await first.getByRole('button', { name: '审核通过' }).count(), 0, 'one step each');
  assert.deepEqual(first.complaints, []);

  // When the secrecy reviewer concludes, without scripts and on a telephone
  const secrecy = await open({ window: phone, scripts: false });
  await signIn(secrecy, 'mi', await account('mi', '保密员', 'secrecyReviewer'));
  await secrecy.goto(`/console/documents/${document}`);
  await secrecy.getByLabel('结论').selectOption({ label: '可以公开' });
  await secrecy.getByLabel('法律依据').fill('中华人民共和国保守国家秘密法第三十五条');
  await secrecy.getByRole('button', { name: '提交结论' }).click();
  await secrecy.getByText('可以公开 保密员').first().waitFor();

  // And the approver publishes
  const approver = await open({ window: phone });
  await signIn(approver, 'shen', await account('shen', '审发员', 'approver'), { looked: 'phone-' });
  await look(approver, 'phone-queue');
  await approver.getByRole('link', { name: title }).click();
  await approver.getByRole('heading', { level: 1, name: title }).waitFor();
  await look(approver, 'phone-document');
  await approver.getByRole('button', { name: '发布', exact: true }).click();

  // Then the public reads it, or is told why not yet: an error that checks found stands in the way
  await approver.getByRole('alert').waitFor();
  assert.match(await approver.getByRole('alert').textContent(), /检查发现/);
  await look(approver, 'phone-refused');
  await approver.getByText('放行检查所见的错误').click();
  await approver.locator('#waive-words').fill('已征得本人同意');
  await approver.getByRole('button', { name: '放行', exact: true }).click();
  await approver.getByText('放行检查所见 · 审发员').waitFor();
  await approver.getByRole('button', { name: '发布', exact: true }).click();
  await approver.getByText('已发布').first().waitFor();
  const seen = await fetch(`${hub.address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `{ search(query: "${title}", first: 1) { edges { node { ... on Document { title } } } } }` }),
  });
  assert.match(JSON.stringify(await seen.json()), new RegExp(title));
  assert.deepEqual(approver.complaints.filter((text) => !/status of 4\d\d/.test(text)), []);
});

test('a text is sent back, and what changed is shown when it comes again', async () => {
  // Given a text before the first reviewer
  const token = (await operate('token', 'create', 'xin', '--name', 'again')).secret;
  const title = '关于启用新版社保卡的说明';
  const id = await submitted(token, title, '<p>新版社保卡自六月一日起启用，旧卡同时作废。</p>');
  const page = await open();
  await page.goto('/console/sign-in');
  await page.getByLabel('账号').fill('chu');
  await page.getByLabel('口令').fill(OWN);
  await page.getByRole('button', { name: '登录' }).click();
  await page.getByRole('link', { name: title }).click();

  // When they send it back without a reason, and then with one
  await page.getByText('退回', { exact: true }).first().click();
  await page.getByRole('button', { name: '退回' }).click();
  assert.ok(await page.locator('#return-words:invalid').count(), 'the browser asks for the reason');
  await page.locator('#return-words').fill('旧卡可继续使用至年底，请更正');
  await page.getByRole('button', { name: '退回' }).click();

  // Then it stands on the record, and nothing is offered any more
  await page.getByText('旧卡可继续使用至年底，请更正').waitFor();
  await page.getByText('已退回').first().waitFor();
  await look(page, 'returned');
  await page.goto('/console');
  assert.equal(await page.getByRole('link', { name: title }).count(), 0);
  assert.ok(id);
});

test('an editor changes where a text goes, and what was signed is void', async () => {
  // Given a text that its first reviewer has signed with its plan
  const token = (await operate('token', 'create', 'xin', '--name', 'plan')).secret;
  const title = '关于公布汛期值班电话的通知';
  const id = await submitted(token, title, '<p>汛期值班电话自六月一日起开通。</p>');
  const first = await open();
  await first.goto('/console/sign-in');
  await first.getByLabel('账号').fill('chu');
  await first.getByLabel('口令').fill(OWN);
  await first.getByRole('button', { name: '登录' }).click();
  await first.getByRole('link', { name: title }).click();
  const plan = first.getByRole('region', { name: '发布计划' });
  assert.match(await plan.textContent(), /province\s+webhook\s+必投/);
  assert.match(await plan.textContent(), /wechat\s+webhook\s+2 · 前序对象收到后，推迟 30 分钟/);
  await first.getByRole('button', { name: '审核通过' }).click();
  await first.getByText('审核通过 初审员').waitFor();

  // When the editor lets it go to one account more, and later to the other
  const editor = await open();
  const given = (await operate('user', 'password', 'xin')).password;
  await signIn(editor, 'xin', given);
  await editor.goto(`/console/documents/${id}`);
  await editor.getByText('更改计划').click();
  const weibo = editor.getByRole('group', { name: 'weibo' });
  await weibo.getByLabel('投放').check();
  const wechat = editor.getByRole('group', { name: 'wechat' });
  await wechat.getByLabel('推迟（分钟）').fill('90');
  await wechat.getByLabel('不早于').fill('2027-01-05T18:00');
  assert.equal(await editor.getByRole('group', { name: 'province' }).count(), 0, 'it is required');
  await look(editor, 'plan');
  await editor.getByRole('button', { name: '保存计划' }).click();

  // Then the plan says so, and the text lies before nobody
  const now = editor.getByRole('region', { name: '发布计划' });
  await now.getByText(/推迟 90 分钟，不早于 2027-01-05 18:00/).waitFor();
  if (process.env.SCREENSHOTS) {
    await now.screenshot({ path: `${process.env.SCREENSHOTS}/console-plan-saved.png` });
  }
  assert.match(await now.textContent(), /weibo\s+webhook\s+3 · 前序对象收到后/);
  await editor.getByText('已修改，须重新送审').first().waitFor();
  await first.getByRole('link', { name: '我的待办' }).first().click();
  await first.getByRole('heading', { name: '我的待办' }).waitFor();
  assert.equal(await first.getByRole('link', { name: title }).count(), 0);
  assert.deepEqual(editor.complaints, []);
});

test('the pages are English for who chose that, and say what was wrong', async () => {
  const page = await open();
  await page.goto('/console/sign-in');
  await page.getByRole('link', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.getByLabel('Account').fill('nobody');
  await page.getByLabel('Password').fill('Not-It-4711!');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  assert.match(await page.getByRole('alert').textContent(), /no account/);
  await look(page, 'wrong-english');
  await page.goto('/console/documents/00000000-0000-0000-0000-000000000000');
  assert.match(page.url(), /sign-in\?next=/);
});

test('whoever works with the keyboard gets to the content at once', async () => {
  const page = await open();
  await page.goto('/console/sign-in');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), '跳到正文');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'login');
});
