import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSharedVault, createVault, findVaults } from '../../src/subject/vault.ts';

const SECRET = Buffer.alloc(32, 1);
const MAIL = { to: 'nia@mail.example', parts: ['one', 2, null] };

describe('a vault under a shared secret', () => {
  const sealed = createSharedVault(SECRET, 'outgoing mail').seal('mail 1', MAIL);

  test('opens a value that another gateway sealed for the same use', () => {
    expect(createSharedVault(SECRET, 'outgoing mail').open('mail 1', sealed)).toEqual(MAIL);
  });

  test.each([
    { name: 'for another use', vault: createSharedVault(SECRET, 'child reports'), place: 'mail 1' },
    { name: 'at another place', vault: createSharedVault(SECRET, 'outgoing mail'), place: 'mail 2' },
    { name: 'under another secret', vault: createSharedVault(Buffer.alloc(32, 2), 'outgoing mail'), place: 'mail 1' },
    { name: 'of a person', vault: createVault('a', SECRET), place: 'mail 1' },
  ])('is opened by no vault $name', ({ vault, place }) => {
    expect(() => vault.open(place, sealed)).toThrow();
  });
});

describe('the vaults of several people', () => {
  const keys = new Map(['a', 'b'].map((sid) => [sid, randomBytes(32)]));
  const asked: (readonly string[])[] = [];
  const find = async (sids: readonly string[]) => {
    asked.push(sids);
    return new Map([...keys].filter(([sid]) => sids.includes(sid)));
  };

  test('are found by one search that names each person once, and leave out a person without a key', async () => {
    const vaults = await findVaults({ find }, ['a', 'gone', 'b', 'a']);
    expect(asked).toEqual([['a', 'gone', 'b']]);
    expect([...vaults.keys()]).toEqual(['a', 'b']);
  });

  test('are each for their own person', async () => {
    const vaults = await findVaults({ find }, ['a', 'b']);
    const sealed = vaults.get('a')?.seal('NAME', 'Nia') as string;
    expect(vaults.get('a')?.open('NAME', sealed)).toBe('Nia');
    expect(() => vaults.get('b')?.open('NAME', sealed)).toThrow();
  });
});
