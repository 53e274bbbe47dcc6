import { isDeepStrictEqual } from 'node:util';
import { type GraphQLObjectType, getNamedType, isObjectType, isRequiredArgument } from 'graphql';
import type { Log } from '../../src/base/log.ts';
import { isRecord } from '../../src/base/records.ts';
import { buildSchema } from '../../src/gateway/schema.ts';
import { DEFAULT_LIMITS } from '../../src/http/guards/limits.ts';
import type { CallerClaims } from '../../src/http/signing.ts';
import { widestScope } from '../../src/policy/audiences.ts';
import { type Access, type Decision, reveals } from '../../src/policy/decide.ts';
import type { LoadedPolicy } from '../../src/policy/load.ts';
import {
  type Category,
  categoryNamed,
  categoryWith,
  type DataCategory,
  idsOf,
  NO_CATEGORIES,
  scopeWordsOf,
  staffAudience,
} from '../../src/policy/vocabulary.ts';
import { firstOfMonth } from '../../src/subject/age.ts';
import { derive } from '../../src/subject/derived.ts';
import { instantOf, timesFor } from '../../src/subject/expiry.ts';
import { accessOf, factsToward, type Stage } from '../../src/world/bundle-cases.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';
import type { PlantedBundle } from './bundle-people.ts';
import { type Finding, sightedIn } from './judge.ts';

/** A caller, and its name in a case. */
export interface Asker {
  readonly words: string;
  readonly claims: CallerClaims | null;
}

const memberAsker = (id: string): Asker => ({ words: `member ${id}`, claims: member(id) });
export const VISITOR: Asker = { words: 'visitor', claims: null };

/** Every caller there is: for partners every purpose with the widest scope, and those of the contract with each single word. */
export function askersOf({ table, partners, people }: Stage): readonly Asker[] {
  const { vocabulary, callerPurposes } = table;
  const asPartner = (clientId: string, purpose: string, scope: readonly string[]): Asker => ({
    words: ['partner', clientId, purpose, ...scope].join(' '),
    claims: partner(clientId, purpose, scope.join(' ')),
  });
  return [
    VISITOR,
    ...[...people.keys()].map(memberAsker),
    ...idsOf(vocabulary.staff).flatMap((role) =>
      [...callerPurposes].map((purpose) => ({ words: `staff ${role} ${purpose}`, claims: staff(role, purpose) })),
    ),
    ...[...partners.values()].flatMap((recipient) =>
      [...callerPurposes].flatMap((purpose) => {
        const widest = widestScope(table, recipient.kind, purpose);
        const isContracted = recipient.active && recipient.contract?.purposes.includes(purpose) === true;
        const scopes = [widest.length > 0 ? widest : scopeWordsOf(vocabulary)];
        const narrow = isContracted && widest.length > 1 ? widest.map((word) => [word]) : [];
        return [...scopes, ...narrow].map((scope) => asPartner(recipient.clientId, purpose, scope));
      }),
    ),
  ];
}

/** Arguments that fields of `User` need. */
const ARGUMENTS: Readonly<Record<string, (stage: Stage) => string>> = {
  clientId: ({ partners }) => [...partners.keys()][0] ?? '',
};

/** Every field of a type, and of the types within it. */
function selectionOf(type: GraphQLObjectType, stage: Stage, within: readonly string[] = []): string {
  const fields = Object.values(type.getFields()).flatMap(({ name, type: of, args }) => {
    const named = getNamedType(of);
    if (within.includes(named.name)) return [];
    const given = args.filter(isRequiredArgument).map((argument) => {
      const value = ARGUMENTS[argument.name];
      if (!value) throw new Error(`${type.name}.${name} needs ${argument.name}, which the crawler does not know.`);
      return `${argument.name}: ${JSON.stringify(value(stage))}`;
    });
    const parts = isObjectType(named) ? ` { ${selectionOf(named, stage, [...within, type.name])} }` : '';
    return [`${name}${given.length > 0 ? `(${given.join(', ')})` : ''}${parts}`];
  });
  return fields.join(' ');
}

interface ToldError {
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

type Told = Readonly<Record<string, unknown>>;

/** The decision for one caller about one person. */
interface Due {
  readonly id: string;
  readonly access: Access;
  readonly decision: Decision;
}

/** The result of a crawl. */
export interface Crawl {
  readonly findings: readonly Finding[];
  readonly requests: number;
  /** Counts of the fields that were due: shown with a value, denied, or shown empty since their time is over. */
  readonly shown: number;
  readonly denied: number;
  readonly over: number;
}

export interface CrawlOptions {
  readonly askers?: readonly Asker[];
  /** The policy of the gateway, where it is not that of the bundle. */
  readonly policy?: LoadedPolicy;
  /** A change of each answer on its way. */
  readonly spoil?: (body: string) => string;
}

const REFUSED = 'FORBIDDEN';

/** Asks a gateway of a bundle for everything, as each caller about each person, and compares it with the engine. */
export async function crawlBundle(planted: PlantedBundle, options: CrawlOptions = {}): Promise<Crawl> {
  const { stage, loaded, world: file } = planted;
  const logged: string[] = [];
  const note = (...line: unknown[]) => void logged.push(JSON.stringify(line));
  const world = await createWorld(file, {
    policy: options.policy ?? loaded,
    clock: { now: () => stage.now },
    log: { info: note, warn: note, error: note } as unknown as Log,
    guards: { limits: WIDE },
  });
  try {
    await correctAll(planted, world);
    const crawler = createCrawler(planted, options.spoil);
    const partnerIds = await partnerIdsOf(planted, world);
    for (const asker of options.askers ?? askersOf(stage)) {
      const [kind, clientId = ''] = asker.words.split(' ');
      const idOf = (id: string) => (kind === 'partner' ? (partnerIds.get(id)?.get(clientId) ?? '') : id);
      logged.length = 0;
      await crawler.ask(world, asker, idOf, logged);
    }
    return crawler.result();
  } finally {
    await world.close();
  }
}

/** A request asks for everybody at once, in several ways. */
const WIDE = { ...DEFAULT_LIMITS, cost: 10_000_000 };

const CORRECT = (type: string) =>
  `mutation ($input: ${type}!) { correctPersonalData(input: $input) { corrections { category } } }`;

const ITEM_ID = /^[\w-]{22}$/;

/** Items as they are held: their ids follow from the content, and a caller that is told the items is told the ids. */
const withoutItemIds = (told: unknown, due: unknown): unknown =>
  Array.isArray(told) && Array.isArray(due) && due.every((item) => isRecord(item) && !('id' in item))
    ? told.map((item) => {
        if (!isRecord(item) || !ITEM_ID.test(String(item.id))) return item;
        const { id: _, ...rest } = item;
        return rest;
      })
    : told;

/** Makes the corrections of each person. */
async function correctAll({ stage, people }: PlantedBundle, world: TestWorld): Promise<void> {
  const mutation = buildSchema(stage.table).getMutationType()?.getFields().correctPersonalData;
  const type = getNamedType(mutation?.args.find(({ name }) => name === 'input')?.type)?.name ?? '';
  for (const [id, { corrected }] of people) {
    if (Object.keys(corrected).length === 0) continue;
    const { errors } = await world.ask(member(id), CORRECT(type), { input: corrected });
    if (errors.length > 0) throw new Error(`${id} can't correct the record: ${JSON.stringify(errors)}`);
  }
}

/** Ids at partners, by person and partner. */
async function partnerIdsOf({ stage }: PlantedBundle, world: TestWorld) {
  const clientIds = [...stage.partners.keys()];
  const fields = clientIds.map((clientId, index) => `p${index}: partnerId(clientId: ${JSON.stringify(clientId)})`);
  const ids = new Map<string, ReadonlyMap<string, string>>();
  for (const id of stage.people.keys()) {
    const { data } = await world.ask(member(id), `{ me { ${fields.join(' ')} } }`);
    ids.set(id, new Map(clientIds.map((clientId, index) => [clientId, String(data.me[`p${index}`])])));
  }
  return ids;
}

function createCrawler({ stage, people, canaries }: PlantedBundle, spoil = (body: string) => body) {
  const { vocabulary } = stage.table;
  const user = buildSchema(stage.table).getType('User');
  if (!isObjectType(user)) throw new Error('There is no type User.');
  const fragment = `fragment Everything on User { ${selectionOf(user, stage)} }`;
  const handle = categoryWith(vocabulary, 'handle');
  const fields = Object.keys(user.getFields()).filter((field) => field !== 'id');
  const byField = new Map(vocabulary.categories.map((category) => [category.field, category]));
  const findings: Finding[] = [];
  const counts = { requests: 0, shown: 0, denied: 0, over: 0 };

  const dueOf = (words: string, id: string): Due => {
    const isSelf = words === `member ${id}`;
    const access = accessOf(stage, isSelf ? 'self' : words);
    if (typeof access === 'string') throw new Error(access);
    return { id, access, decision: access.decide(factsToward(stage, words, id)) };
  };

  const stated = (id: string): Told => ({ ...people.get(id)?.before, ...people.get(id)?.corrected });

  /** The held value of a category as the caller may read it, and whether part of it is gone since its time is over. */
  const heldIn = (due: Due, { id, field = '', value, role, from, as }: Category): { value: unknown; over: boolean } => {
    const source = from === undefined ? undefined : categoryNamed(vocabulary, from);
    if (source && as !== undefined) {
      const held = heldIn(due, source);
      const day = due.access.audience.name === 'SELF' ? stage.now : firstOfMonth(stage.now);
      return { ...held, value: derive(as, held.value, day) };
    }
    const person = stated(due.id);
    const given = person[field] ?? (typeof value === 'object' && 'list' in value ? [] : null);
    if (role === 'mailbox' && person.emailProven === false && !seesUnproven(due.access))
      return { value: null, over: false };
    const kept = due.access.retention.kept.get(id);
    const state = stage.states.get(due.id);
    if (!kept || !state) return { value: given, over: false };
    const times = timesFor(due.access, due.decision, state);
    const written = state.written?.[id];
    if (!kept.byItem)
      return times.isOver({ kept, from: written }) ? { value: null, over: true } : { value: given, over: false };
    const items = given as readonly unknown[];
    const left = items.filter((item) => !times.isOver({ kept, from: instantOf(item, written) }));
    return { value: left, over: left.length < items.length };
  };

  /** Of the fields of a person's own record, those that the file states. */
  const recordOf = (id: string): Told => {
    const { facts, restrictions = [] } = stage.states.get(id) ?? {};
    const { status, preferences, relationships, privacyCases } = (facts ?? {}) as Record<string, unknown>;
    const file = stated(id);
    const lists = { relationships: (relationships ?? []) as Told[], cases: (privacyCases ?? []) as Told[] };
    return {
      ...{ status, preferences, country: file.country ?? null },
      relationships: lists.relationships.map(({ partner }) => partner).sort(),
      privacyCases: lists.cases.map((one) => one.id).sort(),
      restrictions: restrictions.map(({ purpose, state }) => ({ purpose, state })),
      emailProven: mailboxOf(file) === undefined ? null : file.emailProven !== false,
    };
  };
  const mailboxOf = (file: Told) => file[categoryWith(vocabulary, 'mailbox')?.field ?? ''];

  /** The same of an answer. */
  const SHAPES: Readonly<Record<string, (told: never) => unknown>> = {
    status: (status) => status,
    country: (country) => country,
    emailProven: (proven) => proven,
    preferences: ({ gpcOptOut: _, id: __, ...switches }: Told) => switches,
    relationships: (told: { partner: { clientId: string } }[]) => told.map((one) => one.partner.clientId).sort(),
    privacyCases: (told: { id: string }[]) => told.map(({ id }) => id).sort(),
    restrictions: (told: Told[]) => told.map(({ purpose, state }) => ({ purpose, state })),
  };

  const ask = async (world: TestWorld, asker: Asker, idOf: (id: string) => string, logged: readonly string[]) => {
    const { words, claims } = asker;
    const find = (kind: Finding['kind'], what: string) => findings.push({ kind, what: `${words}: ${what}` });
    const others = accessOf(stage, words);
    if (typeof others === 'string') throw new Error(others);
    const everybody = [...people.keys()];
    const nameOf = (id: string) => String(stated(id)[handle?.field ?? '']);
    const roots = everybody.flatMap((id, index) => [
      `byId${index}: user(id: ${JSON.stringify(idOf(id))}) { ...Everything }`,
      `node${index}: node(id: ${JSON.stringify(idOf(id))}) { ...Everything }`,
      `byName${index}: user(${handle?.field}: ${JSON.stringify(nameOf(id))}) { ...Everything }`,
    ]);
    const query = `{ me { ...Everything } ${roots.join(' ')} users(first: 100) { edges { node { ...Everything } } } } ${fragment}`;
    counts.requests += 1;
    const headers = claims ? { authorization: `Bearer ${await world.token(claims)}` } : {};
    const response = await world.post({ query }, headers as Record<string, string>);
    const body = spoil(await response.text());
    const { data, errors = [] } = JSON.parse(body) as { data?: Record<string, unknown>; errors?: ToldError[] };
    const told = { status: response.status, headers: JSON.stringify([...response.headers]), logged };
    const { recipient } = others.audience;
    if (!data) {
      const isDue =
        recipient?.active === false && errors.every(({ extensions }) => extensions?.code === 'UNAUTHENTICATED');
      if (!isDue) find('FAULT', `no answer: ${body.slice(0, 300)}`);
      findings.push(...sightedIn(canaries, { ...told, body }));
      return;
    }
    const left = new Map<string, ToldError[]>();
    for (const error of errors) {
      const place = (error.path ?? []).join('.');
      left.set(place, [...(left.get(place) ?? []), error]);
    }
    const takeErrors = (place: string) => {
      const found = left.get(place) ?? [];
      left.delete(place);
      return found;
    };
    const allowed: unknown[] = [];

    const judgeRefusal = (place: string, told: unknown, due: Told) => {
      if (told !== null) find('LEAK', `${place} is denied and answered`);
      const found = takeErrors(place);
      const { code, category, reason } = found[0]?.extensions ?? {};
      const isDue =
        found.length === 1 &&
        code === REFUSED &&
        isDeepStrictEqual({ category, reason }, { category: undefined, ...due });
      if (!isDue)
        find('FAULT', `${place} has ${found.length} errors, ${code} ${category} ${reason}, not ${JSON.stringify(due)}`);
    };

    const judgeValue = (place: string, told: unknown, due: unknown) => {
      allowed.push(due);
      if (isDeepStrictEqual(withoutItemIds(told, due), due)) return;
      const isLess = told === null || (Array.isArray(told) && Array.isArray(due) && told.length < due.length);
      find(isLess ? 'OVER-BLOCKING' : 'LEAK', `${place} is not the held value`);
    };

    const judgeCorrections = (place: string, told: unknown, { id, access, decision }: Due) => {
      const { previous = new Map<DataCategory, unknown>() } = people.get(id) ?? {};
      const items = (told ?? []) as { readonly category: string; readonly previousValue: string | null }[];
      if (!isDeepStrictEqual(items.map(({ category }) => category).sort(), [...previous.keys()].sort()))
        find('OVER-BLOCKING', `${place} is not the corrected value`);
      for (const [index, { category, previousValue }] of items.entries()) {
        const at = `${place}.${index}.previousValue`;
        if (reveals(decision, 'CORRECTED_VALUE'))
          judgeValue(at, JSON.parse(previousValue ?? 'null'), previous.get(category) ?? null);
        else
          judgeRefusal(at, previousValue, { category: 'CORRECTED_VALUE', reason: access.reasonFor('CORRECTED_VALUE') });
      }
    };

    const judgePerson = (place: string, told: unknown, due: Due, isDue = due.decision.mask !== NO_CATEGORIES) => {
      if (takeErrors(place).length > 0) find('OVER-BLOCKING', `${place} is refused`);
      if (!isDue) {
        if (told !== null) find('LEAK', `${place} is a person hidden from this caller`);
        return;
      }
      if (told === null || told === undefined)
        return void find('OVER-BLOCKING', `${place} is null for a person that this caller may see`);
      const person = told as Record<string, unknown>;
      if (person.id !== idOf(due.id)) find('LEAK', `${place} is somebody else, or by an id of another caller`);
      for (const field of fields) {
        const category = byField.get(field);
        const id = category?.id ?? 'ACCOUNT';
        const at = `${place}.${field}`;
        if (!reveals(due.decision, id)) {
          counts.denied += 1;
          judgeRefusal(at, person[field], { category: id, reason: due.access.reasonFor(id) });
          continue;
        }
        if (takeErrors(at).length > 0) {
          find('OVER-BLOCKING', `${at} is denied`);
          continue;
        }
        counts.shown += 1;
        if (category) {
          const { value, over } = heldIn(due, category);
          if (over) counts.over += 1;
          judgeValue(at, person[field], value ?? null);
        } else if (field === 'corrections') judgeCorrections(at, person[field], due);
        else if (SHAPES[field]) {
          const shaped = person[field] === null ? null : SHAPES[field](person[field] as never);
          judgeValue(at, shaped, recordOf(due.id)[field]);
        }
      }
    };

    const [kind, own = ''] = words.split(' ');
    const refusal = others.refusal();
    if (kind === 'member') judgePerson('me', data.me, dueOf(words, own));
    else if (data.me !== null) find('LEAK', 'me is somebody, and nobody is signed in');
    for (const [index, id] of everybody.entries()) {
      const due = dueOf(words, id);
      const places = { byId: `byId${index}`, node: `node${index}`, byName: `byName${index}` };
      if (refusal) {
        for (const place of Object.values(places)) judgeRefusal(place, data[place], { reason: refusal });
        continue;
      }
      judgePerson(places.byId, data[places.byId], due);
      judgePerson(places.node, data[places.node], due);
      const isNamed = reveals(due.decision, handle?.id ?? '');
      judgePerson(places.byName, data[places.byName], due, isNamed);
    }
    if (refusal || kind === 'member' || kind === 'visitor')
      judgeRefusal('users', data.users, { reason: refusal ?? 'NOT_PERMITTED' });
    else {
      const { edges } = (data.users ?? { edges: [] }) as { edges: { node: Told }[] };
      const isThere = everybody.map((id) => dueOf(words, id)).filter(({ decision }) => decision.mask !== NO_CATEGORIES);
      const unseen = new Map(isThere.map((due) => [idOf(due.id), due]));
      for (const [index, { node }] of edges.entries()) {
        const due = unseen.get(String(node.id));
        unseen.delete(String(node.id));
        if (due) judgePerson(`users.edges.${index}.node`, node, due);
        else find('LEAK', `users.edges.${index} is a person hidden from this caller`);
      }
      if (unseen.size > 0) find('OVER-BLOCKING', `users is without ${unseen.size} people`);
    }
    for (const [place, found] of left)
      find('OVER-BLOCKING', `${place} has an error that nothing calls for: ${found[0]?.extensions?.code}`);
    // an error holds no personal data, not even values that this caller may see elsewhere
    const sights = [
      ...sightedIn(canaries, { ...told, body }, JSON.stringify(allowed)),
      ...sightedIn(canaries, { ...told, body: JSON.stringify(errors), logged: [] }),
    ];
    findings.push(...sights.map((one) => ({ ...one, what: `${words}: ${one.what}` })));
  };

  return { ask, result: (): Crawl => ({ findings, ...counts }) };
}

/** To everybody else an address does not exist until its holder has proven it. */
const seesUnproven = ({ audience: { name }, vocabulary }: Access) =>
  name === 'SELF' ||
  vocabulary.staff.some(({ id, may }) => may.includes('seeUnprovenAddresses') && staffAudience(id) === name);
