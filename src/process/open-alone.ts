import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, type Store, type StoreOptions } from '../store/mongo/connection.ts';

/** The embedded engine outlives its last program by less than this, in milliseconds. */
const ENGINE_ENDS_MS = 3_000;

/** A store that no other program should use: opened again where it was joined, since the engine outlives a gateway that has just ended. */
export async function openAlone(options: StoreOptions): Promise<Store> {
  const store = await openStore(options);
  if (!store.joined) return store;
  await store.close();
  await sleep(ENGINE_ENDS_MS);
  return openStore(options);
}
