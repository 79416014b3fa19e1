// A federated graph: what a hub gives of itself as a subgraph composes with another service that
// adds fields to its documents and sites, and is refused where that service gets them wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeServices } from '@theguild/federation-composition';
import { buildSchema, parse } from 'graphql';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@shareable"])`;

/** Comments on documents, and visits of sites: nothing that the hub knows of. */
const COMMENTS = `
  ${LINK}
  type Query { latestComments(first: Int): [Comment!]! }
  type Comment { id: ID! text: String! on: PolicyDocument }
  type News @key(fields: "id") { id: ID! comments(first: Int): CommentConnection! }
  type PolicyDocument @key(fields: "id") { id: ID! comments(first: Int): CommentConnection! }
  type Site @key(fields: "id") { id: ID! visitsToday: Int }
  type CommentConnection { nodes: [Comment!]! pageInfo: PageInfo! }
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
`;

async function subgraph() {
  const response = await fetch(`${process.env.TEST_HUB}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  });
  return parse((await response.json()).data._service.sdl);
}

const compose = async (comments) =>
  composeServices([
    { name: 'gongbao', typeDefs: await subgraph(), url: 'http://hub.example/graphql' },
    { name: 'comments', typeDefs: parse(comments), url: 'http://comments.example/graphql' },
  ]);

test('a hub composes with a service that extends its documents and sites', async () => {
  const { errors, supergraphSdl } = await compose(COMMENTS);

  assert.deepEqual((errors ?? []).map(({ message }) => message), []);
  const schema = buildSchema(supergraphSdl, { assumeValidSDL: true });
  const news = schema.getType('News').getFields();
  assert.ok(news.body && news.comments, 'a document has the fields of both');
  assert.ok(schema.getType('Site').getFields().visitsToday);
  assert.ok(schema.getQueryType().getFields().newsItems && schema.getQueryType().getFields().latestComments);
});

test('a service that takes a field of the hub for its own does not compose', async () => {
  const { errors } = await compose(COMMENTS.replace('visitsToday: Int', 'domain: String!'));

  assert.ok((errors ?? []).some(({ message }) => message.includes('Site.domain')), JSON.stringify(errors));
});
