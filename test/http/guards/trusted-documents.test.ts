import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTrustedDocuments, resolveDocument } from '../../../src/http/guards/trusted-documents.ts';

const ME = '{ me { id } }';
const HASH = createHash('sha256').update(ME).digest('hex');

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'assent-documents-'));
});
afterAll(() => rm(dir, { recursive: true }));

const read = async (text: string) => {
  const file = path.join(dir, 'documents.json');
  await writeFile(file, text);
  return readTrustedDocuments(file);
};

describe('where there is a list of documents', () => {
  const listed = () => read(JSON.stringify({ me: ME, 'another-1': 'query A { me { name } }' }));

  test.each([
    { name: 'its own id', operation: { documentId: 'me' } },
    { name: 'its hash', operation: { documentId: `sha256:${HASH}` } },
    {
      name: 'its hash as Apollo sends it',
      operation: { extensions: { persistedQuery: { version: 1, sha256Hash: HASH } } },
    },
  ])('a document is run by $name', async ({ operation }) => {
    expect(resolveDocument(await listed(), { ...operation, variables: { a: 1 } })).toMatchObject({
      query: ME,
      variables: { a: 1 },
    });
  });

  test.each([
    { name: 'a document of the client', operation: { query: '{ me { email } }' } },
    { name: 'the text of one that is listed', operation: { query: ME } },
    { name: 'a document beside an id', operation: { documentId: 'me', query: '{ me { email } }' } },
    { name: 'an id that is not listed', operation: { documentId: 'other' } },
    { name: 'a name that every object has', operation: { documentId: 'constructor' } },
    { name: 'a bare hash', operation: { documentId: HASH } },
    { name: 'a hash that is none', operation: { extensions: { persistedQuery: { sha256Hash: ['me'] } } } },
    { name: 'nothing', operation: {} },
  ])('$name is refused', async ({ operation }) => {
    const documents = await listed();
    expect(() => resolveDocument(documents, operation as never)).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_NOT_TRUSTED' }),
    );
  });

  test.each([
    { name: 'is no JSON', text: '{' },
    { name: 'is a list', text: '["{ me { id } }"]' },
    { name: 'holds something else', text: '{"me":1}' },
    { name: 'has a hash that is another document’s', text: JSON.stringify({ [`sha256:${HASH}`]: '{ me { name } }' }) },
  ])('one that $name stops the start', async ({ text }) => {
    await expect(read(text)).rejects.toThrow(/documents\.json/);
  });

  test('one that is not there stops the start', async () => {
    await expect(readTrustedDocuments(path.join(dir, 'none.json'))).rejects.toThrow(/none\.json/);
  });
});

describe('where there is none', () => {
  test('any document is run', () => {
    expect(resolveDocument(null, { query: ME })).toEqual({ query: ME });
  });

  test.each([{}, { documentId: 'me' }, { query: '' }])('%j is no operation', (operation) => {
    expect(() => resolveDocument(null, operation)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });
});
