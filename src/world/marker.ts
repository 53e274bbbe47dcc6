import type { Store } from '../store/mongo/connection.ts';

const DEVELOPMENT = 'development';

const marks = ({ connection }: Pick<Store, 'connection'>) =>
  connection.getClient().db(connection.name).collection<{ _id: string; since: Date }>('gateway_marks');

/** Remembers that everybody in the database is invented, so that tokens for them may be had for the asking. */
export async function markAsDevelopment(store: Pick<Store, 'connection' | 'write'>, since: Date): Promise<void> {
  const options = { upsert: true, writeConcern: store.write };
  await marks(store).updateOne({ _id: DEVELOPMENT }, { $setOnInsert: { since } }, options);
}

export const isDevelopment = async (store: Pick<Store, 'connection' | 'read'>): Promise<boolean> =>
  (await marks(store).findOne({ _id: DEVELOPMENT }, store.read)) !== null;
