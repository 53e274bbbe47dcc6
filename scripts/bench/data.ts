/** People are alike, so that a request costs the same whichever of them it asks for. */

import { randomUUID } from 'node:crypto';
import type { Log } from '../../src/base/log.ts';
import type { Foundation } from '../../src/gateway/foundation.ts';
import { createPersonLedger } from '../../src/ledger/chain/person-chain.ts';
import { createDisclosureBook } from '../../src/ledger/disclosure/disclosure.ts';
import { createBlindIndex, deriveSecret } from '../../src/store/derive.ts';
import { createPersonKeys } from '../../src/store/keys.ts';
import { collectionOf, PEOPLE } from '../../src/store/mongo/collections.ts';
import type { Store } from '../../src/store/mongo/connection.ts';
import { createPersonRecords } from '../../src/store/mongo/repositories/people.ts';
import { createCursors, createSubjectId } from '../../src/subject/identifiers.ts';
import { createMailboxes } from '../../src/subject/mailboxes.ts';
import type { PersonDocument } from '../../src/subject/model.ts';
import { createPerson } from '../../src/subject/new-person.ts';
import { createPublicIds } from '../../src/subject/public-ids.ts';
import { createVault } from '../../src/subject/vault.ts';
import { createWorldLoader } from '../../src/world/load-world.ts';
import { stateOf } from '../../src/world/person.ts';
import { parseWorld, type WorldUser } from '../../src/world/schema.ts';

interface Half {
  readonly ids: readonly string[];
  /** The cursor before each page of a list, for each of the two callers that read lists. */
  readonly cursors: { readonly successor: readonly string[]; readonly privacy: readonly string[] };
}

/**
 * The people, in two halves. The first half is shown to the successor and changes its consents. The shares and consents
 * of the second half are read. So the writes of one operation do not slow the reads of another.
 */
export interface Cast {
  readonly changing: Half;
  readonly standing: Half;
}

export const PAGE = 50;
const CONSENTS = 10;
const SHARES = 10;
const DAY = 24 * 3_600_000;

const documentsIn = ({ connection }: Store) => collectionOf<PersonDocument>(connection, PEOPLE);

const upTo = <Item>(count: number, item: (index: number) => Item) => Array.from({ length: count }, (_, i) => item(i));
const daysAgo = (days: number) => new Date(Date.now() - days * DAY).toISOString();

const address = (index: number) => ({
  street: `${index} Harbour Road`,
  city: 'Springfield',
  postalCode: '12345',
  country: 'US',
});

const user = (index: number) => ({
  id: `u${index}`,
  avatarName: `Avatar ${index}`,
  name: `Nia Ko ${index}`,
  email: `nia-${index}@mail.example`,
  gender: 'female',
  birthDate: '1990-02-03',
  country: 'US',
  postalAddress: address(index),
  cellPhone: '+1 555 0100',
  billingAddress: address(index),
  paymentCard: { brand: 'VISA', lastFour: '4242', expiry: '2030-09', processorToken: `tok_${index}` },
  photos: upTo(3, (i) => ({ id: `f${i}`, url: `https://img.example/${index}/${i}.png`, caption: 'by the sea' })),
  posts: upTo(5, (i) => ({
    id: `p${i}`,
    forum: 'lobby',
    text: 'hello to everybody who reads this',
    at: daysAgo(i + 1),
  })),
  recentActivity: upTo(3, (i) => ({ id: `a${i}`, kind: 'VISIT', text: 'came by', at: daysAgo(i + 1) })),
  transactions: upTo(5, (i) => ({
    ...{ id: `t${i}`, kind: 'BOUGHT', good: 'a hat', price: 1.5, profit: 0.5 },
    at: daysAgo(i + 1),
  })),
  consents: upTo(CONSENTS, (i) => ({
    purpose: 'targetedOffers',
    action: i % 2 === 0 ? 'WITHDRAWN' : 'GIVEN',
    at: daysAgo(40 - i),
  })),
  orders: [{ id: `o${index}`, processor: 'processor', status: 'OPEN' }],
  subscriptions: [{ thread: 'news', verified: true }],
  relationships: [{ partner: 'cobranded' }],
  socialLinks: [{ partner: 'social' }],
  privacyCases: [{ id: `c${index}`, status: 'OPEN' }],
});

const partner = (clientId: string, kind: string, ...purposes: string[]) => ({
  ...{ clientId, kind, name: `The ${clientId}`, jurisdiction: 'US' },
  contract: { purposes },
});

const PARTNERS = [
  partner('processor', 'PAYMENT_PROCESSOR', 'billing'),
  partner('offers', 'OFFERS', 'targeted-offers'),
  partner('cobranded', 'CO_BRANDED', 'co-branded-service'),
  partner('social', 'SOCIAL', 'activity-posting'),
  partner('successor', 'SUCCESSOR', 'succession'),
];
const SUCCESSIONS = [{ partner: 'successor', announcedAt: daysAgo(60) }];

const BATCH = 1_000;
/** The id before everybody's. */
const FIRST = '0'.repeat(32);

/**
 * Fills an empty database. Each person has every kind of data, ten consents and ten shares.
 *
 * @param onProgress  told how many people there are so far
 */
export async function fill(foundation: Foundation, count: number, log: Log, onProgress: (people: number) => void) {
  const loader = createWorldLoader({ ...foundation, log });
  for (let from = 0; from < count; from += BATCH) {
    const users = upTo(Math.min(BATCH, count - from), (index) => user(from + index));
    const partners = from === 0 ? { partners: PARTNERS, successions: SUCCESSIONS } : {};
    const rules = { ...(await loader.rules()), knownPartners: new Set(PARTNERS.map(({ clientId }) => clientId)) };
    await loader.load(parseWorld({ users, ...partners }, from === 0 ? await loader.rules() : rules));
    onProgress(from + users.length);
  }
  await share(foundation, log);
}

/**
 * Adds people with only the data that decisions and lists look at, sealed for each of them; they wrote and bought
 * nothing, and nobody was shown their data. A study of growth needs many of them.
 *
 * @returns adds those from one number to another, and tells how many there are so far
 */
export async function createLeanFill(foundation: Foundation, log: Log) {
  const { store, table, keyEncryptionKey, sharedSecret } = foundation;
  const mailboxes = createMailboxes(store, createBlindIndex(sharedSecret));
  const keys = createPersonKeys(store, keyEncryptionKey);
  const publicIds = createPublicIds(store, createBlindIndex(sharedSecret));
  const ledger = createPersonLedger(store);
  const people = createPersonRecords<PersonDocument>(store);
  const { posts: _posts, transactions: _goods, consents, ...rest } = user(0);
  const rules = await createWorldLoader({ ...foundation, log }).rules();
  const world = parseWorld({ users: [{ ...rest, consents: consents.slice(-1) }] }, rules);
  const [template] = world.users as [WorldUser];
  const state = stateOf(
    {
      user: template,
      policy: table.current,
      retention: table.retention,
      now: world.readAt,
      processes: [],
      settled: new Set(),
      asksAge: table.asksAge,
      asksHeld: table.asksHeld,
      asksRestrictions: table.asksRestrictions,
    },
    null,
  );

  const write = async (from: number, to: number) => {
    const users = upTo(to - from, (place) => user(from + place));
    const sids = await publicIds.give(users.map(({ id }) => id));
    const dataKeys = await keys.obtain([...sids.values()]);
    const created = users.map(({ id, name, email, avatarName }) => {
      const sid = sids.get(id) as string;
      const vault = createVault(sid, dataKeys.get(sid) as Buffer);
      const values = { ...state.values, NAME: name, EMAIL: email };
      return createPerson(id, { sid, vault }, { ...state, avatarName, values }, mailboxes.of);
    });
    await ledger.settle(created.flatMap((person) => person.ledger.outbox));
    const settled = created.map((person) => ({ ...person, ledger: { head: person.ledger.head, outbox: [] } }));
    await people.createAll(settled);
  };

  return async (from: number, to: number, onProgress: (people: number) => void) => {
    // one batch is sealed while the engine takes in the one before
    let before: Promise<void> = Promise.resolve();
    for (let first = from; first < to; first += BATCH) {
      const next = write(first, Math.min(first + BATCH, to));
      await before;
      onProgress(first);
      before = next;
    }
    await before;
  };
}

/** Some of very many people, from anywhere among them, so that each request asks for new ones. */
export async function sampleOf({ store, sharedSecret }: Foundation, selves: number, pages: number): Promise<Cast> {
  const cursorsOf = createCursors(deriveSecret(sharedSecret, 'cursors'));
  const people = await documentsIn(store)
    .aggregate<PersonDocument>([{ $sample: { size: selves } }])
    .toArray();
  // internal ids are random: any of them is a place in the list, whether or not it is somebody's
  const before = upTo(pages, createSubjectId);
  const seenBy = (audience: string) => before.map(cursorsOf(audience).of);
  const half = {
    ids: people.map(({ publicId }) => publicId),
    cursors: { successor: seenBy('partner successor'), privacy: seenBy('STAFF') },
  };
  return { changing: half, standing: half };
}

/** As if partners had been shown pages of people: a document of the book for each page. */
async function share({ store, clock }: Foundation, log: Log) {
  const book = createDisclosureBook({ ...store, clock, log });
  const people = documentsIn(store).find({}, { projection: { _id: 1 }, sort: { _id: 1 } });
  const record = async (sids: readonly string[]) => {
    for (const { clientId, contract } of [...PARTNERS, ...PARTNERS].slice(0, SHARES)) {
      const occasion = { purpose: contract.purposes[0] ?? '', at: clock.now().toISOString() };
      const shown = { clauses: ['sharing.opt-in-offers'], categories: ['NAME', 'EMAIL'] as const };
      const request = { requestId: randomUUID(), tokenId: randomUUID(), policyVersion: '2014-09-12' };
      await book.record([{ sids, recipientKind: 'PARTNER', recipient: clientId, ...occasion, ...shown, ...request }]);
    }
  };
  let page: string[] = [];
  for await (const { _id } of people) {
    page.push(_id);
    if (page.length < PAGE) continue;
    await record(page);
    page = [];
  }
  await book.close();
}

/** Everybody, in the order of lists. */
export async function castOf({ store, sharedSecret }: Foundation): Promise<Cast> {
  const people = await documentsIn(store)
    .find({}, { projection: { publicId: 1 }, sort: { _id: 1 } })
    .toArray();
  const cursorsOf = createCursors(deriveSecret(sharedSecret, 'cursors'));
  const halfOf = (from: number, to: number) => {
    const before = upTo(Math.floor((to - from) / PAGE), (page) => people[from + page * PAGE - 1]?._id ?? FIRST);
    const seenBy = (audience: string) => before.map(cursorsOf(audience).of);
    return {
      ids: people.slice(from, to).map(({ publicId }) => publicId),
      cursors: { successor: seenBy('partner successor'), privacy: seenBy('STAFF') },
    };
  };
  const half = Math.floor(people.length / 2 / PAGE) * PAGE;
  return { changing: halfOf(0, half), standing: halfOf(half, people.length) };
}
