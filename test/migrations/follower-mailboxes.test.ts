import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFollowerSeal, followerMarkOf } from '../../src/features/blog/operations.ts';
import { markFollowerMailboxes } from '../../src/migrations/follower-mailboxes.ts';
import { createBlindIndex } from '../../src/store/derive.ts';
import { createClock } from '../support/clock.ts';
import { quiet, type TestStore } from '../support/store.ts';
import { KEYS } from '../support/world.ts';
import { openWritten } from './support.ts';

const clock = createClock('2026-11-22T09:00:00.000Z');
let store: TestStore;
beforeAll(async () => {
  store = await openWritten();
});
afterAll(() => store.drop());

test('followers of an earlier form are marked by their mailbox, once', async () => {
  const followers = store.connection.getClient().db(store.connection.name).collection('blog_followers');
  const run = () => markFollowerMailboxes.run({ store, ...KEYS, clock, log: quiet });
  expect([await run(), await run()]).toEqual([2, 0]);
  const { open } = createFollowerSeal(KEYS.sharedSecret);
  const blindIndex = createBlindIndex(KEYS.sharedSecret);
  for (const { _id, sealed, mailbox } of await followers.find().toArray())
    expect(mailbox).toBe(followerMarkOf(blindIndex, open(String(_id), sealed)));
});
