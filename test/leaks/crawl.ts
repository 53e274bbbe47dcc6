import { type GraphQLObjectType, type GraphQLSchema, isObjectType, parse } from 'graphql';
import { coordinatesIn, Reading } from './answers.ts';
import { createArguments } from './arguments.ts';
import { inBatches } from './batches.ts';
import { type Question, type Root, writeQuestion } from './generate.ts';
import { type Finding, Judge, sightedIn, type Told } from './judge.ts';
import { type Kept, keepFrom, learnFrom, nothingKept } from './learning.ts';
import { expectedOf, refusalOf } from './operations.ts';
import type { Random } from './random.ts';
import type { Asker } from './roster.ts';
import type { Resident, Stage } from './stage.ts';

/** A finding in one answer, with the question to ask again. */
export interface Find extends Finding {
  readonly asker: string;
  readonly question: Question;
}

export interface CrawlOptions {
  readonly stage: Stage;
  readonly schema: GraphQLSchema;
  readonly random: Random;
  /** Where requests go: the gateway, or one with a leak in it. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The crawl ends with the first of these. */
  readonly until?: (find: Find) => boolean;
}

/** How many people are asked for in one document. */
const BATCH = 6;

/** More than there are people. */
const WHOLE_LIST = 60;

/** Changes that others build on, and those that undo them. */
const FIRST = ['createDevice', 'openLegalProcess'];
const LAST = ['endLegalProcess', 'eraseDevice'];

/** Fields that may be null, so that one of them that is refused leaves the others of a document alone. */
const MIXABLE = ['me', 'user', 'users', 'node', 'explain', 'mailingHeaders', 'policy', 'device'];

/** How likely a field of a type is asked for. */
type Fullness = (type: string) => number;
const ALL: Fullness = () => 1;
const HALF: Fullness = () => 0.5;
const LITTLE: Fullness = () => 0.3;
const LEAST: Fullness = (type) => (type === 'User' ? 0.1 : 0.3);
/** All but of people, since that is much. */
const MOST: Fullness = (type) => (type === 'User' ? 0.3 : 1);
/** All that only a change answers. */
const PAYLOAD: Fullness = (type) => (/Payload$|^ErasureRequest$|^DeviceProfile$/.test(type) ? 1 : 0.2);

/** Questions that don't fit the schema; no answer may repeat a part of them. */
const UNFIT = [
  'query ($text: Int) { users(first: $text) { edges { node { id } } } }',
  'query ($text: StatisticsTable!) { statistics(table: $text) { asOf } }',
  'mutation ($text: CorrectionInput!) { correctPersonalData(input: $text) { user { id } } }',
  'mutation ($text: EmailAddress!) { openGuardianCase(child: "x", contact: $text, message: "x") }',
];

export type Crawler = ReturnType<typeof createCrawler>;

/** Thrown to end a crawl after the wanted finding. */
class Enough extends Error {}

/** Every field of every type that a query or a mutation leads to. */
export const coordinatesOf = (schema: GraphQLSchema): string[] =>
  Object.values(schema.getTypeMap())
    .filter((type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));

const rootsOf = (fields: readonly string[]): Root[] => fields.map((field) => ({ field }));

/** Asks a gateway all sorts of questions, and compares every answer with the oracle. */
export function createCrawler({ stage, schema, random, fetch, until = () => false }: CrawlOptions) {
  const count = { requests: 0, decisions: 0, longest: 0 };
  const finds: Find[] = [];
  /** Every coordinate that a caller has asked for, by the caller's name. */
  const asked = new Map<string, Set<string>>();
  /** Coordinates that were shown to somebody, and that were denied to somebody. */
  const revealed = new Set<string>();
  const denied = new Set<string>();
  /** Root fields that were answered with something. */
  const succeeded = new Set<string>();
  const tokens = new Map<string, string>();
  const keptBy = new Map<Asker, Kept>();

  const entryOf = <Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value => {
    const entry = map.get(key) ?? make();
    map.set(key, entry);
    return entry;
  };

  const authorize = async (asker: Asker): Promise<Record<string, string>> => {
    const claims = asker.claims();
    if (!claims) return {};
    const name = JSON.stringify(claims);
    const token = tokens.get(name) ?? (await stage.world.token(claims));
    tokens.set(name, token);
    return { authorization: `Bearer ${token}` };
  };

  const send = async (asker: Asker, question: Question, signals = false): Promise<Told> => {
    const signal: Record<string, string> = signals ? { 'sec-gpc': '1' } : {};
    const headers = { 'content-type': 'application/json', ...(await authorize(asker)), ...signal };
    const before = stage.logged.length;
    const response = await fetch(
      new Request('http://gateway.test/graphql', { method: 'POST', headers, body: JSON.stringify(question) }),
    );
    count.requests += 1;
    count.longest = Math.max(count.longest, question.query.length);
    return {
      status: response.status,
      headers: [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n'),
      body: await response.text(),
      logged: stage.logged.slice(before),
    };
  };

  const note = (asker: Asker, question: Question, findings: readonly Finding[]) => {
    for (const finding of findings) {
      const find = { ...finding, asker: asker.name, question };
      finds.push(find);
      if (until(find)) throw new Enough();
    }
  };

  const isTurnedAway = (asker: Asker) => {
    const caller = asker.caller();
    return caller.kind === 'PARTNER' && caller.partner.status === 'SUSPENDED';
  };

  /** A suspended partner is refused before anything of its question is looked at. */
  const judgeTurnedAway = (told: Told): Finding[] => {
    const { data, errors } = JSON.parse(told.body);
    count.decisions += 1;
    const isRight = told.status === 401 && data === undefined && errors?.[0]?.extensions.code === 'UNAUTHENTICATED';
    const answered: Finding[] = isRight ? [] : [{ kind: 'LEAK', what: `answered ${told.status}` }];
    return [...answered, ...sightedIn(stage.canaries, told)];
  };

  /** Asks one question and judges the answer, after learning how a change has altered the world. */
  const ask = async (asker: Asker, operation: 'query' | 'mutation', roots: readonly Root[], fullness: Fullness) => {
    const kept = entryOf(keptBy, asker, nothingKept);
    const argument = createArguments({ stage, random, asker, kept });
    const question = writeQuestion({ schema, random, argument, fullness }, operation, roots);
    const document = parse(question.query);
    const coordinates = entryOf(asked, asker.name, () => new Set());
    for (const coordinate of coordinatesIn(schema, document)) coordinates.add(coordinate);

    const signals = asker.signals === true && random.chance(0.5);
    if (signals) stage.optOut(asker);
    const reading = new Reading(schema, document, question.variables);
    const fields = reading.rootFields();
    const expected = new Map(
      fields.map(({ name, field, args }) => [name, expectedOf(operation, field, args, asker, stage)]),
    );
    const told = await send(asker, question, signals);
    if (isTurnedAway(asker)) return note(asker, question, judgeTurnedAway(told));

    const { data } = JSON.parse(told.body) as { data?: Record<string, unknown> | null };
    for (const { name, field, args } of fields) {
      const value = data?.[name];
      if (value === null || value === undefined) continue;
      succeeded.add(`${reading.rootType.name}.${field}`);
      keepFrom(field, value, kept);
      if (operation === 'mutation') await learnFrom(stage, asker, field, args, value);
    }
    const sent = JSON.stringify(fields.map(({ args }) => args));
    const judgement = new Judge(stage, schema, asker, reading).judge(told, expected, sent);
    count.decisions += judgement.decisions;
    for (const coordinate of judgement.revealed) revealed.add(coordinate);
    for (const coordinate of judgement.denied) denied.add(coordinate);
    note(asker, question, judgement.findings);
  };

  /** Asks questions without an answer, and checks that no part of them is repeated. */
  const askUnfit = async (asker: Asker) => {
    const text = stage.canaries.text({ of: asker.name, what: 'text that did not fit' });
    const question = { query: random.pick(UNFIT), variables: { text: { [text]: text } } };
    const told = await send(asker, question);
    const answered: Finding[] =
      'data' in JSON.parse(told.body) ? [{ kind: 'FAULT', what: 'answered all the same' }] : [];
    note(asker, question, [...answered, ...sightedIn(stage.canaries, told)]);
  };

  /** How one person may be asked for. */
  const wayTo = (asker: Asker, resident: Resident): Root => {
    const id = stage.idFor(asker, resident);
    const { avatarName } = resident.shown;
    const spelled = random.pick([avatarName, avatarName.toUpperCase()]);
    const byName: Root = { field: 'user', args: { avatarName: spelled } };
    return random.pick<Root>([
      { field: 'user', args: { id } },
      { field: 'user', args: { id } },
      { field: 'node', args: { id } },
      byName,
    ]);
  };

  const fieldsOf = (type: GraphQLObjectType | null | undefined, but: readonly string[]) =>
    Object.keys(type?.getFields() ?? {}).filter((name) => !but.includes(name));
  const unmixable = fieldsOf(schema.getQueryType(), MIXABLE);
  const mutations = fieldsOf(schema.getMutationType(), [...FIRST, ...LAST, 'eraseAccount']);

  const untilEnough =
    <Rest extends unknown[]>(work: (...of: Rest) => Promise<void>) =>
    (...of: Rest): Promise<void> =>
      work(...of).catch((error: unknown) => {
        if (!(error instanceof Enough)) throw error;
      });

  return {
    count,
    finds,
    asked,
    revealed,
    denied,
    succeeded,

    /** Every query in full, everybody or some people in part, and as many mixed questions as are wanted. */
    read: untilEnough(async (asker: Asker, { mixed = 2, about = Number.POSITIVE_INFINITY } = {}) => {
      for (const fields of [
        ...inBatches(random.shuffle(MIXABLE), MIXABLE.length / 2),
        ...unmixable.map((one) => [one]),
      ])
        await ask(asker, 'query', rootsOf(fields), fields.includes('user') ? ALL : MOST);
      const { kind } = asker.caller();
      if (kind === 'PARTNER' || kind === 'STAFF')
        await ask(asker, 'query', [{ field: 'users', args: { first: WHOLE_LIST } }], LEAST);

      const people = random.shuffle([...stage.residents.values()]);
      const isRefused = isTurnedAway(asker) || refusalOf(stage, asker) !== null;
      for (const batch of inBatches(people.slice(0, isRefused ? BATCH : about), BATCH)) {
        const ways = batch.map((resident) => wayTo(asker, resident));
        await ask(asker, 'query', ways, HALF);
      }
      for (let times = 0; times < mixed; times++) {
        const roots = rootsOf(random.shuffle(MIXABLE).slice(0, 1 + random.below(5)));
        const ways = people.slice(0, random.below(3)).map((resident) => wayTo(asker, resident));
        await ask(asker, 'query', [...roots, ...ways], LITTLE);
      }
      await askUnfit(asker);
      // A member that uses the site may have accepted a newer version of the policy by that.
      const self = asker.resident?.();
      if (self) await stage.refresh(self.id);
    }),

    /** Every mutation once, alone or several together; after a failure the rest of a group is not tried. */
    change: untilEnough(async (asker: Asker, { together = 1 } = {}) => {
      for (const batch of inBatches([...FIRST, ...random.shuffle(mutations), ...LAST], together))
        await ask(asker, 'mutation', rootsOf(batch), PAYLOAD);
      // without a right confirmation, the person goes on being there
      const args = { confirmation: 'another text' };
      await ask(asker, 'mutation', [{ field: 'eraseAccount', args }], PAYLOAD);
    }),

    /** These changes, in this order. */
    carryOut: untilEnough(async (asker: Asker, fields: readonly string[]) => {
      for (const field of fields) await ask(asker, 'mutation', [{ field }], PAYLOAD);
    }),
  };
}
