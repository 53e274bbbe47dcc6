import { setTimeout as sleep } from 'node:timers/promises';
import type { CallerClaims } from '../../src/http/signing.ts';
import { type DataCategory, scopeWord } from '../../src/policy/vocabulary.ts';
import type { GatewayProcess } from '../support/processes.ts';
import { openCluster } from '../support/processes.ts';
import { type Answer, member, partner } from '../support/world.ts';

// Partners read people through two gateways while these people delete data that the partners read, or erase themselves.

/** Categories that can be deleted by themselves, each with the field that shows it and a test of whether it did. */
const FIELDS = {
  GENDER: ['gender', (user) => user.gender !== null],
  BIRTH_DATE: ['birthDate', (user) => user.birthDate !== null],
  AGE_BAND: ['ageBand', (user) => user.ageBand !== null],
  POSTAL_ADDRESS: ['postalAddress { city }', (user) => user.postalAddress !== null],
  CELL_PHONE: ['cellPhone', (user) => user.cellPhone !== null],
  ACTIVITY: ['recentActivity { id }', (user) => user.recentActivity.length > 0],
  PHOTOS: ['photos { id }', (user) => user.photos.length > 0],
  POSTS: ['posts { id }', (user) => user.posts.length > 0],
  TRANSACTIONS: ['transactions { id }', (user) => user.transactions.length > 0],
  // biome-ignore lint/suspicious/noExplicitAny: a response is whatever the query made of it
} satisfies Partial<Record<DataCategory, readonly [string, (user: any) => boolean]>>;
type Raced = keyof typeof FIELDS;

const READERS: readonly {
  readonly clientId: string;
  readonly kind: string;
  readonly purpose: string;
  readonly categories: readonly Raced[];
}[] = [
  {
    ...{ clientId: 'offers', kind: 'OFFERS', purpose: 'targeted-offers' },
    categories: ['GENDER', 'BIRTH_DATE', 'POSTAL_ADDRESS'],
  },
  { clientId: 'advertiser', kind: 'ADVERTISER', purpose: 'advertising', categories: ['GENDER', 'AGE_BAND'] },
  {
    ...{ clientId: 'mailer', kind: 'EMAIL_PROVIDER', purpose: 'creator-notification' },
    categories: ['POSTAL_ADDRESS', 'CELL_PHONE'],
  },
  { clientId: 'prefill', kind: 'OFFERS', purpose: 'offer-prefill', categories: ['GENDER', 'POSTAL_ADDRESS'] },
  { clientId: 'social', kind: 'SOCIAL', purpose: 'activity-posting', categories: ['ACTIVITY'] },
  {
    ...{ clientId: 'successor', kind: 'SUCCESSOR', purpose: 'succession' },
    categories: ['GENDER', 'CELL_PHONE', 'PHOTOS', 'POSTS', 'TRANSACTIONS'],
  },
];
const DELETED: readonly Raced[] = [
  'GENDER',
  'BIRTH_DATE',
  'POSTAL_ADDRESS',
  'CELL_PHONE',
  'ACTIVITY',
  'PHOTOS',
  'POSTS',
];
/** The deleted categories and those that go along with them. */
const gone = (deleted: readonly Raced[]): readonly Raced[] =>
  deleted.includes('BIRTH_DATE') ? [...deleted, 'AGE_BAND'] : deleted;

const AT = '2020-01-01T00:00:00Z';
const idOf = (race: number) => `u${race}`;
const worldOf = (races: number) => ({
  users: Array.from({ length: races }, (_, race) => ({
    id: idOf(race),
    avatarName: `Avatar ${race}`,
    name: 'Nia Ko',
    email: `nia-${race}@mail.example`,
    gender: 'female',
    birthDate: '1990-02-03',
    country: 'US',
    postalAddress: { city: 'Springfield' },
    cellPhone: '+1 555 0100',
    photos: [{ id: 'f', url: 'https://img.example/1.png' }],
    posts: [{ id: 'p', text: 'hello' }],
    recentActivity: [{ id: 'a', text: 'came by', at: AT }],
    transactions: [{ id: 't', good: 'hat', at: AT }],
    preferences: { creatorNotification: true },
    consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: AT }],
    socialLinks: [{ partner: 'social' }],
    adInteractions: [{ partner: 'advertiser', at: AT }],
  })),
  partners: READERS.map(({ clientId, kind, purpose }) => ({
    ...{ clientId, kind, name: clientId, jurisdiction: 'US' },
    contract: { purposes: [purpose] },
  })),
  successions: [{ partner: 'successor', announcedAt: AT }],
});

const DELETE = 'mutation ($categories: [DataCategory!]!) { deletePersonalData(categories: $categories) { deleted } }';
const REQUEST = 'mutation { requestErasure { confirmation } }';
const ERASE = 'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }';
const GIVE_ANEW = `mutation { correctPersonalData(input: { gender: "male", postalAddress: { city: "Shelbyville" },
  cellPhone: "+1 555 0200" }) { user { id } } }`;
const NOTICES = '{ erasureNotices { id asked personId categories everything } }';
const ACKNOWLEDGE = 'mutation ($id: ID!) { acknowledgeErasure(id: $id) }';

const UNAVAILABLE = 503;
const ERASED = 401;
const JITTER_MS = 6;

interface Notice {
  readonly asked: string;
  readonly id: string;
  readonly personId: string;
  readonly categories: readonly Raced[];
  readonly everything: boolean;
}

export interface Tally {
  races: number;
  /** Reads that were shown something that a deletion took. */
  affected: number;
  /** Of these, the reads that the partner was not told of in full. */
  missing: number;
  /** Notices of data that the partner was not shown, or was shown only after it was given anew. */
  wrong: number;
}

type Ask = (query: string, variables?: Record<string, unknown>) => Promise<Answer>;

/** Asks again for as long as a busy machine can not answer in time; tells whether it had to. */
async function insist(ask: () => Promise<Answer>, isFine = (_status: number) => false) {
  for (let again = false; ; again = true) {
    const { status, errors, data } = await ask();
    if (status === UNAVAILABLE) continue;
    if (errors.length > 0 && !isFine(status)) throw new Error(`${status} ${JSON.stringify(errors)}`);
    return { data, again };
  }
}

/** One partner, toward one person. */
function createReading(categories: readonly Raced[], personId: string) {
  const fields = categories.map((category) => FIELDS[category][0]).join(' ');
  const query = `query ($id: ID!) { user(id: $id) { ${fields} } }`;
  return {
    /** The categories shown; null where they were withheld, though they may be on record. */
    async read(ask: Ask): Promise<Raced[] | null> {
      const { status, data } = await ask(query, { id: personId });
      if (status === UNAVAILABLE) return null;
      return data?.user ? categories.filter((category) => FIELDS[category][1](data.user)) : [];
    },
    async notice(ask: Ask): Promise<Notice | undefined> {
      const { data } = await insist(() => ask(NOTICES));
      return data.erasureNotices.find((notice: Notice) => notice.asked === 'ERASE' && notice.personId === personId);
    },
    acknowledge: (ask: Ask, { id }: Notice) => insist(() => ask(ACKNOWLEDGE, { id })),
  };
}

const soon = () => sleep(Math.random() * JITTER_MS);
/** A list that was emptied a moment before is shown all the same, with nothing in it. */
const isList = (category: Raced) => FIELDS[category][0].endsWith('{ id }');

/**
 * Runs so many races through two gateway processes, each of a person of its own: two partners read, the person deletes
 * some categories or everything. Both sides go through either gateway. When both answers are there, each partner asks
 * which data it has to erase and says that it did; then the person gives some of it anew, and the partner reads again.
 *
 * @param lanes  races under way at once
 */
export async function race(races: number, lanes: number): Promise<Tally> {
  const cluster = await openCluster(worldOf(races));
  const tally: Tally = { races: 0, affected: 0, missing: 0, wrong: 0 };

  /** How somebody asks through each of the two gateways, the one that comes first in this race first. */
  const waysOf = async (claims: CallerClaims, race: number): Promise<readonly [Ask, Ask]> => {
    const token = await cluster.token(claims);
    const [a, b] = cluster.gateways.map(
      ({ ask }: GatewayProcess): Ask =>
        (...asked) =>
          ask(token, ...asked),
    ) as [Ask, Ask];
    return race % 2 === 0 ? [a, b] : [b, a];
  };

  async function play(race: number): Promise<void> {
    const [person] = await waysOf(member(idOf(race)), race);
    const isErasure = race % 4 === 3;
    const deleted = DELETED.filter((_, index) => (race + index) % 3 !== 0);
    const isTaken = (category: Raced) => isErasure || gone(deleted).includes(category);
    const readers = new Set([race, race + 1 + Math.floor(race / READERS.length)].map((n) => n % READERS.length));
    const partners = await Promise.all(
      [...readers].map(async (index, place) => {
        const { clientId, purpose, categories } = READERS[index] as (typeof READERS)[number];
        const claims = partner(clientId, purpose, categories.map(scopeWord).join(' '));
        // one of them reads through the gateway that the person goes through, and the other does not
        const ways = await waysOf(claims, race + place);
        return { ways, ...createReading(categories, cluster.partnerId(clientId, idOf(race))) };
      }),
    );

    const confirmation = isErasure ? (await insist(() => person(REQUEST))).data.requestErasure.confirmation : null;
    const act = async () => {
      await soon();
      return isErasure
        ? insist(
            () => person(ERASE, { confirmation }),
            (status) => status === ERASED,
          )
        : insist(() => person(DELETE, { categories: deleted }));
    };
    const reads = partners.map(async ({ ways, read }) => {
      await soon();
      return read(ways[1]);
    });
    const [shown, { again }] = await Promise.all([Promise.all(reads), act()]);

    for (const [index, { ways, read, notice, acknowledge }] of partners.entries()) {
      const seen = shown[index] ?? null;
      const affected = (seen ?? []).filter(isTaken);
      const told = await notice(ways[0]);
      const isTold =
        affected.every((category) => told?.categories.includes(category)) && told?.everything === isErasure;
      if (affected.length > 0) tally.affected += 1;
      if (affected.length > 0 && !isTold) tally.missing += 1;
      const excess = (told?.categories ?? []).filter((category) => !isList(category) && !affected.includes(category));
      // a deletion that had to be asked for again comes a second time, after the reads in between
      if (seen !== null && !again && excess.length > 0) tally.wrong += 1;

      if (told) await acknowledge(ways[1], told);
      if (isErasure) continue;
      await insist(() => person(GIVE_ANEW));
      await read(ways[1]);
      if (isTold && (await notice(ways[0]))) tally.wrong += 1;
    }
    tally.races += 1;
  }

  let next = 0;
  const lane = async () => {
    while (next < races) await play(next++);
  };
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
    return tally;
  } finally {
    await cluster.close();
  }
}
