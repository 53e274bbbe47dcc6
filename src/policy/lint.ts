import { groupBy } from '../base/group-by.ts';
import { asksForActive } from './active.ts';
import { choicesOf, clausesServedBy, leavesIn, maskOfCategories, type Policy, type Reveal } from './clause.ts';
import { compile, conditionOf, measuresOf, writtenCondition } from './compile.ts';
import { consentsIn } from './condition.ts';
import { createAccess } from './decide.ts';
import type { Recipient } from './facts.ts';
import { indexFor } from './filter.ts';
import { type Forbidden, forbidsOf, permittedParts } from './forbids.ts';
import { keepText } from './keep.ts';
import { type Line, linesOf } from './lines.ts';
import {
  choicePromisedBy,
  disregardedRestrictions,
  disregardsChoices,
  disregardsRegion,
  disregardsSignal,
  hasEmptyRegion,
  isEffective,
  waitsForNotice,
} from './safeguards.ts';
import { questionOf, satisfiableToward } from './satisfiable.ts';
import { callersOf } from './situations.ts';
import { categoriesIn, EVERY_CATEGORY, idsOf, isFirstParty, isIn, NO_CATEGORIES, staffAudience } from './vocabulary.ts';

/** ERROR: the policy can't mean this. WARNING: something is idle or slow. NOTE: worth knowing. */
export const SEVERITIES = ['ERROR', 'WARNING', 'NOTE'] as const;

export interface Finding {
  readonly severity: (typeof SEVERITIES)[number];
  /** The id of its clause, if it is about one. */
  readonly clause?: string;
  readonly message: string;
}

type Check = (policy: Policy) => Iterable<Finding>;

/** The findings about a valid policy: the most severe first, then in the order of the policy. */
export const lint = (policy: Policy): Finding[] => {
  const findings = CHECKS.flatMap((check) => [...check(policy)]);
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
};

const isPartner = (recipient: string) => !isFirstParty(recipient);
const isStaff = (recipient: string) => recipient.startsWith('STAFF_');
const clauseReveals = (policy: Policy) =>
  policy.clauses.flatMap((clause) => clause.reveals.map((reveal) => ({ clause, reveal })));

function* uncoveredCategories(policy: Policy): Generator<Finding> {
  const lines = linesOf(policy);
  for (const category of idsOf(policy.vocabulary.categories)) {
    if (policy.vocabulary.notHeld.includes(category)) continue;
    const recipients = new Set(lines.filter(({ mask }) => isIn(mask, category)).map(({ recipient }) => recipient));
    if (recipients.size === 0) yield { severity: 'ERROR', message: `no clause reveals ${category} to anybody` };
    else if (!recipients.has('SELF'))
      yield { severity: 'NOTE', message: `${category} is not revealed to the person it is about` };
    else if (recipients.size === 1)
      yield { severity: 'NOTE', message: `${category} is revealed to the person it is about alone` };
  }
}

/** Whether the forbids leave no part of a reveal. */
const areForbidden = (policy: Policy, reveal: Reveal, forbids: readonly Forbidden[]) =>
  permittedParts(policy, reveal, forbids).length === 0;

function* idleReveals(policy: Policy): Generator<Finding> {
  const forbids = forbidsOf(policy);
  const measures = measuresOf(policy);
  for (const { clause, reveal } of clauseReveals(policy)) {
    const about = (severity: Finding['severity'], message: string): Finding => ({
      severity,
      clause: clause.id,
      message,
    });
    if (reveal.purposes?.length === 0) yield about('ERROR', `reveals to ${reveal.to} for no purpose, and so never`);
    else if (reveal.purposes && !isPartner(reveal.to) && !isStaff(reveal.to))
      yield about('ERROR', `reveals to ${reveal.to} for a purpose, which such a caller never has`);
    if (!asksForActive(policy.vocabulary, reveal.to, writtenCondition(policy, reveal), measures))
      yield about('ERROR', `reveals to ${reveal.to} without asking for personActive, which every decision asks for`);
    const unheld = policy.vocabulary.notHeld.filter((category) => isIn(maskOfCategories(policy, reveal), category));
    if (unheld.length > 0)
      yield about('ERROR', `reveals to ${reveal.to} ${unheld.join(', ')}, though listed in notHeld`);
    if (maskOfCategories(policy, reveal) !== NO_CATEGORIES && areForbidden(policy, reveal, forbids))
      yield about('ERROR', `reveals to ${reveal.to} only data that the policy forbids`);
    const condition = conditionOf(policy, reveal);
    if (!satisfiableToward(reveal.to, condition, measures))
      yield about('ERROR', `reveals to ${reveal.to} on a condition that can never hold`);
  }
  for (const { clause, recipient, purpose, mask } of linesOf(policy))
    if (mask === NO_CATEGORIES)
      yield { severity: 'NOTE', clause: clause.id, message: `lets ${to(recipient, purpose)} see nothing` };
  for (const { id, kind, reveals } of policy.clauses)
    if (kind.includes('reveal') && reveals.length === 0)
      yield { severity: 'NOTE', clause: id, message: 'is of kind reveal, and reveals nothing to a caller by itself' };
}

const to = (recipient: string, purpose: string | null) =>
  purpose === null ? recipient : `${recipient} for ${purpose}`;

/** Promises that the policy breaks: opt-outs, opt-ins, and the rule of the region. */
function* brokenPromises(policy: Policy): Generator<Finding> {
  const reveals = clauseReveals(policy).filter(({ reveal }) => maskOfCategories(policy, reveal) !== NO_CATEGORIES);
  for (const { clause, reveal } of reveals) {
    const promise = choicePromisedBy(policy, clause, reveal);
    const error = (message: string): Finding => ({ severity: 'ERROR', clause: clause.id, message });
    if (promise !== undefined && disregardsChoices(policy, reveal))
      yield error(`reveals to ${reveal.to} also people who have declined everything, though ${promise}`);
    if (disregardsSignal(policy, clause, reveal))
      yield error(
        `reveals to ${reveal.to} for promotion and without consent, and does not ask for { not: { fact: standingOptOut } }`,
      );
  }
  for (const preference of idsOf(policy.vocabulary.preferences))
    if (!isEffective(policy, preference))
      yield policy.defaults.preferences[preference]
        ? { severity: 'ERROR', message: `switching off ${preference}, which is on from the start, hides nothing` }
        : { severity: 'WARNING', message: `switching ${preference} on or off changes nothing` };
  const unbound = reveals.filter(({ reveal }) => disregardsRegion(policy, reveal));
  const clauses = [...new Set(unbound.map(({ clause }) => clause.id))];
  if (clauses.length > 0)
    yield {
      severity: 'ERROR',
      message: `partners outside the transfer region see people who reside in it and have not consented to that, under ${clauses.join(', ')}`,
    };
  if (hasEmptyRegion(policy))
    yield { severity: 'ERROR', message: 'the transfer region holds no country, so that its rule protects nobody' };
  if (!waitsForNotice(policy))
    yield {
      severity: 'WARNING',
      message: 'no condition asks for noticeElapsed, so that nothing waits for noticeHours',
    };
}

function* overlaps(policy: Policy): Generator<Finding> {
  const seen = new Set<string>();
  const lines = linesOf(policy);
  for (const [index, line] of lines.entries())
    for (const other of lines.slice(index + 1)) {
      const shared = sharedBy(line, other);
      if (shared === NO_CATEGORIES) continue;
      const purpose = line.purpose ?? other.purpose;
      const message = `reveals ${categoriesIn(policy.vocabulary, shared).join(', ')} to ${to(line.recipient, purpose)}, as does ${other.clause.id}`;
      if (seen.has(line.clause.id + message)) continue;
      seen.add(line.clause.id + message);
      yield { severity: 'NOTE', clause: line.clause.id, message };
    }
}

const sharedBy = (line: Line, other: Line) => {
  const apart =
    line.clause === other.clause ||
    line.recipient !== other.recipient ||
    (line.purpose !== null && other.purpose !== null && line.purpose !== other.purpose);
  return apart ? NO_CATEGORIES : line.mask & other.mask;
};

function* contradictions(policy: Policy): Generator<Finding> {
  for (const { id, conflict } of policy.clauses)
    if (conflict)
      yield {
        severity: 'NOTE',
        clause: id,
        message: `contradicts ${conflict.with}; settled so: ${conflict.settledBy}`,
      };
}

function* idleNames(policy: Policy): Generator<Finding> {
  const reveals = clauseReveals(policy);
  const idle = (message: string): Finding => ({ severity: 'WARNING', message });

  const served = new Set(reveals.flatMap(({ reveal }) => reveal.purposes ?? []));
  const ownUses = new Set(policy.clauses.flatMap(({ ownUse }) => ownUse));
  for (const { id, use } of policy.purposes)
    if (!(use === 'CALLER' ? served : ownUses).has(id))
      yield idle(use === 'CALLER' ? `no clause reveals anything for ${id}` : `no clause names the own use ${id}`);

  const recipients = new Set(reveals.map(({ reveal }) => reveal.to));
  for (const { id } of policy.partnerKinds) if (!recipients.has(id)) yield idle(`no clause reveals anything to ${id}`);

  const required = consentsIn(policy.partnerRequirements);
  const asked = new Set([...required, ...reveals.flatMap(({ reveal }) => [...consentsIn(reveal.when)])]);
  for (const { id, givenBy } of policy.consents)
    if (!asked.has(id)) yield idle(`no condition asks for the consent ${id}`);
    else if (givenBy === 'EXPLICIT_ACCEPTANCE' && !required.has(id))
      yield idle(`no partner requirement asks for ${id}, though accepting the policy gives it`);
}

/** Words for conditions that no condition uses. */
function* idleWords(policy: Policy): Generator<Finding> {
  const leaves = leavesIn([policy]);
  const named = new Set(leaves.flatMap((leaf) => Object.entries(leaf).map(([kind, word]) => `${kind} ${word}`)));
  const givers = new Set(policy.consents.flatMap(({ under }) => under?.by ?? []));
  const idle = (what: string): Finding => ({ severity: 'WARNING', message: `no condition asks for ${what}` });
  for (const { id } of policy.regions)
    if (!named.has(`resides ${id}`) && !named.has(`recipientIn ${id}`)) yield idle(`the region ${id}`);
  for (const { id } of policy.recipientAttributes)
    if (!named.has(`recipient ${id}`)) yield idle(`the attribute ${id} of recipients`);
  for (const { id } of policy.vocabulary.ties)
    if (!named.has(`tie ${id}`) && !givers.has(id)) yield idle(`the tie ${id}`);
}

/** Times that several clauses promise: after a change of one clause the others would be wrong. */
function* repeatedTimes({ clauses }: Policy): Generator<Finding> {
  const keeping = groupBy(
    clauses.flatMap(({ id, keeps = [] }) => keeps.map((category) => ({ id, category }))),
    ({ category }) => category,
  );
  for (const [category, [{ id: first } = { id: '' }, ...others]] of keeping)
    for (const { id } of others)
      yield { severity: 'NOTE', clause: id, message: `says how long ${category} is kept, as does ${first}` };
}

/** Lists of people need an index, since a few people may stand among very many. */
function* unindexedLists(policy: Policy): Generator<Finding> {
  const table = compile([policy], policy.version);
  const listed = linesOf(policy).filter(({ recipient }) => isPartner(recipient) || isStaff(recipient));
  const lists = groupBy(listed, ({ recipient, purpose }) => to(recipient, purpose));
  for (const [name, lines] of lists) {
    const [{ recipient, purpose } = { recipient: '', purpose: null }] = lines;
    const questions = lines.map(({ reveal }) => questionOf(conditionOf(policy, reveal), measuresOf(policy)));
    const unindexed = callersOf(recipient, questions).some((caller) => {
      const partner = caller.recipient && contracted(policy, caller.recipient, recipient, purpose);
      const audience = { name: recipient, purpose, recipient: partner, scope: EVERY_CATEGORY };
      const filter = createAccess(table, audience, caller.now).filter();
      return filter !== false && indexFor(filter) === null;
    });
    if (!unindexed) continue;
    const clauses = [...new Set(lines.map(({ clause }) => clause.id))];
    yield {
      severity: 'WARNING',
      ...(clauses.length === 1 && { clause: clauses.join() }),
      message: `no index finds the people that ${name} may see under ${clauses.join(', ')}`,
    };
  }
}

/** Times of the vocabulary that no clause promises: no clause tells people about them. */
function* unpromisedTimes({ clauses, vocabulary }: Policy): Generator<Finding> {
  const promised = new Set(clauses.flatMap(({ keeps = [] }) => keeps));
  for (const { id, keep } of vocabulary.categories)
    if (keep && !promised.has(id))
      yield { severity: 'WARNING', message: `no clause says that ${id} is kept for ${keepText(keep)}` };
}

/** Staff can write only about people that a clause reveals to them. */
function* idleWriters(policy: Policy): Generator<Finding> {
  const recipients = new Set(clauseReveals(policy).map(({ reveal }) => reveal.to));
  for (const { id, write = [] } of policy.vocabulary.categories)
    for (const audience of write.map(staffAudience))
      if (!recipients.has(audience))
        yield { severity: 'WARNING', message: `no clause reveals anybody to ${audience}, which is to write ${id}` };
}

/** Changes of acceptance and announcement that no clause tells people about. */
function* unpromisedTurns(policy: Policy): Generator<Finding> {
  const tells = (operation: string) => clausesServedBy(policy, operation).length > 0;
  if (policy.acceptance === 'EXPLICIT' && !tells('Mutation.acceptPolicy'))
    yield {
      severity: 'WARNING',
      message: 'no clause is served by Mutation.acceptPolicy, though nothing else accepts this version',
    };
  if (policy.announceDays > 0 && !tells('Query.notices'))
    yield {
      severity: 'WARNING',
      message: 'no clause is served by Query.notices, though this version stands posted there before it holds',
    };
}

/** A child could confirm a second account of their own as the account of a guardian. */
function* doubtfulGuardians({ consents, vocabulary }: Policy): Generator<Finding> {
  for (const { id, under } of consents)
    if (under && vocabulary.ties.some((tie) => tie.id === under.by && tie.confirmedBy === 'SUBJECT'))
      yield {
        severity: 'WARNING',
        message: `the data subject confirms the tie ${under.by}, by which ${id} is given: a child could confirm an account of their own`,
      };
}

/** Restrictions that people can't request, that no role decides, or that a reveal disregards. */
function* idleRestrictions(policy: Policy): Generator<Finding> {
  const { restrictions } = choicesOf([policy]);
  const serving = clausesServedBy(policy, REQUEST);
  const warning = (message: string, clause?: string): Finding => ({
    severity: 'WARNING',
    ...(clause !== undefined && { clause }),
    message,
  });
  if (restrictions.length === 0) {
    for (const clause of serving)
      yield warning(`is served by ${REQUEST}, though no condition asks for a restriction`, clause);
    return;
  }
  if (serving.length === 0) yield warning(`no clause is served by ${REQUEST}, though conditions ask for restrictions`);
  if (!policy.vocabulary.staff.some(({ may }) => may.includes('decideRestrictions')))
    yield warning('no role of staff may decideRestrictions, so that nobody decides requests');
  for (const { clause, reveal } of clauseReveals(policy))
    for (const purpose of disregardedRestrictions(policy, reveal))
      yield warning(`reveals to ${reveal.to} for ${purpose} also people who restricted that`, clause.id);
}

const REQUEST = 'Mutation.requestRestriction';

/** The recipient with a contract for the purpose and with every attribute. */
const contracted = (policy: Policy, recipient: Recipient, kind: string, purpose: string | null): Recipient => ({
  ...recipient,
  kind,
  contract: {
    ...{ from: null, until: null, purposes: purpose === null ? [] : [purpose] },
    attributes: Object.fromEntries(idsOf(policy.recipientAttributes).map((attribute) => [attribute, true])),
  },
});

const CHECKS: readonly Check[] = [
  uncoveredCategories,
  idleReveals,
  brokenPromises,
  idleNames,
  idleWords,
  unindexedLists,
  unpromisedTimes,
  repeatedTimes,
  unpromisedTurns,
  idleWriters,
  doubtfulGuardians,
  idleRestrictions,
  contradictions,
  overlaps,
];
