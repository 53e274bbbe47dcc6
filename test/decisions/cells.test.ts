import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { groupBy } from '../../src/base/group-by.ts';
import type { CallerClaims } from '../../src/http/signing.ts';
import { createPersonKeys } from '../../src/store/keys.ts';
import { partnerPseudonyms } from '../../src/subject/identifiers.ts';
import { createVault } from '../../src/subject/vault.ts';
import { createClock } from '../support/clock.ts';
import { documentsIn } from '../support/people.ts';
import { draftOfReference, draftWithout, parsePolicy } from '../support/policy.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';
import {
  type Answer,
  addressFor,
  ageBandOf,
  ageOf,
  answerTo,
  CATEGORIES,
  type Caller,
  type Category,
  PURPOSES,
  purposesOf,
  STAFF_ROLES,
} from './oracle.ts';
import { NOW, PARTNERS, partnersFile, SOUND, type TestPartner, UNSOUND } from './partners.ts';
import { CURRENT, OLDER, PEOPLE, type TestPerson } from './people.ts';

/** Every field that shows a category, with its selection. The parts of a card and of a correction stand within them. */
const FIELDS: readonly { readonly field: string; readonly category: Category; readonly selection?: string }[] = [
  { field: 'avatarName', category: 'AVATAR_NAME' },
  { field: 'name', category: 'NAME' },
  { field: 'email', category: 'EMAIL' },
  { field: 'gender', category: 'GENDER' },
  { field: 'birthDate', category: 'BIRTH_DATE' },
  { field: 'age', category: 'AGE' },
  { field: 'ageBand', category: 'AGE_BAND' },
  { field: 'postalAddress', category: 'POSTAL_ADDRESS', selection: '{ street city postalCode country }' },
  { field: 'cellPhone', category: 'CELL_PHONE' },
  { field: 'billingAddress', category: 'BILLING_ADDRESS', selection: '{ street city postalCode country }' },
  { field: 'paymentCard', category: 'PAYMENT_CARD', selection: '{ brand lastFour expiry processorToken }' },
  { field: 'photos', category: 'PHOTOS', selection: '{ id url caption }' },
  { field: 'posts', category: 'POSTS', selection: '{ id forum text at }' },
  { field: 'recentActivity', category: 'ACTIVITY', selection: '{ id kind text at }' },
  { field: 'transactions', category: 'TRANSACTIONS', selection: '{ id kind good price profit at }' },
  { field: 'country', category: 'ACCOUNT' },
  { field: 'corrections', category: 'ACCOUNT', selection: '{ previousValue }' },
];
const SELECTION = FIELDS.map(({ field, selection = '' }) => `${field} ${selection}`).join(' ');

/** A query for all fields of so many people, each under an alias: its text depends on their number alone. */
const questionAbout = (people: number) => {
  const aliases = Array.from({ length: people }, (_, index) => `u${index}`);
  return `query (${aliases.map((alias) => `$${alias}: ID!`).join(' ')}) {
    ${aliases.map((alias) => `${alias}: user(id: $${alias}) { ...All }`).join(' ')}
  } fragment All on User { ${SELECTION} }`;
};

type Told = { readonly data: unknown; readonly errors: readonly unknown[] };

const forbidden = (path: readonly (string | number)[], category: Category, reason: string) => ({
  path,
  extensions: { code: 'FORBIDDEN', category, reason },
});

/** The values of the person, as a caller with every category revealed would read them. */
function valuesOf({ person: { user } }: TestPerson, caller: Caller, toSelf: boolean): Record<string, unknown> {
  const age = ageOf(user, NOW, toSelf);
  const { brand, lastFour, expiry, processorToken } = user.paymentCard ?? {};
  return {
    avatarName: user.avatarName,
    name: user.name ?? null,
    email: addressFor(caller, toSelf, user),
    gender: user.gender ?? null,
    birthDate: user.birthDate ?? null,
    age,
    ageBand: ageBandOf(age),
    postalAddress: user.postalAddress ?? null,
    cellPhone: user.cellPhone ?? null,
    billingAddress: user.billingAddress ?? null,
    paymentCard: user.paymentCard ? { brand, lastFour, expiry, processorToken } : null,
    photos: user.photos ?? [],
    posts: user.posts ?? [],
    recentActivity: user.recentActivity ?? [],
    transactions: user.transactions ?? [],
    country: user.country ?? null,
    corrections: [{ previousValue: JSON.stringify(`Former name ${user.id}`) }],
  };
}

/** The answer of the oracle as the data and errors of a response, at the place of an alias. */
function expectedAt(alias: string, person: TestPerson, answer: Answer, caller: Caller, toSelf: boolean): Told {
  if (answer.outcome === 'REFUSED')
    return { data: null, errors: [{ path: [alias], extensions: { code: 'FORBIDDEN', reason: answer.reason } }] };
  if (answer.outcome !== 'FOUND') return { data: null, errors: [] };
  const errors: unknown[] = [];
  const denied = (category: Category, path: readonly (string | number)[]) => {
    const verdict = answer.of[category];
    if (verdict !== 'REVEALED') errors.push(forbidden([alias, ...path], category, verdict));
    return verdict !== 'REVEALED';
  };
  const values = valuesOf(person, caller, toSelf);
  const data = Object.fromEntries(
    FIELDS.map(({ field, category }) => {
      if (denied(category, [field])) return [field, null];
      const value = values[field];
      if (field === 'paymentCard' && value !== null) {
        const card = { ...(value as Record<string, unknown>) };
        if (denied('CARD_EXPIRY', [field, 'expiry'])) card.expiry = null;
        if (denied('PROCESSOR_TOKEN', [field, 'processorToken'])) card.processorToken = null;
        return [field, card];
      }
      if (field === 'corrections' && denied('CORRECTED_VALUE', [field, 0, 'previousValue']))
        return [field, [{ previousValue: null }]];
      return [field, value];
    }),
  );
  return { data, errors };
}

let world: TestWorld;
/** The internal id of each person, by public id. */
let sids: Map<string, string>;
const pseudonymsOf = partnerPseudonyms(Buffer.alloc(32, 7));
const versions = new Map<string, ReadonlySet<string>>();
let cells = 0;

beforeAll(async () => {
  const clauses = draftOfReference().clauses.map(({ id }) => id);
  versions.set(CURRENT, new Set(clauses));
  const olderPolicies = Object.entries(OLDER).map(([version, lacking]) => {
    versions.set(version, new Set(clauses.filter((id) => !lacking.includes(id))));
    return parsePolicy(JSON.stringify({ ...draftWithout(lacking), version }), version);
  });
  const file = {
    ...partnersFile(PARTNERS),
    users: PEOPLE.map(({ file: user }) => user),
    legalProcesses: PEOPLE.flatMap(({ file: { id }, legalProcesses }) =>
      legalProcesses.map((process) => ({
        ...process,
        subject: id,
        kind: 'COURT_ORDER',
        authority: 'Court',
        reference: 'R-1',
      })),
    ),
  };
  world = await createWorld(file, { clock: createClock(NOW), olderPolicies });

  const documents = documentsIn(world.store);
  const people = await documents.find().toArray();
  sids = new Map(people.map(({ publicId, _id }) => [publicId, _id]));
  const keys = await createPersonKeys(world.store, Buffer.alloc(32, 9)).find([...sids.values()]);
  for (const { file: user, write } of PEOPLE) {
    const sid = sids.get(user.id) as string;
    const vault = createVault(sid, keys.get(sid) as Buffer);
    const correction = {
      id: 'correction-1',
      category: 'NAME',
      at: NOW,
      previousValue: vault.seal('CORRECTED_VALUE/correction-1', `Former name ${user.id}`),
    };
    const changes = Object.entries({ ...write, corrections: [correction] });
    const set = Object.fromEntries(changes.filter(([, value]) => value !== undefined));
    const gone = Object.fromEntries(
      changes.filter(([, value]) => value === undefined).map(([path]) => [path, 1 as const]),
    );
    await documents.updateOne(
      { _id: sid },
      {
        $set: set,
        ...(Object.keys(gone).length > 0 && { $unset: gone }),
      },
    );
  }
  const partners = world.store.connection.collection('partners');
  for (const {
    partner: { clientId },
    write,
  } of PARTNERS)
    if (write) await partners.updateOne({ _id: clientId } as never, { $set: write });
}, 120_000);
afterAll(() => world.close());

const inBatches = <T>(items: readonly T[], size = 40): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/** Errors by their paths. */
const inOrder = (errors: readonly unknown[]) =>
  errors
    .map((error) => ({ error, key: JSON.stringify(error) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ error }) => error);

interface Asking {
  readonly caller: Caller;
  readonly claims: CallerClaims | null;
  /** The id of a person for this caller. */
  readonly idOf: (person: TestPerson) => string;
  readonly self?: TestPerson;
}

/** Asks for every field of these people, compares each cell with the oracle, and returns the ids that were found. */
async function check({ caller, claims, idOf, self }: Asking, people: readonly TestPerson[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const batch of inBatches(people)) {
    const ids = Object.fromEntries(batch.map((person, index) => [`u${index}`, idOf(person)]));
    const told = await world.ask(claims, questionAbout(batch.length), ids);
    const errorsAt = groupBy(told.errors, ({ path }) => path?.[0]);
    for (const [index, person] of batch.entries()) {
      const answer = answerTo({ caller, person: person.person, now: NOW, versions });
      cells += CATEGORIES.length;
      if (answer.outcome === 'UNAUTHENTICATED') {
        expect({ status: told.status, data: told.data }).toEqual({ status: 401, data: undefined });
        continue;
      }
      if (answer.outcome === 'FOUND') found.add(idOf(person));
      const alias = `u${index}`;
      const toSelf = self?.file.id === person.file.id;
      const wanted = expectedAt(alias, person, answer, caller, toSelf);
      const errors = (errorsAt.get(alias) ?? []).map(({ path, extensions }) => ({ path, extensions }));
      const got = { of: person.name, data: told.data?.[alias], errors: inOrder(errors) };
      const due = { of: person.name, data: wanted.data, errors: inOrder(wanted.errors) };
      // quicker than `toEqual`, which tells the difference
      if (!isDeepStrictEqual(got, due)) expect(got).toEqual(due);
    }
  }
  return found;
}

/** The ids of all people in the list. */
async function list(claims: CallerClaims): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let after: string | null = null; ; ) {
    const PAGE =
      'query ($after: String) { users(first: 100, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } }';
    const { data, errors } = await world.ask(claims, PAGE, { after });
    expect(errors).toEqual([]);
    for (const { node } of data.users.edges) ids.add(node.id);
    if (!data.users.pageInfo.hasNextPage) return ids;
    after = data.users.pageInfo.endCursor;
  }
}

const publicId = ({ file }: TestPerson) => file.id;
const base = PEOPLE[0] as TestPerson;
const asPartner = (
  { partner: record }: TestPartner,
  purpose: (typeof PURPOSES)[number],
  scope: readonly Category[] = CATEGORIES,
): Asking => ({
  caller: { kind: 'PARTNER', partner: record, purpose, scope },
  claims: partner(
    record.clientId,
    purpose,
    scope.map((category) => category.toLowerCase().replaceAll('_', '-')).join(' '),
  ),
  idOf: ({ file }) => pseudonymsOf(record.clientId).of(sids.get(file.id) as string),
});
/** A few people are as good as all for a caller with the same answer for everybody. */
const FEW = PEOPLE.filter((_, index) => index % 40 === 0);

describe('every cell of the table, asked over HTTP and compared with an oracle that shares no code with the gateway', () => {
  test('a visitor', async () => {
    await check({ caller: { kind: 'VISITOR' }, claims: null, idOf: publicId }, PEOPLE);
  });

  test('a member toward everybody, and a person toward themself', async () => {
    await check(
      { caller: { kind: 'MEMBER', person: base.person }, claims: member(base.file.id), idOf: publicId, self: base },
      PEOPLE,
    );
    // toward themself alone: looking at others after a newer version was posted would be deemed to accept it
    for (const self of PEOPLE) {
      const caller: Caller = { kind: 'MEMBER', person: self.person };
      await check({ caller, claims: member(self.file.id), idOf: publicId, self }, [self]);
    }
  });

  test('a member with a closed account, and one before registration, are visitors', async () => {
    for (const closed of PEOPLE.filter(({ file }) => file.status === 'SEALED' || file.status === 'REFUSED'))
      await check(
        {
          caller: { kind: 'MEMBER', person: closed.person },
          claims: member(closed.file.id),
          idOf: publicId,
          self: closed,
        },
        FEW,
      );
    await check({ caller: { kind: 'MEMBER', person: null }, claims: member('nobody'), idOf: publicId }, PEOPLE);
  });

  test.each(SOUND.map((sound) => ({ name: sound.partner.kind, sound })))('a sound $name, for every purpose', async ({
    sound,
  }) => {
    for (const purpose of PURPOSES) {
      const asking = asPartner(sound, purpose);
      const own = purposesOf(sound.partner.kind).includes(purpose) && sound.partner.kind !== 'OFFER_WALL';
      const found = await check(asking, own ? PEOPLE : FEW);
      if (own) expect(await list(asking.claims as CallerClaims)).toEqual(found);
    }
  });

  test.each(
    SOUND.map((sound) => ({ name: sound.partner.kind, sound })),
  )('a sound $name with a scope that lacks a category, or names it alone, or nothing', async ({ sound }) => {
    const [purpose = 'billing'] = purposesOf(sound.partner.kind);
    const scopes = [[], ...CATEGORIES.flatMap((one) => [[one], CATEGORIES.filter((category) => category !== one)])];
    for (const scope of scopes) await check(asPartner(sound, purpose, scope), [base]);
  });

  test.each(
    UNSOUND.map((unsound) => ({ name: unsound.partner.clientId, unsound })),
  )('$name, with one thing about the partner changed', async ({ unsound }) => {
    const some = PEOPLE.filter((_, index) => index % 16 === 0);
    for (const purpose of purposesOf(unsound.partner.kind).slice(0, 2)) await check(asPartner(unsound, purpose), some);
    await check(asPartner(unsound, 'customer-support'), FEW);
  });

  test.each(STAFF_ROLES.map((role) => ({ role })))('$role staff, for every purpose', async ({ role }) => {
    const own = {
      support: 'customer-support',
      analyst: 'internal-analysis',
      privacy: 'privacy-request',
      legal: 'legal-process',
    }[role];
    for (const purpose of PURPOSES) {
      const claims = staff(role, purpose);
      const found = await check(
        { caller: { kind: 'STAFF', role, purpose }, claims, idOf: publicId },
        purpose === own ? PEOPLE : FEW,
      );
      if (purpose === own) expect(await list(claims)).toEqual(found);
    }
  });

  test('more than a hundred thousand cells were compared', () => {
    console.log(`${cells} cells, of ${PEOPLE.length} people and ${PARTNERS.length} partners`);
    expect(cells).toBeGreaterThan(100_000);
  });
});
