import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createShareCursors } from '../../src/features/shares/share-cursors.ts';
import { documentsIn } from '../support/people.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

interface Share {
  readonly id: string;
  readonly cursor: string;
  readonly at: string;
}

const self = member('u1');
const privacy = staff('privacy', 'privacy-request');
const SHARES = 7;

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({
    users: ['u1', 'u2'].map((id) => ({
      id,
      avatarName: id,
      name: id,
      privacyCases: [{ id: `case-${id}`, status: 'OPEN' }],
    })),
    partners: [
      {
        clientId: 'mailwing',
        name: 'Mailwing',
        kind: 'EMAIL_PROVIDER',
        jurisdiction: 'US',
        contract: { purposes: ['service-notice'] },
      },
    ],
  });
  const mailwing = partner('mailwing', 'service-notice', 'name');
  for (let times = 0; times < SHARES; times++)
    await world.ask(mailwing, '{ users(first: 2) { edges { node { name } } } }');
});
afterAll(() => world.close());

const READ = 'thirdPartyShares(first: $first, before: $before) { id cursor at }';
const ask = (caller: typeof self, of: string, variables: { first?: number; before?: string }) =>
  caller === privacy
    ? world.ask(privacy, `query ($of: ID!, $first: Int, $before: String) { person: user(id: $of) { ${READ} } }`, {
        of,
        ...variables,
      })
    : world.ask(caller, `query ($first: Int, $before: String) { person: me { ${READ} } }`, variables);
const sharesOf = async (caller: typeof self, of: string, variables: { first?: number; before?: string } = {}) =>
  (await ask(caller, of, variables)).data.person.thirdPartyShares as Share[];

describe('a cursor among shares', () => {
  test.each([
    { name: 'the person', caller: self },
    { name: 'privacy staff', caller: privacy },
  ])('leads $name from page to page, through all of them and once', async ({ caller }) => {
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page: Share[] = await sharesOf(caller, 'u1', { first: 2, ...(before && { before }) });
      seen.push(...page.map(({ id }) => id));
      before = page.at(-1)?.cursor;
    } while (before);
    expect(seen).toEqual((await sharesOf(caller, 'u1')).map(({ id }) => id));
    expect(seen).toHaveLength(SHARES);
  });

  test('hides the time, the record and the person of the share', async () => {
    const person = await documentsIn(world.store).findOne({ publicId: 'u1' });
    for (const { id, cursor, at } of await sharesOf(self, 'u1')) {
      expect(cursor).toMatch(/^[\w-]+$/);
      const forms = (['utf8', 'hex', 'latin1'] as const).map((form) => Buffer.from(cursor, 'base64url').toString(form));
      for (const form of [cursor, ...forms])
        for (const secret of [person?._id, at, at.slice(0, 10), id, id.split('.', 1)[0]])
          expect(form).not.toContain(secret);
    }
  });

  const flipped = (text: string, at: number) =>
    `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;

  test.each<{ name: string; made: () => Promise<string> }>([
    { name: 'of another person', made: async () => (await sharesOf(member('u2'), 'u2'))[0]?.cursor ?? '' },
    {
      name: 'that privacy staff were given for this person',
      made: async () => (await sharesOf(privacy, 'u1'))[0]?.cursor ?? '',
    },
    {
      name: 'sealed with another secret',
      made: async () => {
        const person = await documentsIn(world.store).findOne({ publicId: 'u1' });
        const position = { at: '2030-01-01T00:00:00.000Z', book: 'a'.repeat(32), n: 1, i: 0 };
        return createShareCursors(Buffer.alloc(32, 1))('MEMBER').of({ sid: person?._id ?? '', position });
      },
    },
    { name: 'changed at its beginning', made: async () => flipped((await sharesOf(self, 'u1'))[0]?.cursor ?? '', 0) },
    { name: 'changed in its middle', made: async () => flipped((await sharesOf(self, 'u1'))[0]?.cursor ?? '', 40) },
    { name: 'with something behind it', made: async () => `${(await sharesOf(self, 'u1'))[0]?.cursor}=` },
    { name: 'cut short', made: async () => (await sharesOf(self, 'u1'))[0]?.cursor.slice(0, -4) ?? '' },
    { name: 'of a few characters', made: async () => 'AAAA' },
    { name: 'of none', made: async () => '' },
    { name: 'in the clear', made: async () => `2026-03-01T12:00:00.000Z~${'a'.repeat(32)}.1.0` },
    { name: 'that is the id of a share', made: async () => (await sharesOf(self, 'u1'))[0]?.id ?? '' },
  ])('$name is none', async ({ made }) => {
    const { data, errors } = await ask(self, 'u1', { before: await made() });
    expect(data.person).toMatchObject({ thirdPartyShares: null });
    expect(errors).toMatchObject([
      { extensions: { code: 'BAD_INPUT', argument: 'before', expected: 'the cursor of a share of this person' } },
    ]);
  });

  test('that the person was given is none for privacy staff', async () => {
    const [share] = await sharesOf(self, 'u1');
    const { errors } = await ask(privacy, 'u1', { before: share?.cursor ?? '' });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_INPUT', argument: 'before' } }]);
  });
});
