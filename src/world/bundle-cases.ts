import { z } from 'zod';
import { widestScope } from '../policy/audiences.ts';
import type { Policy } from '../policy/clause.ts';
import { compile, type DecisionTable } from '../policy/compile.ts';
import { type Access, type Audience, createAccess } from '../policy/decide.ts';
import type { Facts, Recipient } from '../policy/facts.ts';
import { faultsIn, readShape } from '../policy/file-faults.ts';
import type { Fault } from '../policy/file-parts.ts';
import { PolicyError, type SourceText } from '../policy/load.ts';
import {
  categoriesIn,
  type DataCategory,
  EVERY_CATEGORY,
  idsOf,
  maskOf,
  NO_CATEGORIES,
  scopeOf,
  staffAudience,
  type TieWord,
} from '../policy/vocabulary.ts';
import { expected, expectedOneOf } from '../policy/wording.ts';
import { readYaml } from '../policy/yaml-source.ts';
import { EXPECTED, parseInstant } from '../subject/calendar.ts';
import { endedIn, timesFor } from '../subject/expiry.ts';
import type { PersonState } from '../subject/new-person.ts';
import { withGuardian } from './guardian-consents.ts';
import { NONE } from './load-people.ts';
import { contractOf, worldRules } from './load-world.ts';
import { stateOf } from './person.ts';
import { parseWorldText, type World, WorldFileError } from './schema.ts';

/** The invented people and partners of a bundle, as decisions see them, without a database. */
export interface Stage {
  readonly table: DecisionTable;
  readonly now: Date;
  /** By the ids that members use. */
  readonly people: ReadonlyMap<string, Facts>;
  /** The same people with their values. */
  readonly states: ReadonlyMap<string, PersonState>;
  readonly partners: ReadonlyMap<string, Recipient>;
  readonly ties: NonNullable<World['ties']>;
  /** The same people and partners at another instant. */
  readonly at: (now: Date) => Stage;
}

const partnersOf = ({ partners, successions }: World): ReadonlyMap<string, Recipient> =>
  new Map(
    partners.map(({ clientId, kind, jurisdiction, status, contract }) => {
      const announced = successions.filter(({ partner }) => partner === clientId).map(({ announcedAt }) => announcedAt);
      return [
        clientId,
        {
          ...{ clientId, kind, jurisdiction, active: status === 'ACTIVE' },
          contract: contractOf(contract),
          successionAnnouncedAt: announced.sort((one, other) => one.getTime() - other.getTime())[0] ?? null,
        },
      ];
    }),
  );

/** A person's facts with the consents that guardians gave for them. */
const withGuardians = (facts: Facts, person: string, { ties = [] }: World): Facts =>
  ties
    .filter(({ to }) => to === person)
    .reduce((given, { kind, from, consents = [] }) => withGuardian(given, `${kind} ${from}`, consents), facts);

/**
 * Reads the invented people of a bundle for its cases.
 *
 * @throws {PolicyError} if the world file has a fault
 */
export function createStage(policy: Policy, world: SourceText, now: Date): Stage {
  const table = compile([policy], policy.version);
  try {
    const parsed = parseWorldText(world.text, worldRules(table, now, { partners: [], users: [] }));
    const stateAt = (user: World['users'][number]): PersonState => {
      const processes = parsed.legalProcesses.filter(({ subject }) => subject === user.id);
      return stateOf(
        {
          user,
          policy,
          retention: table.retention,
          now,
          processes,
          settled: NONE,
          asksAge: table.asksAge,
          asksHeld: table.asksHeld,
          asksRestrictions: table.asksRestrictions,
        },
        null,
      );
    };
    const states = new Map(parsed.users.map((user) => [user.id, stateAt(user)]));
    return {
      ...{ table, now },
      people: new Map([...states].map(([id, { facts }]) => [id, withGuardians(facts, id, parsed)])),
      states,
      partners: partnersOf(parsed),
      ties: parsed.ties ?? [],
      at: (instant) => createStage(policy, world, instant),
    };
  } catch (error) {
    if (error instanceof WorldFileError) throw new PolicyError(error.faults.map((fault) => `${world.file} ${fault}`));
    throw error;
  }
}

/** The forms of a caller's name in a case. */
export const CALLER_FORMS = 'self, visitor, member ID, staff ROLE PURPOSE or partner CLIENT_ID PURPOSE [SCOPE ...]';

/**
 * The access of the caller that a case names.
 *
 * @returns a sentence about the fault if there is no such caller
 */
export function accessOf({ table, now, people, partners }: Stage, words: string): Access | string {
  const [kind = '', name = '', purpose = '', ...scope] = words.trim().split(/\s+/);
  const open = (audience: Pick<Audience, 'name'> & Partial<Audience>): Access =>
    createAccess(table, { purpose: null, recipient: null, scope: EVERY_CATEGORY, ...audience }, now);
  if (kind === 'self' && name === '') return open({ name: 'SELF' });
  if (kind === 'visitor' && name === '') return open({ name: 'VISITOR' });
  if (kind === 'member' && purpose === '') {
    const member = people.get(name);
    if (!member) return expected('the id of a person', name, people.keys());
    return open({ name: member.status === 'ACTIVE' ? 'MEMBER' : 'VISITOR' });
  }
  if (!['staff', 'partner'].includes(kind)) return expected(`a caller: ${CALLER_FORMS}`, words);
  if (!table.callerPurposes.has(purpose))
    return expected('a purpose that a token can name', purpose, table.callerPurposes);
  if (kind === 'staff') {
    const roles = idsOf(table.vocabulary.staff);
    return roles.includes(name)
      ? open({ name: staffAudience(name), purpose })
      : expectedOneOf('a role of staff', 'one of ', name, roles);
  }
  const recipient = partners.get(name);
  if (!recipient) return expected('the client id of a partner', name, partners.keys());
  const mask = scopeOf(table.vocabulary, scope.length > 0 ? scope : widestScope(table, recipient.kind, purpose));
  if (mask === null) return expected('words of a scope', scope.join(' '));
  return open({ name: recipient.kind, purpose, recipient, scope: mask });
}

/** The facts of a person toward the caller that a case names: with the ties between the two. */
export function factsToward({ table, people, ties }: Stage, words: string, person: string): Facts {
  const facts = people.get(person) ?? {};
  const [kind, name] = words.trim().split(/\s+/);
  if (kind !== 'member') return facts;
  const holds = ({ id, symmetric }: TieWord) =>
    ties.some(
      (tie) =>
        tie.kind === id &&
        tie.confirmed &&
        ((tie.from === name && tie.to === person) || (symmetric && tie.to === name && tie.from === person)),
    );
  return { ...facts, ties: Object.fromEntries(table.vocabulary.ties.map((word) => [word.id, holds(word)])) };
}

const Case = z.strictObject({
  clause: z.string(),
  caller: z.string(),
  person: z.string(),
  /** The time of the decision; absent: now. */
  now: z.string().optional(),
  /** All categories that the caller is shown, except those past their time. */
  shows: z.array(z.string()).optional(),
  /** All categories that the caller is not shown: shorter for a caller that sees nearly everything. */
  hides: z.array(z.string()).optional(),
});

const Cases = z.array(Case).min(1);

/** One statement of a company about its own policy. */
export type PolicyCase = z.output<typeof Case>;

function* misfitsOfCase(stage: Stage, { clause, caller, person, now, shows, hides }: PolicyCase): Generator<Fault> {
  const { table, people } = stage;
  const clauses = idsOf(table.current.clauses);
  if (!clauses.includes(clause)) yield { path: ['clause'], message: expected('the id of a clause', clause, clauses) };
  const access = accessOf(stage, caller);
  if (typeof access === 'string') yield { path: ['caller'], message: access };
  if (!people.has(person)) yield { path: ['person'], message: expected('the id of a person', person, people.keys()) };
  if (now !== undefined && !parseInstant(now)) yield { path: ['now'], message: expected(EXPECTED.instant, now) };
  if ((shows === undefined) === (hides === undefined))
    yield { path: ['shows'], message: 'expected either shows or hides' };
  const categories = idsOf(table.vocabulary.categories);
  for (const [key, list = []] of Object.entries({ shows, hides }))
    for (const [index, category] of list.entries())
      if (!categories.includes(category))
        yield { path: [key, index], message: expected('a data category', category, categories) };
}

/**
 * Reads the cases of a bundle.
 *
 * @throws {PolicyError} naming every fault by line, column and path
 */
export function parseCases({ text, file }: SourceText, stage: Stage): PolicyCase[] {
  const yaml = readYaml(text);
  const { data, faults: ofShape } = readShape(Cases, yaml.value);
  const ofNames = (data ?? []).flatMap((one, index) =>
    [...misfitsOfCase(stage, one)].map(({ path, message }) => ({ path: [index, ...path], message })),
  );
  const faults = faultsIn(yaml, ofShape, ofNames, file);
  if (faults.length > 0 || !data) throw new PolicyError(faults);
  return data;
}

/** A case that does not hold. */
export interface Failure {
  readonly case: PolicyCase;
  /** Shown against the case. */
  readonly tooMuch: readonly DataCategory[];
  /** Not shown against the case. */
  readonly tooLittle: readonly DataCategory[];
  /** Whether the caller sees data, but none of it on the ground of the case's clause. */
  readonly withoutClause: boolean;
}

/** Checks each case with the gateway's own decision engine. @returns the cases that do not hold */
export const failuresOf = (stage: Stage, cases: readonly PolicyCase[]): Failure[] => {
  const stages = new Map<string, Stage>();
  const stageOf = ({ now }: PolicyCase): Stage => {
    const instant = now === undefined ? null : parseInstant(now);
    if (now === undefined || !instant) return stage;
    const there = stages.get(now) ?? stage.at(instant);
    stages.set(now, there);
    return there;
  };
  return cases.flatMap((one) => {
    const there = stageOf(one);
    const access = accessOf(there, one.caller);
    if (typeof access === 'string') throw new Error(access);
    const state = there.states.get(one.person);
    const decision = access.decide(factsToward(there, one.caller, one.person));
    const { mask, grounds } = decision;
    const { vocabulary, current } = stage.table;
    const ended = state ? endedIn(timesFor(access, decision, state), state.written, state.values) : [];
    const shown = categoriesIn(vocabulary, mask & ~maskOf(ended));
    const hidden = [...(one.hides ?? []), ...vocabulary.notHeld];
    const wanted = one.shows ?? idsOf(vocabulary.categories).filter((category) => !hidden.includes(category));
    const tooMuch = shown.filter((category) => !wanted.includes(category));
    const tooLittle = wanted.filter((category) => !shown.includes(category));
    const reveals = current.clauses.some(({ id, reveals: shown }) => id === one.clause && shown.length > 0);
    const withoutClause =
      reveals && mask !== NO_CATEGORIES && !grounds.some(({ ruling }) => ruling.clause.id === one.clause);
    return tooMuch.length + tooLittle.length > 0 || withoutClause
      ? [{ case: one, tooMuch, tooLittle, withoutClause }]
      : [];
  });
};
