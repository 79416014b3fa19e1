// Relay: its compiler takes the committed schema, with connections, refetched fragments and the
// global ids that it relies on; what it makes runs against a hub.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import compiler from 'relay-compiler';
import relay from 'relay-runtime';

const { Environment, fetchQuery, getFragment, getSelector, Network, RecordSource, Store } = relay;
const folder = await mkdtemp(join(tmpdir(), 'gongbao-relay-'));
after(() => rm(folder, { recursive: true, force: true }));

const SOURCE = `
import { graphql } from 'relay-runtime';

graphql\`
  query sourceListQuery($site: String!) {
    ...source_list @arguments(site: $site)
  }
\`;

graphql\`
  fragment source_list on Query
  @argumentDefinitions(site: { type: "String!" }, count: { type: "Int", defaultValue: 5 }, cursor: { type: "String" })
  @refetchable(queryName: "sourceNextQuery") {
    documents(site: $site, first: $count, after: $cursor) @connection(key: "source_documents", filters: ["site"]) {
      edges { node { id title ...source_document } }
    }
  }
\`;

graphql\`
  fragment source_document on Document @refetchable(queryName: "sourceDocumentQuery") {
    id
    title
    ... on PolicyDocument { documentNumber }
  }
\`;
`;

async function compile() {
  const source = join(folder, 'src');
  const made = join(folder, 'made');
  await mkdir(source);
  await mkdir(made);
  await writeFile(join(source, 'source.js'), SOURCE);
  await writeFile(join(made, 'package.json'), '{ "type": "commonjs" }');
  const config = join(folder, 'relay.config.json');
  await writeFile(
    config,
    JSON.stringify({
      src: './src',
      schema: './content.graphql',
      language: 'javascript',
      artifactDirectory: './made',
      eagerEsModules: false,
      customScalarTypes: { DateTime: 'string' },
    }),
  );
  await copyFile(fileURLToPath(new URL('../../schema/content.graphql', import.meta.url)), join(folder, 'content.graphql'));
  await promisify(execFile)(compiler, [config], { cwd: folder });
  const require = createRequire(import.meta.url);
  return (name) => require(join(made, `${name}.graphql.js`));
}

test('what relay-compiler makes of the schema reads, pages and refetches', async () => {
  const made = await compile();
  const network = Network.create(async ({ text }, variables) => {
    const response = await fetch(`${process.env.TEST_HUB}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, variables }),
    });
    return response.json();
  });
  const environment = new Environment({ network, store: new Store(new RecordSource()) });
  const ask = (question, variables) => fetchQuery(environment, question, variables).toPromise();
  const read = (fragment, reference) => environment.lookup(getSelector(getFragment(fragment), reference)).data;

  const first = read(made('source_list'), await ask(made('sourceListQuery'), { site: 'lanqiao' }));
  const { edges, pageInfo } = first.documents;
  assert.equal(edges.length, 5);
  assert.ok(pageInfo.hasNextPage);

  const second = await ask(made('sourceNextQuery'), { site: 'lanqiao', count: 5, cursor: pageInfo.endCursor });
  const more = read(made('source_list'), second).documents.edges;
  const titles = more.map(({ node }) => node.title);
  assert.ok(titles.length > 0);

  const { id } = edges[0].node;
  const again = read(made('source_document'), (await ask(made('sourceDocumentQuery'), { id })).node);
  assert.equal(again.id, id);
  assert.equal(again.title, edges[0].node.title);
});
