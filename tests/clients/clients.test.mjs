// The clients that front ends are written with: lists, pages, links between documents, refusals.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { cacheExchange, Client, fetchExchange } from '@urql/core';
import { buildSchema, isAbstractType } from 'graphql';
import { ClientError, GraphQLClient } from 'graphql-request';

const url = `${process.env.TEST_HUB}/graphql`;
const DOCUMENTS = `
  query Documents($first: Int!, $after: String) {
    documents(site: "lanqiao", first: $first, after: $after) {
      edges {
        cursor
        node {
          __typename
          id
          title
          ... on PolicyDocument { documentNumber interpretations(first: 5) { id title } }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;
const REFUSED = '{ documents(first: 1000) { nodes { id } } }';

/** Every title, ten at a time, and what was found on the way. */
async function readAll(ask) {
  const edges = [];
  let after;
  do {
    const { documents } = await ask({ first: 10, after });
    edges.push(...documents.edges);
    after = documents.pageInfo.hasNextPage ? documents.pageInfo.endCursor : undefined;
  } while (after);
  return edges.map(({ node }) => node);
}

function isComplete(nodes) {
  assert.ok(nodes.length > 20);
  assert.equal(new Set(nodes.map(({ id }) => id)).size, nodes.length);
  const explained = nodes.find(({ documentNumber }) => documentNumber === '蓝政规〔2026〕2号');
  assert.match(explained.interpretations[0].title, /政策问答/);
}

/** What Apollo must know of interfaces and unions, out of the committed schema. */
async function possibleTypes() {
  const schema = buildSchema(await readFile(new URL('../../schema/content.graphql', import.meta.url), 'utf8'));
  const abstract = Object.values(schema.getTypeMap()).filter(isAbstractType);
  return Object.fromEntries(abstract.map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]));
}

test('Apollo Client reads, pages into its cache, and hears refusals', async () => {
  for (const useGETForQueries of [false, true]) {
    const cache = new InMemoryCache({
      possibleTypes: await possibleTypes(),
      typePolicies: { Query: { fields: { documents: relayStylePagination(['site']) } } },
    });
    const client = new ApolloClient({ cache, link: new HttpLink({ uri: url, fetch, useGETForQueries }) });
    const query = gql(DOCUMENTS);
    const watched = client.watchQuery({ query, variables: { first: 10 } });
    const subscription = watched.subscribe({});
    let { data } = await watched.refetch();
    while (data.documents.pageInfo.hasNextPage) {
      const { endCursor } = data.documents.pageInfo;
      await watched.fetchMore({ variables: { first: 10, after: endCursor } });
      data = client.readQuery({ query, variables: { first: 10 } });
    }
    subscription.unsubscribe();
    isComplete(data.documents.edges.map(({ node }) => node));
    // What is asked for by another name is in the cache already.
    const { id } = data.documents.edges[0].node;
    const kept = client.readFragment({ id: cache.identify(data.documents.edges[0].node), fragment: gql('fragment T on Document { id title }') });
    assert.equal(kept.id, id);
    await assert.rejects(client.query({ query: gql(REFUSED) }), (error) => CombinedGraphQLErrors.is(error) && codeOf(error.errors) === 'BAD_ARGUMENT');
    client.stop();
  }
});

test('urql reads by POST and by GET, and hears refusals', async () => {
  for (const preferGetMethod of [false, 'force']) {
    const client = new Client({ url, exchanges: [cacheExchange, fetchExchange], preferGetMethod });
    const nodes = await readAll(async (variables) => {
      const { data, error } = await client.query(DOCUMENTS, variables).toPromise();
      assert.equal(error, undefined);
      return data;
    });
    isComplete(nodes);
    const { error } = await client.query(REFUSED, {}).toPromise();
    assert.equal(codeOf(error.graphQLErrors), 'BAD_ARGUMENT');
  }
});

test('graphql-request reads, and hears refusals', async () => {
  const client = new GraphQLClient(url);
  isComplete(await readAll((variables) => client.request(DOCUMENTS, variables)));
  await assert.rejects(client.request(REFUSED), (error) => error instanceof ClientError && codeOf(error.response.errors) === 'BAD_ARGUMENT');
  const [{ data }, second] = await client.batchRequests([{ document: '{ sites { key } }' }, { document: '{ site(key: "lanqiao") { key } }' }]);
  assert.ok(data.sites.length >= 5);
  assert.equal(second.data.site.key, 'lanqiao');
});

test('who takes JSON first gets JSON, whatever else would do', async () => {
  // As urql asks: for every question alike, whether it turns out to be a subscription or not.
  const accept = 'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed';
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query: '{ sites { key } }' }),
  });
  assert.match(response.headers.get('content-type'), /^application\/(graphql-response\+)?json/);
  assert.ok((await response.json()).data.sites.length > 0);
});

const codeOf = (errors) => errors[0]?.extensions?.code;
