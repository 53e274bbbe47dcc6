import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { isUnavailable } from '../../src/store/mongo/connection.ts';
import { openTestStore } from '../support/store.ts';

test('a command that meets a socket on its way to close fails as unavailable, and does not wait for ever', async () => {
  const sockets: Socket[] = [];
  const keep = (message: unknown) => sockets.push((message as { socket: Socket }).socket);
  subscribe('net.client.socket', keep);
  const store = await openTestStore();
  try {
    const notes = store.connection.collection('notes');
    await notes.insertOne({});
    // told of a command just before it is written, this closes the socket under it
    store.connection.getClient().once('commandStarted', () => sockets.forEach((socket) => void socket.destroy()));
    const outcome = await Promise.race([
      notes.insertOne({}).then(
        () => 'answered',
        (error: unknown) => (isUnavailable(error) ? 'unavailable' : error),
      ),
      new Promise((resolve) => setTimeout(resolve, 5_000, 'still waiting')),
    ]);
    expect(outcome).toBe('unavailable');
    expect(await notes.countDocuments()).toBe(1);
  } finally {
    unsubscribe('net.client.socket', keep);
    await store.drop();
  }
});
