// A query as something to paste elsewhere.

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

export const asCurl = ({ url, token, body }) =>
  [
    `curl -s ${quoted(url)}`,
    `-H ${quoted('content-type: application/json')}`,
    ...(token ? [`-H ${quoted(`authorization: Bearer ${token}`)}`] : []),
    `--data-raw ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n  ');

export const asScript = ({ url, token, body }) => `const response = await fetch(${JSON.stringify(url)}, {
  method: 'POST',
  headers: {
    'content-type': 'application/json',${token ? `\n    authorization: ${JSON.stringify(`Bearer ${token}`)},` : ''}
  },
  body: JSON.stringify(${JSON.stringify(body, null, 2).replaceAll('\n', '\n  ')}),
});
const { data, errors } = await response.json();
`;
