import type { mongo } from 'mongoose';

const NAMESPACE_NOT_FOUND = 26;
const INDEX_NOT_FOUND = 27;

const unless =
  (...codes: number[]) =>
  (error: { readonly code?: unknown }) => {
    if (!codes.includes(error.code as number)) throw error;
  };

/** Drops an index of an earlier form, if it still exists. */
export const dropIndex = async (collection: mongo.Collection, name: string): Promise<void> => {
  await collection.dropIndex(name).catch(unless(INDEX_NOT_FOUND, NAMESPACE_NOT_FOUND));
};

/** Drops a collection of an earlier form, if it still exists. */
export const dropCollection = async (collection: mongo.Collection, options: mongo.DropCollectionOptions) => {
  await collection.drop(options).catch(unless(NAMESPACE_NOT_FOUND));
};
