import { describe, expect, test } from 'vitest';
import { ApiError, ERROR_CODES } from '../../../src/base/errors.ts';
import { MOST_BYTES } from '../../../src/http/guards/limits.ts';
import { readOperation } from '../../../src/http/guards/request.ts';

const ADDRESS = 'http://gateway.test/graphql';
const JSON_BODY = { 'content-type': 'application/json' };
const CANARY = 'canary-4711';

const post = (body: BodyInit | null, headers: Record<string, string> = JSON_BODY) =>
  new Request(ADDRESS, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
const get = (parameters: Record<string, string>) => new Request(`${ADDRESS}?${new URLSearchParams(parameters)}`);

const refusalOf = (request: Request): Promise<ApiError> =>
  readOperation(request).then(
    () => expect.unreachable('it was taken'),
    (error) => {
      expect(error).toBeInstanceOf(ApiError);
      return error;
    },
  );

describe('a request is read', () => {
  test.each([
    { type: 'application/json' },
    { type: 'application/json; charset=utf-8' },
    { type: 'Application/JSON;charset="UTF-8"' },
    { type: 'application/json;charset=utf8' },
    { type: 'application/json ; charset=utf-8' },
    { type: 'application/json;\tcharset=UTF-8' },
    { type: 'application/json;' },
    { type: 'application/json; profile="a;b"; charset=utf-8' },
    { type: 'application/json; version=1' },
  ])('from a body of $type', async ({ type }) => {
    const body = JSON.stringify({ query: '{ me { id } }', variables: { a: 'ü' }, operationName: null });
    expect(await readOperation(post(body, { 'content-type': type }))).toMatchObject({
      query: '{ me { id } }',
      variables: { a: 'ü' },
    });
  });

  test('with a byte order mark before its body', async () => {
    expect(await readOperation(post('\ufeff{"query":"{ a }"}'))).toMatchObject({ query: '{ a }' });
  });

  test('with a body that says it is not compressed', async () => {
    const headers = { ...JSON_BODY, 'content-encoding': 'identity' };
    expect(await readOperation(post('{"query":"{ a }"}', headers))).toMatchObject({ query: '{ a }' });
  });

  test('with an empty operation name, as one without', async () => {
    expect((await readOperation(post('{"query":"{ a }","operationName":""}'))).operationName).toBeUndefined();
    expect((await readOperation(get({ query: '{ a }', operationName: '' }))).operationName).toBeUndefined();
  });

  test.each([
    ['texts', `{ a(b: "${'['.repeat(1_900)}") }`],
    ['block texts', `{ a(b: """${'{'.repeat(1_900)} " \\"""(((""") }`],
    ['comments', `{ a } # ${'('.repeat(1_900)}`],
    ['brackets beside each other', `{ a(b: [${'[],'.repeat(1_900)}]) }`],
  ])('with any brackets in %s', async (_, query) => {
    expect(await readOperation(post(JSON.stringify({ query })))).toMatchObject({ query });
  });

  test('from the address of a GET', async () => {
    const request = get({
      query: 'query A { me { id } }',
      operationName: 'A',
      variables: '{"a":[1]}',
      extensions: '{}',
    });
    expect(await readOperation(request)).toMatchObject({
      query: 'query A { me { id } }',
      operationName: 'A',
      variables: { a: [1] },
    });
  });

  test('with other members besides', async () => {
    expect(await readOperation(post('{"query":"{ a }","later":1}'))).not.toHaveProperty('later');
  });

  test.each([
    '*/*',
    'application/*',
    'text/html, application/json;q=0.5',
    'application/graphql-response+json',
  ])('for a client that accepts %s', async (accept) => {
    expect(await readOperation(post('{"query":"{ a }"}', { ...JSON_BODY, accept }))).toHaveProperty('query');
  });
});

describe('a request is refused', () => {
  const FORM = 'application/x-www-form-urlencoded';
  test.each([
    { name: 'of a form', type: FORM, body: `query=${CANARY}`, code: 'UNSUPPORTED_MEDIA_TYPE' },
    {
      name: 'of a multipart form',
      type: 'multipart/form-data; boundary=x',
      body: '--x--',
      code: 'UNSUPPORTED_MEDIA_TYPE',
    },
    { name: 'of plain text', type: 'text/plain', body: '{"query":"{ a }"}', code: 'UNSUPPORTED_MEDIA_TYPE' },
    { name: 'of a bare document', type: 'application/graphql', body: '{ a }', code: 'UNSUPPORTED_MEDIA_TYPE' },
    {
      name: 'of another charset',
      type: 'application/json; charset=latin1',
      body: '{}',
      code: 'UNSUPPORTED_MEDIA_TYPE',
    },
    {
      name: 'of JSON and something more',
      type: 'application/json, text/plain',
      body: '{}',
      code: 'UNSUPPORTED_MEDIA_TYPE',
    },
    { name: 'of no type', type: '', body: '{"query":"{ a }"}', code: 'UNSUPPORTED_MEDIA_TYPE' },
    { name: 'without a body', body: '', code: 'BAD_REQUEST' },
    { name: 'that is no JSON', body: `{"query": ${CANARY}`, code: 'BAD_REQUEST' },
    { name: 'that is a text', body: `"${CANARY}"`, code: 'BAD_REQUEST' },
    { name: 'that is null', body: 'null', code: 'BAD_REQUEST' },
    { name: 'of several operations', body: `[{"query":"${CANARY}"}]`, code: 'BAD_REQUEST' },
    { name: 'with a document that is no text', body: `{"query":["${CANARY}"]}`, code: 'BAD_REQUEST' },
    {
      name: 'with an operation name that is no text',
      body: `{"query":"{a}","operationName":{"${CANARY}":1}}`,
      code: 'BAD_REQUEST',
    },
    { name: 'with a list as variables', body: `{"query":"{a}","variables":["${CANARY}"]}`, code: 'BAD_REQUEST' },
    { name: 'with a text as variables', body: `{"query":"{a}","variables":"${CANARY}"}`, code: 'BAD_REQUEST' },
    { name: 'with a number as extensions', body: '{"query":"{a}","extensions":4711}', code: 'BAD_REQUEST' },
    {
      name: 'that announces too much',
      headers: { 'content-length': String(MOST_BYTES + 1) },
      body: '{}',
      code: 'BODY_TOO_LARGE',
    },
    { name: 'that is too much', body: JSON.stringify({ query: 'x'.repeat(MOST_BYTES) }), code: 'BODY_TOO_LARGE' },
    { name: 'for a page', headers: { accept: 'text/html' }, body: '{}', code: 'NOT_ACCEPTABLE' },
    { name: 'for a stream of events', headers: { accept: 'text/event-stream' }, body: '{}', code: 'NOT_ACCEPTABLE' },
  ] as const)('$name', async ({ body, code, ...given }) => {
    const type = 'type' in given ? given.type : 'application/json';
    const error = await refusalOf(post(body, { 'content-type': type, ...('headers' in given && given.headers) }));
    expect(error.code).toBe(code);
    expect(JSON.stringify(error)).not.toContain('4711');
  });

  test.each([
    { name: 'with variables that are no JSON', parameters: { query: '{ a }', variables: `{${CANARY}` } },
    { name: 'with a list as variables', parameters: { query: '{ a }', variables: `["${CANARY}"]` } },
    { name: 'with extensions that are no JSON', parameters: { query: '{ a }', extensions: CANARY } },
  ])('by GET $name', async ({ parameters }) => {
    const error = await refusalOf(get(parameters));
    expect(error.code).toBe('BAD_REQUEST');
    expect(error.message).not.toContain(CANARY);
  });

  test.each(['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])('by %s, with the methods that are taken', async (method) => {
    const error = await refusalOf(new Request(ADDRESS, { method }));
    expect(error.code).toBe('METHOD_NOT_ALLOWED');
    expect(error.extensions.http).toEqual({ headers: { allow: 'GET, HEAD, POST' } });
  });

  test('without reading on, where its body has no end', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        sent += 10_000;
        controller.enqueue(new Uint8Array(10_000).fill(120));
      },
    });
    expect((await refusalOf(post(endless))).code).toBe('BODY_TOO_LARGE');
    expect(sent).toBeLessThanOrEqual(MOST_BYTES + 20_000);
  });

  test.each([
    'gzip',
    'br',
    'deflate',
    'zstd',
    'gzip, identity',
  ])('compressed by %s, with the encodings that are taken', async (encoding) => {
    const error = await refusalOf(post('{"query":"{ a }"}', { ...JSON_BODY, 'content-encoding': encoding }));
    expect(error.code).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(error.extensions.http).toEqual({ headers: { 'accept-encoding': 'identity' } });
  });

  test('in bytes that are no UTF-8', async () => {
    const error = await refusalOf(post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])));
    expect([error.code, error.message]).toEqual(['BAD_REQUEST', 'body: expected UTF-8.']);
  });

  test.each([
    ['lists', `{ a(b: ${'['.repeat(1_900)}${']'.repeat(1_900)}) }`],
    ['objects', `{ a(b: ${'{c:'.repeat(1_900)}1${'}'.repeat(1_900)}) }`],
    ['selections', `${'{a'.repeat(1_900)}${'}'.repeat(1_900)}`],
    ['lists that do not end', `{ a(b: ${'['.repeat(20_000)}`],
    ['types', `query ($a: ${'['.repeat(1_900)}`],
  ])('with 1,900 %s in each other', async (_, query) => {
    const error = await refusalOf(post(JSON.stringify({ query })));
    expect(error.extensions).toMatchObject({ code: 'TOO_COMPLEX', limit: 'nesting' });
  });

  test('with a status of the table', () => {
    const { UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE } = ERROR_CODES;
    expect([UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE]).toEqual([415, 413, 405, 406]);
  });
});
