import { mongo } from 'mongoose';

/** The size of a document as the database keeps it (BSON), in bytes. */
export const sizeOfDocument = (document: object): number =>
  mongo.BSON.calculateObjectSize(document, { ignoreUndefined: true });
