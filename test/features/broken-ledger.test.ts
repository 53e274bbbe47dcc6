import { Writable } from 'node:stream';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRetractionFinder } from '../../src/features/erasure/find-retractions.ts';
import { append } from '../../src/ledger/chain/entry.ts';
import { createPersonLedger, type PersonEntry, type PersonEntryBody } from '../../src/ledger/chain/person-chain.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { collectionOf, PEOPLE, PERSON_LEDGER } from '../../src/store/mongo/collections.ts';
import type { PersonDocument } from '../../src/subject/model.ts';
import { runCommand } from '../support/command.ts';
import { until } from '../support/engines.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { referencePolicy } from '../support/policy.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const LIMIT = 32;
const NARROWING_LIMIT = 1_000;

const partnerOf = (clientId: string, kind: string, purposes: string[]) => ({
  ...{ clientId, name: clientId, kind, jurisdiction: 'US' },
  contract: { purposes },
});
const PARTNERS = [
  partnerOf('offers', 'OFFERS', ['targeted-offers']),
  partnerOf('jobs', 'CO_BRANDED', ['job-application']),
  partnerOf('social', 'SOCIAL', ['activity-posting']),
  partnerOf('pay', 'PAYMENT_PROCESSOR', ['billing']),
  partnerOf('ads', 'ADVERTISER', ['advertising']),
];
const person = (id: string) => ({
  ...{ id, avatarName: `Avatar ${id}`, name: 'Nia Canary', email: `${id}@canary.example`, gender: 'female' },
  ...{ country: 'US', cellPhone: '5550100' },
  preferences: { developerNewsletter: false, creatorNotification: true },
  consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
  relationships: [{ partner: 'jobs' }],
  socialLinks: [{ partner: 'social', autoPost: true }],
  subscriptions: [{ thread: 't1', verified: true }],
  photos: [{ id: 'photo', url: 'https://example.com/a.png' }],
  privacyCases: [{ id: `case-${id}` }, { id: `guardian-${id}`, from: 'GUARDIAN', verified: true }],
  orders: [{ id: `order-${id}`, processor: 'pay', status: 'OPEN' }],
});

let log = '';
const stream = new Writable({
  write: (chunk, _encoding, done) => {
    log += chunk;
    done();
  },
});

let world: TestWorld;
let people = 0;
beforeAll(async () => {
  world = await createWorld({ partners: PARTNERS }, { observed: true, log: pino({ level: 'warn' }, stream) });
});
afterAll(() => world.close());

const documents = () => collectionOf<PersonDocument>(world.store.connection, PEOPLE);
const ledger = () => collectionOf<PersonEntry>(world.store.connection, PERSON_LEDGER);
const documentOf = async (publicId: string) => (await documents().findOne({ publicId })) as PersonDocument;

const waits: PersonEntryBody = { type: 'OPT_OUT', at: '2026-01-01T00:00:00.000Z', signal: 'GPC', standing: true };
const given: PersonEntryBody = { ...waits, standing: false };

/** A person with an act on the ledger that the document gave up, while so many other acts wait for their places. */
async function newVictim(waiting = LIMIT): Promise<string> {
  const id = `p${++people}`;
  await world.load({ users: [person(id)] });
  const { _id: sid, ledger: held } = await documentOf(id);
  await ledger().insertMany(append(held.head, sid, [given]).entries as never);
  const { entries, head } = append(
    held.head,
    sid,
    Array.from({ length: waiting }, () => waits),
  );
  const update = { $set: { 'ledger.head': head, 'ledger.outbox': entries }, $inc: { revision: 1 } };
  await documents().updateOne({ publicId: id }, update as never);
  return id;
}

const outboxOf = async (id: string) => (await documentOf(id)).ledger.outbox.length;
const codeOf = ({ errors }: Awaited<ReturnType<TestWorld['ask']>>) => errors[0]?.extensions.code;
const privacy = staff('privacy', 'privacy-request');

interface Act {
  readonly name: string;
  readonly query: string;
  readonly headers?: Record<string, string>;
}

describe('past 32 waiting entries, an act that narrows passes', () => {
  const table: Act[] = [
    { name: 'a consent withdrawn', query: 'mutation { withdrawConsent(purpose: "targetedOffers") { user { id } } }' },
    {
      name: 'switches turned off',
      query: 'mutation { updatePreferences(input: { adTargeting: false, imvuNewsletter: false }) { user { id } } }',
    },
    { name: 'an opt-out', query: 'mutation { updatePreferences(input: { gpcOptOut: true }) { user { id } } }' },
    { name: 'an opt-out by the browser’s signal', query: '{ me { id } }', headers: { 'sec-gpc': '1' } },
    { name: 'a refusal of the policy', query: 'mutation { refusePolicy { user { id } } }' },
    { name: 'data deleted', query: 'mutation { deletePersonalData(categories: [GENDER]) { deleted } }' },
    { name: 'photos removed', query: 'mutation { removePhotos(all: true) { id } }' },
    { name: 'a relationship left', query: 'mutation { leaveRelationship(partner: "jobs") { id } }' },
    { name: 'a link ended', query: 'mutation { disconnectSocial(partner: "social") { id } }' },
    { name: 'posting stopped', query: 'mutation { setAutoPost(partner: "social", on: false) { id } }' },
    { name: 'a thread left', query: 'mutation { unsubscribeFromThread(thread: "t1") { id } }' },
    {
      name: 'a program left',
      query: 'mutation { leaveCreatorNotification(deleteCollected: true) { user { id } } }',
    },
    {
      name: 'a birth date that seals the account',
      query:
        'mutation { correctPersonalData(input: { birthDate: "2020-01-01", confirmBirthDate: true }) { user { id } } }',
    },
  ];

  test.each(table)('$name', async ({ query, headers = {} }) => {
    const id = await newVictim();
    const { data, errors } = await world.ask(member(id), query, {}, headers);
    expect(errors).toEqual([]);
    expect(data).not.toBeNull();
    expect(await outboxOf(id)).toBeGreaterThan(LIMIT);
  });

  test.each([
    { name: 'a case closed by staff', query: (id: string) => `mutation { closePrivacyCase(id: "case-${id}") }` },
    { name: 'a child sealed by staff', query: (id: string) => `mutation { sealChild(user: "${id}") { __typename } }` },
  ])('$name', async ({ query }) => {
    const id = await newVictim();
    expect((await world.ask(privacy, query(id))).errors).toEqual([]);
    expect(await outboxOf(id)).toBeGreaterThan(LIMIT);
  });

  test('and it governs the next read', async () => {
    const id = await newVictim();
    const offers = partner('offers', 'targeted-offers', 'email');
    const shown = async () => {
      const { data } = await world.ask(offers, '{ users(first: 100) { edges { node { email } } } }');
      return data.users.edges.some(({ node }: { node: { email: string } }) => node.email === `${id}@canary.example`);
    };
    expect(await shown()).toBe(true);
    await world.ask(member(id), 'mutation { withdrawConsent(purpose: "targetedOffers") { user { id } } }');
    expect(await shown()).toBe(false);
  });
});

describe('past 32 waiting entries, an act that lets somebody see more is unavailable', () => {
  const table: Act[] = [
    { name: 'a consent given', query: 'mutation { giveConsent(purpose: "euTransfer") { user { id } } }' },
    {
      name: 'a switch turned on',
      query: 'mutation { updatePreferences(input: { developerNewsletter: true }) { user { id } } }',
    },
    {
      name: 'a switch turned on along with one turned off',
      query: 'mutation { updatePreferences(input: { developerNewsletter: true, adTargeting: false }) { user { id } } }',
    },
    {
      name: 'an opt-out cleared along with a switch turned off',
      query: 'mutation { updatePreferences(input: { developerNewsletter: true, gpcOptOut: true }) { user { id } } }',
    },
    { name: 'a photo added', query: 'mutation { addPhoto(url: "https://example.com/b.png") { id } }' },
    {
      name: 'a correction',
      query: 'mutation { correctPersonalData(input: { gender: "other" }) { user { id } } }',
    },
    { name: 'a privacy case opened', query: 'mutation { openPrivacyCase(message: "Please look.") { id } }' },
    {
      name: 'an interaction with an advertisement',
      query: 'mutation { recordAdInteraction(partner: "ads") { id } }',
    },
  ];

  test.each(table)('$name', async ({ query }) => {
    const id = await newVictim();
    const answer = await world.ask(member(id), query);
    expect([answer.status, answer.data, codeOf(answer)]).toEqual([503, undefined, 'UNAVAILABLE']);
    expect(await outboxOf(id)).toBe(LIMIT);
  });

  test('up to 32 everything passes', async () => {
    const id = await newVictim(LIMIT - 1);
    const { errors } = await world.ask(member(id), 'mutation { giveConsent(purpose: "euTransfer") { user { id } } }');
    expect(errors).toEqual([]);
  });
});

describe('past 1,000 waiting entries', () => {
  const act = (on: boolean) => `mutation { updatePreferences(input: { gpcOptOut: ${on} }) { user { id } } }`;
  const off = (name: string) => `mutation { updatePreferences(input: { ${name}: false }) { user { id } } }`;

  test('nothing is taken any more', async () => {
    const id = await newVictim(NARROWING_LIMIT - 2);
    for (const name of ['adTargeting', 'imvuNewsletter'])
      expect((await world.ask(member(id), off(name))).errors).toEqual([]);
    expect(await outboxOf(id)).toBe(NARROWING_LIMIT);
    expect(codeOf(await world.ask(member(id), off('friendAdded')))).toBe('UNAVAILABLE');
    expect(codeOf(await world.ask(member(id), act(true)))).toBe('UNAVAILABLE');
    expect(await outboxOf(id)).toBe(NARROWING_LIMIT);
  }, 240_000);
});

const metricsOf = async () => (await world.gateway.fetch(new Request('http://gateway.test/metrics'))).text();
const breaksIn = (text: string) => Number(/^assent_ledger_breaks_total (\d+)$/m.exec(text)?.[1] ?? 0);

test('a break is reported: an error in the log, with its cause and nothing of anybody, and a count', async () => {
  const id = await newVictim(1);
  const { _id: sid } = await documentOf(id);
  log = '';
  const before = breaksIn(await metricsOf());
  await world.ask(member(id), 'mutation { withdrawConsent(purpose: "targetedOffers") { user { id } } }');
  await until(() => log.includes('LedgerConflictError'));
  const errors = log
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
    .filter(({ level }) => level === 50);
  expect(errors).toMatchObject([
    { cause: 'LedgerConflictError', msg: expect.stringContaining('assent ledger verify') },
  ]);
  for (const secret of [sid, id, 'canary', 'Canary']) expect(log).not.toContain(secret);
  expect(breaksIn(await metricsOf())).toBeGreaterThan(before);
});

/** Runs the command over the test's own database. */
const command = async (...args: string[]) => {
  const MONGODB_URI = mongoUri().replace('/?', `/${world.store.connection.name}?`);
  const { code, stdout, stderr } = await runCommand('ledger', args, { env: { MONGODB_URI } });
  return { code, lines: stdout.trim().split('\n'), stderr };
};

describe('the command mends broken chains', () => {
  test('by an entry that names both heads; then verify is sound, and the person goes on', async () => {
    const id = await newVictim();
    const { _id: sid, ledger: held } = await documentOf(id);
    const settled = await ledger().find({ sid }).sort({ n: 1 }).toArray();
    const fork = settled.at(-1) as PersonEntry;

    const broken = await command('verify');
    expect(broken.code).toBe(1);
    expect(broken.lines.filter((line) => line.includes(sid))).toEqual([
      expect.stringMatching(new RegExp(`^person_ledger ${sid}:\\d+ FORKED: `)),
    ]);

    const { n } = held.head;
    expect(await command('mend', '--person', sid)).toEqual({
      code: 0,
      lines: [
        `person_ledger ${sid}:${n + 1} MENDED: it sets entries aside that are not the person’s own`,
        'broken chains are mended',
      ],
      stderr: '',
    });
    const mend = await ledger().findOne({ sid, n: n + 1 });
    const first = fork.n;
    expect(mend).toMatchObject({
      type: 'MEND',
      fork: { from: first, n: first, hash: fork.hash },
      head: held.head,
      displaced: [held.outbox[0]],
      prev: held.head.hash,
    });
    // nothing that lay there was rewritten
    expect(
      await ledger()
        .find({ sid, n: { $lte: first } })
        .sort({ n: 1 })
        .toArray(),
    ).toEqual(settled);
    expect(await outboxOf(id)).toBe(0);

    const { lines } = await command('verify');
    expect(lines.filter((line) => line.includes(sid))).toEqual([expect.stringContaining(`${sid}:${n + 1} MENDED: `)]);

    for (const action of ['withdraw', 'give'])
      expect(
        (await world.ask(member(id), `mutation { ${action}Consent(purpose: "targetedOffers") { user { id } } }`))
          .errors,
      ).toEqual([]);
    await until(async () => (await outboxOf(id)) === 0);
    expect(await command('mend', '--person', sid)).toMatchObject({
      code: 0,
      lines: [`person_ledger ${sid}: nothing to mend`, 'nothing is broken'],
    });

    const own = { ledger: [] as { n: number; type: string; hash: string; standing?: boolean }[], setAside: [] };
    const { data } = await world.ask(member(id), 'mutation { requestExport }');
    Object.assign(own, data.requestExport);
    const numbers = own.ledger.map((entry) => entry.n);
    expect(numbers).toEqual(Array.from({ length: n + 3 }, (_, place) => n + 3 - place));
    expect(own.ledger.find((entry) => entry.n === n + 1)).toMatchObject({
      type: 'MEND',
      fork: { hash: fork.hash },
      head: held.head,
      displaced: [first],
    });
    expect(own.ledger.find((entry) => entry.n === first)).toMatchObject({ type: 'OPT_OUT', standing: true });
    expect(own.setAside).toMatchObject([{ n: first, type: 'OPT_OUT', standing: false, hash: fork.hash }]);
    expect(JSON.stringify(data)).not.toContain(sid);
    const told = await world.ask(member(id), '{ me { consents(first: 2) { action inForce ledgerEntry { number } } } }');
    expect(told.data.me.consents).toEqual([
      { action: 'GIVEN', inForce: true, ledgerEntry: { number: n + 3 } },
      { action: 'WITHDRAWN', inForce: false, ledgerEntry: { number: n + 2 } },
    ]);
  }, 240_000);

  test('it mends all broken chains where nobody is named, and lists those that can’t be mended', async () => {
    await command('mend');
    const [first, second] = [await newVictim(), await newVictim()];
    const sids = await Promise.all([first, second].map(async (id) => (await documentOf(id))._id));
    const tampered = sids[1] as string;
    await ledger().updateOne({ sid: tampered, n: 1 }, { $set: { at: '1999-01-01T00:00:00.000Z' } });
    const { code, lines } = await command('mend');
    expect(code).toBe(1);
    expect(lines).toHaveLength(3);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringContaining(`person_ledger ${sids[0]}:`),
        `person_ledger ${tampered}:1 ALTERED: this can’t be mended`,
        '1 chain stays broken',
      ]),
    );
    const { faults } = await verify(world.store);
    expect(faults).toMatchObject([{ entry: `${tampered}:1`, kind: 'ALTERED' }]);
    await documents().deleteOne({ _id: tampered });
    await ledger().deleteMany({ sid: tampered });
    const after = await command('verify');
    expect([after.code, after.lines.at(-1)]).toEqual([0, 'every chain is sound']);
  }, 240_000);

  test.each([
    { name: 'an unknown person', args: ['mend', '--person', 'nobody'], code: 1 },
    { name: 'a person for verify', args: ['verify', '--person', 'nobody'], code: 2 },
  ])('$name ends it with $code', async ({ args, code }) => {
    expect((await command(...args)).code).toBe(code);
  });
});

test('rights.deletion: a deletion that a mend has moved still counts for data that a partner was shown before', async () => {
  const id = await newVictim(0);
  const { _id: sid } = await documentOf(id);
  await world.ask(member(id), 'mutation { deletePersonalData(categories: [GENDER]) { deleted } }');
  expect((await documentOf(id)).ledger.outbox).toMatchObject([{ type: 'DELETION' }]);
  expect((await command('mend', '--person', sid)).code).toBe(0);
  const find = createRetractionFinder(world.store, createPersonLedger(world.store), referencePolicy.vocabulary);
  const { acts = [] } = (await find([sid])).get(sid) ?? {};
  expect(acts).toContainEqual(expect.objectContaining({ ask: 'ERASE', scope: ['GENDER'] }));
}, 240_000);

describe('rights.deletion: a broken chain keeps nothing of an erased person', () => {
  test('all of it is gone at once, and the chain goes to the ledger once it is mended', async () => {
    const id = await newVictim();
    const { _id: sid } = await documentOf(id);
    const { data } = await world.ask(member(id), 'mutation { requestErasure { confirmation } }');
    const erase = 'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }';
    const { errors } = await world.ask(member(id), erase, data.requestErasure);
    expect(errors).toEqual([]);
    expect((await world.ask(member(id), '{ me { id } }')).status).toBe(401);
    const { ledger: chain, ...rest } = await documentOf(id);
    expect(rest).toMatchObject({ facts: { status: 'ERASED' }, values: {}, avatarName: '' });
    expect(chain.outbox.at(-1)).toMatchObject({ type: 'ERASURE' });
    for (const name of ['person_keys', 'claims'])
      expect(
        await collectionOf(world.store.connection, name).countDocuments({ $or: [{ _id: sid as never }, { sid }] }),
      ).toBe(0);

    await world.gateway.sweep().catch(() => {});
    expect(await documents().countDocuments({ _id: sid })).toBe(1);
    expect((await command('mend', '--person', sid)).code).toBe(0);
    await world.gateway.sweep().catch(() => {});
    expect(await documents().countDocuments({ _id: sid })).toBe(0);
    const { faults, mended } = await verify(world.store);
    expect(faults.filter(({ entry }) => entry.startsWith(sid))).toEqual([]);
    expect(mended?.some(({ entry }) => entry.startsWith(sid))).toBe(true);
  }, 240_000);
});
