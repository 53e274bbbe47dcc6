import { createHmac } from 'node:crypto';
import { nodeIdOf } from './node-id.ts';

/** The id of an object by its type and by the keys that tell it from others of that type. */
export type ObjectIds = (type: string, ...place: readonly (string | number)[]) => string;

/** Octets of a digest: two objects of one cache never share one. */
const LENGTH = 16;

/**
 * Ids for the caches of clients, of objects that no argument names: the same for ever for one audience, different for
 * every other, so that two recipients can't join the data that they were shown. They are digests under a secret, and
 * tell nothing of the place that they are made from. `node(id)` does not find by them.
 *
 * @param secret  32 bytes that every gateway on the same database shares
 */
export const createObjectIds =
  (secret: Buffer) =>
  (audience: string): ObjectIds =>
  (type, ...place) => {
    const digest = createHmac('sha256', secret).update(JSON.stringify([audience, type, ...place]));
    return nodeIdOf(type, digest.digest().subarray(0, LENGTH).toString('base64url'));
  };

/** Things of one person, each with the person that it is of. */
export type OfPerson<Item> = Item & { readonly sid: string };

export const ofPerson = <Item extends object>(
  { _id: sid }: { readonly _id: string },
  items: readonly Item[],
): OfPerson<Item>[] => items.map((item) => ({ ...item, sid }));

/** The description of such an id. */
export const OBJECT_ID = 'For the caches of clients: no other object has it, and it stays the same.';
