// graphql-codegen: what comes from the schema of a running hub comes from the committed one as
// well, and TypeScript takes it with a question's own types.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { generate } from '@graphql-codegen/cli';
import ts from 'typescript';

const committed = fileURLToPath(new URL('../../schema/content.graphql', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'gongbao-codegen-'));
after(() => rm(folder, { recursive: true, force: true }));

const QUESTION = `
  query Policies($after: String) {
    policyDocuments(site: "lanqiao", filter: { writtenOn: { gte: "2026-01-01" } }, first: 5, after: $after) {
      nodes { title documentNumber validity { value } genre body { html } interpretations(first: 1) { title url } }
      pageInfo { endCursor }
    }
  }
`;

async function types(schema) {
  const documents = join(folder, 'policies.graphql');
  await writeFile(documents, QUESTION);
  const { resolve } = createRequire(import.meta.url);
  const [{ content }] = await generate(
    {
      schema,
      documents,
      silent: true,
      config: { sort: true, disableDescriptions: true, scalars: { DateTime: 'string', Date: 'string', Decimal: 'string', Long: 'number', JSON: 'unknown' } },
      generates: {
        [join(folder, 'types.ts')]: {
          plugins: [resolve('@graphql-codegen/typescript'), resolve('@graphql-codegen/typescript-operations')],
        },
      },
    },
    false,
  );
  return content;
}

/** Types without those by which a hub is a subgraph of Apollo Federation: a printed schema leaves them out. */
const withoutFederation = (text) =>
  text.replace(/^export type (?:Query)?_\w+ = (?:\{[^]*?^\}|[^;{]+);\n/gm, '').replace(/^ +_\w+: .*\n/gm, '');

test('the types of a running hub are those of the committed schema, and compile', async () => {
  const text = withoutFederation(await types(`${process.env.TEST_HUB}/graphql`));
  // Without descriptions, which the loader of files drops from scalars. By lines, so that what
  // differs can be read; in one direction, since a hub does not tell of types that lead nowhere.
  const lines = new Set((await types(committed)).split('\n'));
  assert.deepEqual(text.split('\n').filter((line) => !lines.has(line)), []);
  const path = join(folder, 'policies.ts');
  const use = `
    declare const answer: PoliciesQuery;
    const titles: string[] = answer.policyDocuments.nodes.map(({ title }) => title);
    const explained: string | undefined = answer.policyDocuments.nodes[0]?.interpretations[0]?.title;
    export const used = [titles, explained];
  `;
  await writeFile(path, `${text}\n${use}`);
  const program = ts.createProgram([path], { strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, types: [] });
  const faults = ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  assert.deepEqual(faults, []);
});
