// GraphQL over HTTP, by the audit suite of the working group's own implementation: nothing that a
// server MUST do fails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditServer } from 'graphql-http';

test('the audit of graphql-http finds no MUST that fails', async (t) => {
  const results = await auditServer({ url: `${process.env.TEST_HUB}/graphql`, fetchFn: fetch });
  const say = ({ id, name, reason }) => `${id} ${name}: ${reason}`;
  const failed = results.filter(({ name, status }) => status === 'error' || (status !== 'ok' && /\bMUST\b/.test(name)));
  for (const warned of results.filter(({ status }) => status === 'warn')) t.diagnostic(say(warned));
  assert.ok(results.length > 50);
  assert.deepEqual(failed.map(say), []);
});
