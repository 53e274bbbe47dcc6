import type { Access } from '../store/mongo/collections.ts';
import { createMarks } from '../store/mongo/repositories/marks.ts';

const DEVELOPMENT = 'development';

/** Records that everybody in the database is invented, so that the gateway issues tokens for them without a login. */
export const markAsDevelopment = (store: Access, since: Date): Promise<void> =>
  createMarks(store).set({ _id: DEVELOPMENT, since });

export const isDevelopment = (store: Access): Promise<boolean> => createMarks(store).has(DEVELOPMENT);
