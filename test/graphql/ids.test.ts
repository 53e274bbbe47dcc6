import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const offers = (clientId: string) => ({
  clientId,
  name: clientId,
  kind: 'OFFERS',
  jurisdiction: 'US',
  contract: { purposes: ['targeted-offers'] },
});

const ID = 'u1';
const FIRST = partner('first', 'targeted-offers', 'name email');
const SECOND = partner('second', 'targeted-offers', 'name email');
/** Every caller that may see something of the person, by name. */
const CALLERS: Readonly<Record<string, CallerClaims | null>> = {
  visitor: null,
  self: member(ID),
  member: member('u2'),
  support: staff('support', 'customer-support'),
  'first partner': FIRST,
  'second partner': SECOND,
};

let world: TestWorld;
/** The id that each caller is shown. */
const shown = new Map<string, string>();
beforeAll(async () => {
  world = await createWorld({
    users: [
      {
        id: ID,
        avatarName: 'Neko',
        name: 'Nia Ko',
        country: 'US',
        consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
      },
      { id: 'u2', avatarName: 'Ziggy' },
    ],
    partners: [offers('first'), offers('second')],
  });
  const listed = async (caller: CallerClaims) => {
    const { data } = await world.ask(caller, '{ users { edges { node { id } } } }');
    return data.users.edges[0].node.id as string;
  };
  const named = async (caller: CallerClaims | null) =>
    (await world.ask(caller, '{ user(avatarName: "Neko") { id } }')).data.user.id as string;
  for (const [name, caller] of Object.entries(CALLERS))
    shown.set(name, caller?.kind === 'partner' ? await listed(caller) : await named(caller));
});
afterAll(() => world.close());

const isPartner = (name: string) => CALLERS[name]?.kind === 'partner';

describe('the ids of one person', () => {
  test('are one and the same for every caller but partners', () => {
    const ids = [...shown].filter(([name]) => !isPartner(name)).map(([, id]) => id);
    expect(new Set(ids)).toEqual(new Set([ID]));
  });

  test('differ from partner to partner, and from the one that members use', () => {
    expect(new Set([ID, shown.get('first partner'), shown.get('second partner')]).size).toBe(3);
  });

  test('hold nothing of the id that members use, nor of the internal one', async () => {
    const { _id: sid } = (await world.store.connection.collection('people').findOne({ publicId: ID })) ?? {};
    expect(sid).toBeDefined();
    for (const name of ['first partner', 'second partner']) {
      const id = shown.get(name) ?? '';
      const bytes = Buffer.from(id, 'base64url');
      for (const form of [id, bytes.toString('hex'), bytes.toString('base64'), bytes.toString('latin1')])
        for (const secret of [ID, String(sid)]) expect(form).not.toContain(secret);
    }
  });

  test('stay the same for the same partner', async () => {
    const again = await world.ask(FIRST, '{ users { edges { node { id } } } }');
    expect(again.data.users.edges[0].node.id).toBe(shown.get('first partner'));
  });

  test('are those that the person can hand over to each partner', async () => {
    const { data } = await world.ask(
      member(ID),
      '{ me { first: partnerId(clientId: "first") second: partnerId(clientId: "second") } }',
    );
    expect(data.me).toEqual({ first: shown.get('first partner'), second: shown.get('second partner') });
  });

  const reads = Object.keys(CALLERS).flatMap((reader) =>
    Object.keys(CALLERS)
      .filter((owner) => isPartner(reader) || isPartner(owner) || reader === owner)
      .map((owner) => ({ reader, owner, finds: reader === owner })),
  );
  test.each(reads)('the one shown to $owner, used by $reader: found is $finds', async ({ reader, owner, finds }) => {
    const query = 'query ($id: ID!) { user(id: $id) { id } node(id: $id) { id } }';
    const { data, errors } = await world.ask(CALLERS[reader] ?? null, query, { id: shown.get(owner) });
    const found = finds ? { id: shown.get(owner) } : null;
    expect({ data, errors }).toEqual({ data: { user: found, node: found }, errors: [] });
  });
});
