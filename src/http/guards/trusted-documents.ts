import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { GraphQLParams } from 'graphql-yoga';
import { z } from 'zod';
import { ApiError, badRequest } from '../../base/errors.ts';
import type { Operation } from './request.ts';

/** Documents by the ids that clients know them by. */
export type TrustedDocuments = ReadonlyMap<string, string>;

const DocumentList = z.record(z.string().min(1), z.string().min(1));

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** The file of trusted documents can't be used. */
export class TrustedDocumentsError extends Error {
  override readonly name = 'TrustedDocumentsError';
}

/**
 * Reads the documents that clients were built with: a JSON object from id to document, as Relay's compiler and
 * GraphQL Code Generator write it. Each goes by its SHA-256 as well.
 *
 * @throws {TrustedDocumentsError}
 * @see https://graphql.github.io/graphql-over-http/draft/#sec-Appendix-Persisted-Documents
 */
export async function readTrustedDocuments(file: string): Promise<TrustedDocuments> {
  const listed = await readFile(file, 'utf8')
    .then((text) => DocumentList.safeParse(JSON.parse(text)))
    .catch((error: Error) => ({ success: false as const, error }));
  if (!listed.success) throw new TrustedDocumentsError(`${file}: expected a JSON object from document id to document`);
  const documents = Object.entries(listed.data);
  const mislabelled = documents.filter(([id, text]) => id.startsWith('sha256:') && id !== sha256(text));
  if (mislabelled.length > 0)
    throw new TrustedDocumentsError(
      mislabelled.map(([id]) => `${file}: ${id}: not the hash of its document`).join('\n'),
    );
  return new Map([...documents, ...documents.map(([, text]) => [sha256(text), text] as const)]);
}

/** The hash that clients of Apollo's persisted queries send. */
function hashIn({ extensions }: GraphQLParams): string | undefined {
  const hash: unknown = extensions?.persistedQuery?.sha256Hash;
  return typeof hash === 'string' ? `sha256:${hash}` : undefined;
}

/**
 * The answer for clients that send the hash of a document first: Apollo's and urql's then send the document itself.
 *
 * @see https://www.apollographql.com/docs/apollo-server/performance/apq
 */
const persistedQueryNotSupported = () => new ApiError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');

/**
 * Puts the document in the place of its id. If there is a list, only documents on it are run.
 *
 * @throws {ApiError}
 */
export function resolveDocument(documents: TrustedDocuments | null, { documentId, ...sent }: Operation): GraphQLParams {
  if (!documents) {
    if (!sent.query && typeof sent.extensions?.persistedQuery === 'object') throw persistedQueryNotSupported();
    if (!sent.query) throw badRequest('query: expected a document.');
    return sent;
  }
  const id = documentId ?? hashIn(sent);
  const query = id !== undefined && !sent.query ? documents.get(id) : undefined;
  if (query === undefined)
    throw new ApiError('DOCUMENT_NOT_TRUSTED', 'Only listed documents are run here: send the id of one as documentId.');
  return { ...sent, query };
}
