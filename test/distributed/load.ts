import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, TestWorld } from '../support/world.ts';
import { type Person, READER } from './stage.ts';

/** The outcome of the load of a round. */
export interface Counts {
  /** Acts and posts. */
  acknowledged: number;
  /** Reads that showed the address, and reads that withheld it. */
  shown: number;
  denied: number;
  /** Answers that the database was out of reach. Whether the request was done is unknown. */
  refused: number;
  /** Acts that lost too many races. */
  conflicts: number;
  /** Acknowledged marks that are not found, or found twice. */
  lost: number;
  twice: number;
  /** Reads that began after an acknowledged withdrawal and still showed the address, without a consent since. */
  reveals: number;
  /** Answers that are none of these. */
  readonly faults: string[];
}

/** The load of a round. */
export interface Load {
  readonly counts: Counts;
  /** The people of the round. */
  readonly met: readonly Person[];
  /** Adds a person that nobody has asked about yet. */
  readonly meet: () => Person;
  readonly isOver: () => boolean;
}

export const createCounts = (): Counts => ({
  ...{ acknowledged: 0, shown: 0, denied: 0, refused: 0, conflicts: 0, lost: 0, twice: 0, reveals: 0, faults: [] },
});

const actOf = (give: boolean) =>
  `mutation { act: ${give ? 'giveConsent' : 'withdrawConsent'}(purpose: "targetedOffers") { consent { inForce } ledgerEntry { hash } } }`;
const POST = 'mutation ($text: String!) { submitPost(forum: "drill", text: $text) { post { id } } }';
const READ = 'query ($id: ID!) { user(id: $id) { email } }';
const HISTORY = `{ me {
  consents(first: 100) { ledgerEntry { hash } } posts(first: 100) { text } thirdPartyShares(first: 100) { requestId }
} }`;
/** The number of people that act at once. */
export const WRITERS = 8;
/** Lists show so many of a person's acts, posts and disclosures at once; two readers may be at the last one. */
const MOST = 90;
const PAUSE_MS = 30;
const ATTEMPTS = 40;

const isFine = ({ status, errors }: Answer) => status === 200 && errors.length === 0;
const isRefused = ({ status, data }: Answer) => status === 503 && data === undefined;
const isConflict = ({ errors }: Answer) =>
  errors.length > 0 && errors.every(({ extensions }) => extensions.code === 'CONFLICT');

/** Whether the request was done; everything else is counted. */
function isDone(answer: Answer, counts: Counts, asked: string): boolean {
  if (isFine(answer)) return true;
  if (isRefused(answer)) counts.refused += 1;
  else if (isConflict(answer)) counts.conflicts += 1;
  else counts.faults.push(`${asked}: ${answer.status} ${answer.errors.map(({ extensions }) => extensions.code)}`);
  return false;
}

/** The person gives or withdraws the consent that the partner needs. */
export async function act(gateway: TestWorld, person: Person, give: boolean, counts: Counts): Promise<boolean> {
  if (give) person.withdrawn = null;
  const answer = await gateway.ask(person.caller, actOf(give));
  if (!isDone(answer, counts, 'an act')) return false;
  const { consent, ledgerEntry } = answer.data.act;
  if (consent.inForce !== give) counts.faults.push('an act: the consent is not as it was acknowledged');
  if (ledgerEntry) person.marks.add(ledgerEntry.hash);
  if (!give) person.withdrawn = {};
  counts.acknowledged += 1;
  return true;
}

async function post(gateway: TestWorld, person: Person, text: string, counts: Counts): Promise<void> {
  if (!isDone(await gateway.ask(person.caller, POST, { text }), counts, 'a post')) return;
  person.marks.add(text);
  counts.acknowledged += 1;
}

/** The partner reads the person's address. */
export async function read(gateway: TestWorld, person: Person, counts: Counts): Promise<void> {
  const { withdrawn } = person;
  const answer = await gateway.ask(READER, READ, { id: person.partnerId });
  const isShown = Boolean(answer.data?.user?.email);
  if (isShown && withdrawn !== null && withdrawn === person.withdrawn) counts.reveals += 1;
  if (!isDone(answer, counts, 'a read')) return;
  if (!isShown) {
    counts.denied += 1;
    return;
  }
  person.marks.add(answer.headers.get('x-request-id') ?? '');
  person.shown += 1;
  counts.shown += 1;
}

/** People give, post, withdraw and post, one after the other, until it is over. */
export async function writer(gateway: TestWorld, { meet, counts, isOver }: Load): Promise<void> {
  while (!isOver()) {
    const person = meet();
    for (let n = 0; n < MOST && !isOver(); n++) {
      await act(gateway, person, n % 2 === 0, counts);
      await post(gateway, person, `the post ${n} of ${person.caller.sub}`, counts);
      await sleep(PAUSE_MS);
    }
  }
}

/** The partner reads the people of the round in turn, until it is over. */
export async function reader(gateway: TestWorld, { met, counts, isOver }: Load, first: number): Promise<void> {
  for (let n = first; !isOver(); n++) {
    const open = met.filter(({ shown }) => shown < MOST);
    const person = open[n % open.length];
    if (person) await read(gateway, person, counts);
    await sleep(PAUSE_MS / 2);
  }
}

/** Asks again while the database is out of reach. */
async function insist(ask: () => Promise<Answer>): Promise<Answer> {
  let answer = await ask();
  for (let n = 1; n < ATTEMPTS && isRefused(answer); n++) {
    await sleep(100);
    answer = await ask();
  }
  return answer;
}

/** Looks for every acknowledged mark in the history that the person is told. */
export async function check(gateway: TestWorld, { caller, marks }: Person, counts: Counts): Promise<void> {
  const answer = await insist(() => gateway.ask(caller, HISTORY));
  if (!isDone(answer, counts, 'a history')) {
    counts.faults.push('a history is not told');
    return;
  }
  const { consents, posts, thirdPartyShares } = answer.data.me;
  const found: string[] = [
    ...consents.map(({ ledgerEntry }: { ledgerEntry: { hash: string } }) => ledgerEntry.hash),
    ...posts.map(({ text }: { text: string }) => text),
    ...thirdPartyShares.map(({ requestId }: { requestId: string }) => requestId),
  ];
  const times = new Map<string, number>();
  for (const mark of found) times.set(mark, (times.get(mark) ?? 0) + 1);
  for (const mark of marks) if (!times.has(mark)) counts.lost += 1;
  for (const count of times.values()) if (count > 1) counts.twice += 1;
}
