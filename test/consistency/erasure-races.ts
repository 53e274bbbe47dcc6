import { setTimeout as sleep } from 'node:timers/promises';
import type { CallerClaims } from '../../src/http/signing.ts';
import { type DataCategory, scopeWord } from '../../src/policy/vocabulary.ts';
import type { GatewayProcess } from '../support/processes.ts';
import { openCluster } from '../support/processes.ts';
import { type Answer, member, partner } from '../support/world.ts';

// Partners read people through two gateways while these people delete what the partners read, or erase themselves.

/** Each category that can be deleted by itself, with the field that shows it and a test of whether it did. */
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
/** What goes along with what is deleted. */
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
const NOTICES = '{ erasureNotices { id personId categories everything } }';
const ACKNOWLEDGE = 'mutation ($id: ID!) { acknowledgeErasure(id: $id) }';

interface Notice {
  readonly id: string;
  readonly personId: string;
  readonly categories: readonly string[];
  readonly everything: boolean;
}

export interface Tally {
  races: number;
  /** Reads that were shown something that a deletion took. */
  affected: number;
  /** Of these, the reads whose partner has no notice of all of it. */
  missing: number;
  /** Notices of what the partner was not shown, or was shown only after it was given anew. */
  wrong: number;
}

const JITTER_MS = 6;
const soon = () => sleep(Math.random() * JITTER_MS);

/**
 * Runs so many races through two gateway processes, each of a person of its own: two partners read, the person deletes
 * some categories or everything. Both sides go through either gateway. When both answers are there, each partner asks
 * what it has to erase and says that it did; then the person gives some of it anew, and the partners read again.
 *
 * @param lanes  races under way at once
 */
export async function race(races: number, lanes: number): Promise<Tally> {
  const cluster = await openCluster(worldOf(races));
  try {
    const [a, b] = cluster.gateways as readonly [GatewayProcess, GatewayProcess];
    const tally: Tally = { races: 0, affected: 0, missing: 0, wrong: 0 };
    const good = ({ status, errors, data }: Answer) => {
      if (status !== 200 || errors.length > 0) throw new Error(`${status} ${JSON.stringify(errors)}`);
      return data;
    };

    const play = async (n: number) => {
      const gateways = n % 2 === 0 ? [a, b] : [b, a];
      const [own, other] = gateways as [GatewayProcess, GatewayProcess];
      const claims = member(idOf(n));
      const person = await cluster.token(claims);
      const deleted = DELETED.filter((_, index) => (n + index) % 3 !== 0);
      const readers = [n, n + 1 + Math.floor(n / READERS.length)].map((at) => READERS[at % READERS.length]);
      const others = await Promise.all(
        [...new Set(readers)].map(async (reader) => {
          const { clientId, purpose, categories } = reader as (typeof READERS)[number];
          const scope = categories.map(scopeWord).join(' ');
          const token = await cluster.token(partner(clientId, purpose, scope) as CallerClaims);
          const fields = categories.map((category) => FIELDS[category][0]).join(' ');
          const id = cluster.partnerId(clientId, idOf(n));
          const read = async (gateway: GatewayProcess): Promise<Raced[]> => {
            const { data } = await gateway.ask(token, `query ($id: ID!) { user(id: $id) { ${fields} } }`, { id });
            const user = data?.user;
            return user ? categories.filter((category) => FIELDS[category][1](user)) : [];
          };
          const notice = async (gateway: GatewayProcess): Promise<Notice | undefined> =>
            good(await gateway.ask(token, NOTICES)).erasureNotices.find(({ personId }: Notice) => personId === id);
          const acknowledge = async (gateway: GatewayProcess, noticed: Notice) =>
            good(await gateway.ask(token, ACKNOWLEDGE, { id: noticed.id }));
          return { read, notice, acknowledge };
        }),
      );

      const isErased = n % 4 === 3;
      const confirmation = isErased ? good(await own.ask(person, REQUEST)).requestErasure.confirmation : null;
      const act = async () => {
        await soon();
        good(
          confirmation === null
            ? await own.ask(person, DELETE, { categories: deleted })
            : await own.ask(person, ERASE, { confirmation }),
        );
      };
      const reads = others.map(async ({ read }, index) => {
        await soon();
        return read(index === 0 ? other : own);
      });
      const [shown] = await Promise.all([Promise.all(reads), act()]);

      for (const [index, { notice, acknowledge, read }] of others.entries()) {
        const affected = (shown[index] ?? []).filter((category) => isErased || gone(deleted).includes(category));
        const told = await notice(index === 0 ? own : other);
        const asked = new Set(told?.categories);
        if (affected.length > 0) tally.affected += 1;
        const isTold = affected.every((category) => asked.has(category)) && (!isErased || told?.everything === true);
        if (affected.length > 0 && !isTold) tally.missing += 1;
        const scalars = affected.filter((category) => !FIELDS[category][0].endsWith('{ id }'));
        const toldScalars = [...asked].filter((category) => !FIELDS[category as Raced][0].endsWith('{ id }'));
        if (told && toldScalars.length > scalars.length) tally.wrong += 1;
        if (told) await acknowledge(own, told);
        if (isErased) continue;
        good(await own.ask(person, GIVE_ANEW));
        await read(other);
        if (isTold && (await notice(own))) tally.wrong += 1;
      }
      tally.races += 1;
    };
    let next = 0;
    const lane = async () => {
      while (next < races) {
        const n = next;
        next += 1;
        await play(n);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return tally;
  } finally {
    await cluster.close();
  }
}
