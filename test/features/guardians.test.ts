import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createServices } from '../../src/gateway/services.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { changeBy } from '../../src/subject/consents.ts';
import type { TieRecord } from '../../src/subject/person-ties.ts';
import { createClock, DAY, HOUR } from '../support/clock.ts';
import { noticesAbout, partnerIdsOf } from '../support/notices.ts';
import { documentsIn } from '../support/people.ts';
import { quiet } from '../support/store.ts';
import { type ShopDraft, shopWithTies } from '../support/ties.ts';
import { createWorld, KEYS, member, partner, staff, type TestWorld } from '../support/world.ts';

const START = '2026-03-10T12:00:00.000Z';
const clock = createClock(START);

/** The shop where consents of people under 18 are a guardian’s to give, and each laboratory needs a consent of its own. */
const withGuardians = (draft: ShopDraft) => {
  const under = { age: 18, by: 'guardianOf' };
  for (const consent of draft.consents) Object.assign(consent, { under });
  draft.consents.push({
    ...{ id: 'foodOf', description: 'What this laboratory may know.', dpv: 'dpv:ServicePersonalisation' },
    ...{ givenBy: 'EXPRESS', per: 'RECIPIENT', endsAfterDays: 30, under },
  });
  const allergies = draft.clauses.find(({ id }) => id === 'shop.allergies') as { reveals: { when: unknown }[] };
  for (const reveal of allergies.reveals) reveal.when = { recipientConsent: 'foodOf' };
};
const policy = shopWithTies(withGuardians);

const person = (id: string, more: object = {}) => ({
  ...{ id, nickname: `Nick ${id}`, fullName: `Full ${id}`, country: 'DE' },
  ...more,
});
const ties = (consents: readonly object[] = []) => [
  { kind: 'guardianOf', from: 'mother', to: 'child', consents },
  { kind: 'guardianOf', from: 'father', to: 'child' },
  { kind: 'guardianOf', from: 'mother', to: 'ageless' },
  { kind: 'guardianOf', from: 'waiting', to: 'child', confirmed: false },
  { kind: 'follows', from: 'friend', to: 'child' },
];
const partnerOf = (clientId: string, kind: string, ...purposes: string[]) => ({
  ...{ clientId, name: clientId, kind, jurisdiction: 'DE', contract: { purposes } },
});
const WORLD = {
  partners: [
    partnerOf('printer', 'PRINTER', 'birthday-card'),
    partnerOf('lab', 'LABORATORY', 'allergy-check'),
    partnerOf('other-lab', 'LABORATORY', 'allergy-check'),
  ],
  users: [
    // 18 on 11 March, which begins everywhere on Earth at noon UTC
    person('child', { birthday: '2008-03-11', allergies: ['nuts'] }),
    person('ageless'),
    person('grown', { birthday: '1990-01-01', allergies: ['milk'] }),
    ...['mother', 'father', 'waiting', 'friend', 'stranger'].map((id) => person(id, { birthday: '1980-01-01' })),
  ],
};

let world: TestWorld;
const open = async (more: object = {}) => {
  await world?.close();
  clock.set(START);
  world = await createWorld({ ...WORLD, ties: ties(), ...more }, { policy, clock });
};
beforeEach(() => open());
afterAll(() => world.close());

type Caller = Parameters<TestWorld['ask']>[0];
const [child, mother, father] = [member('child'), member('mother'), member('father')];
const officer = staff('officer', 'complaints');
const printer = partner('printer', 'birthday-card', 'full-name');
const labOf = (clientId: string) => partner(clientId, 'allergy-check', 'allergies');
const lab = labOf('lab');

/** The people in a partner's list, by their names or allergies; each is also found by id. */
async function sees(caller: NonNullable<Caller>, field = 'fullName'): Promise<unknown[]> {
  const { data, errors } = await world.ask(caller, `{ users(first: 50) { edges { node { id ${field} } } } }`);
  expect(errors).toEqual([]);
  const found = data.users.edges.map(({ node }: { node: Record<string, unknown> }) => node);
  for (const { id } of found)
    expect((await world.ask(caller, `{ user(id: "${id}") { id } }`)).data.user).toEqual({ id });
  return found.map((node: Record<string, unknown>) => node[field]);
}

const tieOf = async (holder: Caller, other: string) => {
  const { data } = await world.ask(holder, '{ me { ties { id kind other { nickname } } } }');
  return data.me.ties.find((tie: { other: { nickname: string } | null }) => tie.other?.nickname === `Nick ${other}`)
    ?.id as string;
};
const actFor = async (
  holder: Caller,
  what: 'give' | 'withdraw',
  { tie, ...rest }: { tie?: string; purpose?: string; recipient?: string } = {},
) => {
  const args = { purpose: 'birthdayCard', ...rest };
  const given = Object.entries({ tie: tie ?? (await tieOf(holder, 'child')), ...args })
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join(', ');
  const { data, errors } = await world.ask(
    holder,
    `mutation { ${what}ConsentFor(${given}) { purpose action at inForce } }`,
  );
  return errors[0] ? { ...errors[0].extensions, message: errors[0].message } : data[`${what}ConsentFor`];
};
const act = async (caller: Caller, what: 'give' | 'withdraw', purpose = 'birthdayCard') => {
  const { data, errors } = await world.ask(
    caller,
    `mutation { ${what}Consent(purpose: ${JSON.stringify(purpose)}) { consent { action inForce byGuardian } } }`,
  );
  return errors[0]?.extensions ?? data[`${what}Consent`].consent;
};
const exportOf = async (caller: Caller) => (await world.ask(caller, 'mutation { requestExport }')).data.requestExport;
const entriesOf = async (caller: Caller, type: string) =>
  (await exportOf(caller)).ledger
    .filter((entry: { type: string }) => entry.type === type)
    .map(({ action, purpose, tie }: Record<string, string>) => ({ action, purpose, tie }));
const collection = (name: string) =>
  world.store.connection.getClient().db(world.store.connection.name).collection<{ _id: string }>(name);
const endTie = (caller: Caller, id: string) => world.ask(caller, `mutation { endTie(id: "${id}") }`);

describe('while a person is under the age', () => {
  test('a guardian gives the consent, which partners are shown the person by', async () => {
    expect(await sees(printer)).toEqual([]);
    expect(await actFor(mother, 'give')).toEqual({
      ...{ purpose: 'birthdayCard', action: 'GIVEN', at: START, inForce: true },
    });
    expect(await sees(printer)).toEqual(['Full child']);
  });

  test('the person can’t give it, and is told why', async () => {
    expect(await act(child, 'give')).toMatchObject({ code: 'FORBIDDEN', reason: 'NOT_PERMITTED' });
    expect(await act(member('ageless'), 'give')).toMatchObject({ code: 'FORBIDDEN' });
    expect(await act(member('grown'), 'give')).toEqual({ action: 'GIVEN', inForce: true, byGuardian: false });
    expect(await sees(printer)).toEqual(['Full grown']);
  });

  test('an unknown age counts as under it', async () => {
    expect(await actFor(mother, 'give', { tie: await tieOf(mother, 'ageless') })).toMatchObject({ inForce: true });
    expect(await sees(printer)).toEqual(['Full ageless']);
  });

  test('either guardian withdraws it, and so does the person', async () => {
    for (const withdraw of [
      () => actFor(father, 'withdraw'),
      () => actFor(mother, 'withdraw'),
      () => act(child, 'withdraw'),
    ]) {
      await actFor(mother, 'give');
      expect(await sees(printer)).toEqual(['Full child']);
      clock.advance(HOUR);
      expect(await withdraw()).toMatchObject({ action: 'WITHDRAWN', inForce: false });
      expect(await sees(printer)).toEqual([]);
      clock.advance(HOUR);
    }
  });

  test('a consent that the person gave while they were thought to be older holds nothing', async () => {
    await open({ users: [...WORLD.users, person('younger', { birthday: '1990-01-01' })] });
    await act(member('younger'), 'give');
    expect(await sees(printer)).toEqual(['Full younger']);
    const { errors } = await world.ask(
      member('younger'),
      'mutation { correctPersonalData(input: { birthday: "2009-01-01" }) { user { id } } }',
    );
    expect(errors).toEqual([]);
    expect(await sees(printer)).toEqual([]);
    const { data } = await world.ask(member('younger'), '{ me { consents { purpose action inForce } } }');
    expect(data.me.consents).toEqual([{ purpose: 'birthdayCard', action: 'GIVEN', inForce: false }]);
  });

  test('partners that were shown the person are told to stop once the person withdraws a guardian’s consent', async () => {
    await actFor(mother, 'give');
    await sees(printer);
    await act(child, 'withdraw');
    await world.gateway.sweep();
    const ids = await partnerIdsOf(world, child, ['printer']);
    expect(await noticesAbout(world, printer, ids, 'asked')).toMatchObject([{ asked: 'STOP' }]);
  });
});

describe('nobody else gives it', () => {
  const NO_TIE = 'tie: expected the id of a tie that counts, by which you are the guardian of another person.';
  test.each<{ name: string; caller: Caller; tie: () => Promise<string> }>([
    { name: 'the child itself, by the tie of a guardian', caller: child, tie: () => tieOf(mother, 'child') },
    { name: 'another guardian, by the tie of this one', caller: father, tie: () => tieOf(mother, 'child') },
    { name: 'a stranger', caller: member('stranger'), tie: () => tieOf(mother, 'child') },
    { name: 'a person with another tie', caller: member('friend'), tie: () => tieOf(member('friend'), 'child') },
    {
      name: 'an unconfirmed guardian',
      caller: member('waiting'),
      tie: async () => {
        const { data } = await world.ask(member('waiting'), '{ me { ties { id } } }');
        return data.me.ties[0].id;
      },
    },
    { name: 'a guardian, by an id that was never given out', caller: mother, tie: async () => 'nobody' },
  ])('$name', async ({ caller, tie }) => {
    for (const what of ['give', 'withdraw'] as const)
      expect(await actFor(caller, what, { tie: await tie() })).toMatchObject({
        ...{ code: 'BAD_INPUT', argument: 'tie', message: NO_TIE },
      });
    expect(await sees(printer)).toEqual([]);
  });

  test('a visitor, a partner and staff', async () => {
    const tie = await tieOf(mother, 'child');
    for (const caller of [null, printer, officer])
      expect(await actFor(caller, 'give', { tie })).toMatchObject({ code: 'FORBIDDEN' });
  });

  test.each(['mother', 'child'])('a guardian while the account of the %s is closed', async (who) => {
    const tie = await tieOf(mother, 'child');
    await actFor(mother, 'give');
    const { data } = await world.ask(member(who), 'mutation { refusePolicy { user { status } } }');
    expect(data.refusePolicy.user.status).toBe('REFUSED');
    expect(await actFor(mother, 'give', { tie })).toMatchObject({ code: 'BAD_INPUT', argument: 'tie' });
    expect(await actFor(mother, 'withdraw', { tie })).toMatchObject({ action: 'WITHDRAWN' });
  });
});

describe('from the age on', () => {
  const grownUp = () => clock.advance(DAY);

  test('the person alone acts', async () => {
    clock.advance(DAY - 1);
    expect(await act(child, 'give')).toMatchObject({ code: 'FORBIDDEN' });
    clock.advance(1);
    for (const what of ['give', 'withdraw'] as const)
      expect(await actFor(mother, what)).toMatchObject({ code: 'CONFLICT' });
    expect(await act(child, 'give')).toEqual({ action: 'GIVEN', inForce: true, byGuardian: false });
    expect(await sees(printer)).toEqual(['Full child']);
  });

  test('a guardian’s earlier consent holds until the person withdraws it', async () => {
    await actFor(mother, 'give');
    grownUp();
    expect(await sees(printer)).toEqual(['Full child']);
    expect(await act(child, 'withdraw')).toMatchObject({ action: 'WITHDRAWN' });
    expect(await sees(printer)).toEqual([]);
  });

  test('a consent that the person gives again themself outlives the tie', async () => {
    await actFor(mother, 'give');
    grownUp();
    expect(await act(child, 'give')).toEqual({ action: 'GIVEN', inForce: true, byGuardian: false });
    await endTie(mother, await tieOf(mother, 'child'));
    expect(await sees(printer)).toEqual(['Full child']);
  });
});

describe('a tie that ends', () => {
  const ENDS: Readonly<Record<string, () => Promise<unknown>>> = {
    'by the guardian': async () => endTie(mother, await tieOf(mother, 'child')),
    'by the child': async () => endTie(child, await tieOf(mother, 'child')),
    'by the erasure of the guardian': async () => {
      const { data } = await world.ask(mother, 'mutation { requestErasure { confirmation } }');
      const query = 'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }';
      return world.ask(mother, query, data.requestErasure);
    },
    'by the seal of the guardian, a child as it turns out': () =>
      world.ask(
        mother,
        'mutation { correctPersonalData(input: { birthday: "2015-01-01", confirmBirthDate: true }) { user { id } } }',
      ),
    'by a seal that was cut off, at the next sweep': async () => {
      await documentsIn(world.store).updateOne({ publicId: 'mother' }, { $set: { 'facts.status': 'SEALED' } });
      await world.gateway.sweep();
    },
  };
  test.each(Object.keys(ENDS))('takes back its consents: %s', async (how) => {
    await actFor(mother, 'give');
    await actFor(mother, 'give', { purpose: 'foodOf', recipient: 'lab' });
    await actFor(father, 'give', { purpose: 'allergyCheck' });
    expect([await sees(printer), await sees(lab, 'allergies')]).toEqual([['Full child'], [['nuts']]]);
    clock.advance(HOUR);
    await ENDS[how]?.();
    expect([await sees(printer), await sees(lab, 'allergies')]).toEqual([[], []]);
    const { data } = await world.ask(child, '{ me { consents { purpose action inForce byGuardian } } }');
    const consent = { inForce: false, byGuardian: true };
    expect(data.me.consents.slice(0, 2)).toEqual([
      { ...consent, purpose: 'foodOf', action: 'WITHDRAWN' },
      { ...consent, purpose: 'birthdayCard', action: 'WITHDRAWN' },
    ]);
    expect(data.me.consents[2]).toMatchObject({ purpose: 'allergyCheck', inForce: true });
    expect((await verify(world.store)).faults).toEqual([]);
  });

  test('takes nothing back that the other guardian gave since', async () => {
    await actFor(mother, 'give');
    clock.advance(HOUR);
    await actFor(father, 'give');
    await endTie(child, await tieOf(mother, 'child'));
    expect(await sees(printer)).toEqual(['Full child']);
  });

  test.each<{ name: string; finish: (tie: string) => Promise<unknown> }>([
    { name: 'once somebody ends it again', finish: (tie) => endTie(child, tie) },
    { name: 'at the next sweep', finish: () => world.gateway.sweep() },
  ])('takes it back where the end was cut off: $name', async ({ finish }) => {
    const tie = await tieOf(mother, 'child');
    await actFor(mother, 'give');
    await collection('ties').updateOne({ _id: tie }, { $set: { state: 'ENDED', at: clock.now(), behind: true } });
    await finish(tie);
    expect(await sees(printer)).toEqual([]);
    expect(await entriesOf(mother, 'CONSENT_FOR')).toHaveLength(2);
  });

  test('lets nobody give by it in the same instant', async () => {
    const tie = await tieOf(mother, 'child');
    const answers = await Promise.all([
      ...[1, 2, 3].map(() => actFor(mother, 'give', { tie })),
      endTie(child, tie),
      ...[1, 2, 3].map(() => actFor(mother, 'give', { tie })),
    ]);
    expect(answers).toHaveLength(7);
    await world.gateway.sweep();
    expect(await sees(printer)).toEqual([]);
    expect((await documentsIn(world.store).findOne({ publicId: 'child' }))?.facts.consents).not.toMatchObject({
      birthdayCard: { given: true },
    });
  });
});

describe('a consent for each recipient', () => {
  test('is given for one, shows nothing to another, and ends by itself', async () => {
    expect(await actFor(mother, 'give', { purpose: 'foodOf' })).toMatchObject({
      code: 'BAD_INPUT',
      argument: 'recipient',
    });
    await actFor(mother, 'give', { purpose: 'foodOf', recipient: 'lab' });
    expect(await sees(lab, 'allergies')).toEqual([['nuts']]);
    expect(await sees(labOf('other-lab'), 'allergies')).toEqual([]);
    clock.advance(30 * DAY);
    expect(await sees(lab, 'allergies')).toEqual([]);
  });
});

describe('the record of a consent for another person', () => {
  test('is on the ledgers of both, and tells neither of the other but the id of the tie', async () => {
    const tie = await tieOf(mother, 'child');
    await actFor(mother, 'give');
    await actFor(mother, 'give');
    await actFor(mother, 'withdraw');
    const acts = ['WITHDRAWN', 'GIVEN'].map((action) => ({ action, purpose: 'birthdayCard', tie }));
    expect(await entriesOf(child, 'CONSENT')).toEqual(acts);
    expect(await entriesOf(mother, 'CONSENT_FOR')).toEqual(acts);
    expect(await entriesOf(father, 'CONSENT_FOR')).toEqual([]);
    for (const [of, about] of [
      [child, 'mother'],
      [mother, 'child'],
    ] as const)
      expect(JSON.stringify(await exportOf(of))).not.toMatch(new RegExp(`(Nick|Full) ${about}|"${about}"`));
    expect((await verify(world.store)).faults).toEqual([]);
  });

  test('tells the consent record of the person that a guardian gave it', async () => {
    await actFor(mother, 'give');
    const { consentRecords } = await exportOf(child);
    expect(consentRecords).toMatchObject([
      {
        inForce: true,
        events: [{ 'dpv:isIndicatedBy': 'dpv:GuardianOfDataSubject', tie: await tieOf(mother, 'child') }],
      },
    ]);
  });

  test('comes to the ledger of the guardian by a sweep where that was cut off', async () => {
    const { personTies, changes, people } = createServices({
      ...{ store: world.store, table: world.table, clock, log: quiet, ...KEYS },
    });
    const [document] = await people.findByPublicIds(['mother']);
    const sid = document?._id as string;
    const tie = (await personTies.findGuarding(await tieOf(mother, 'child'), sid)) as TieRecord;
    expect(await personTies.note(tie)).toBe(true);
    const act = { name: { purpose: 'birthdayCard' }, given: true, tie: tie._id };
    await changes.apply(tie.to, ({ facts }, now) => changeBy(facts, [act], now));
    expect(await entriesOf(mother, 'CONSENT_FOR')).toEqual([]);
    await world.gateway.sweep();
    await world.gateway.sweep();
    expect(await entriesOf(mother, 'CONSENT_FOR')).toHaveLength(1);
    expect(await collection('ties').countDocuments({ behind: true })).toBe(0);
    expect(await sees(printer)).toEqual(['Full child']);
  });

  test('is loaded from a world file once, as it says', async () => {
    const consents = [
      { purpose: 'birthdayCard', action: 'GIVEN', at: '2026-01-01T00:00:00Z' },
      { purpose: 'foodOf', action: 'GIVEN', recipient: 'lab' },
      { purpose: 'allergyCheck', action: 'GIVEN', at: '2026-01-01T00:00:00Z' },
      { purpose: 'allergyCheck', action: 'WITHDRAWN', at: '2026-02-01T00:00:00Z' },
    ];
    await open({ ties: ties(consents) });
    await world.load({ ...WORLD, ties: ties(consents) });
    expect([await sees(printer), await sees(lab, 'allergies')]).toEqual([['Full child'], [['nuts']]]);
    expect(await entriesOf(child, 'CONSENT')).toHaveLength(4);
    expect(await entriesOf(mother, 'CONSENT_FOR')).toHaveLength(4);
  });

  test.each([
    { name: 'by another tie', tie: { kind: 'follows', from: 'friend', to: 'child' } },
    {
      name: 'by a tie that is not confirmed',
      tie: { kind: 'guardianOf', from: 'father', to: 'child', confirmed: false },
    },
  ])('can’t be said $name', async ({ tie }) => {
    const consents = [{ purpose: 'birthdayCard', action: 'GIVEN' }];
    await expect(world.load({ ties: [{ ...tie, consents }] })).rejects.toThrow(
      'ties[0].consents[0].purpose: expected a consent that guardians give by this tie, once it is confirmed',
    );
  });
});
