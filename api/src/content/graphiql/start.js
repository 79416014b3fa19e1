// Starts GraphiQL on the content API of the host the page came from.
'use strict';

const query = `# 公报 内容接口 / Gongbao content API
# 按 Ctrl-Enter 运行 / Ctrl-Enter runs it
query Newest($first: Int = 10) {
  documents(first: $first) {
    nodes {
      typeLabel { zh en }
      title
      url
      publishedAt
      site { name { zh } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

async function fetcher(parameters, options) {
  const response = await fetch('/graphql', {
    method: 'POST',
    credentials: 'same-origin',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/graphql-response+json, application/json',
      ...(options && options.headers),
    },
    body: JSON.stringify(parameters),
  });
  return response.json();
}

// A link may bring a query along: /graphql?query=…&variables=…
const brought = new URLSearchParams(window.location.search);
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultQuery: query,
    query: brought.get('query') || undefined,
    variables: brought.get('variables') || undefined,
  }),
);
