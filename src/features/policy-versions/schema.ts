import { badInput } from '../../base/errors.ts';
import { fieldsShowing, NOTHING_PERSONAL, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { nodeIdOf, parsePartId, partId } from '../../graphql/node-id.ts';
import type { PartOfPolicy, SchemaPart } from '../../graphql/refs.ts';
import { selfOf } from '../../graphql/self.ts';
import type { Policy, Reveal } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { maskOfCategories } from '../../policy/compile.ts';
import { describe } from '../../policy/condition.ts';
import { type ClauseChange, diffPolicies, type PolicyDiff, type VisibilityChange } from '../../policy/diff.ts';
import { diffInWords } from '../../policy/diff-words.ts';
import { serves } from '../../policy/serves.ts';
import { categoriesOf, type DataCategory } from '../../policy/vocabulary.ts';
import type { Subject } from '../../subject/subject.ts';

/** A list of a policy in which each item has a name. */
type PartsOf<Part> = (policy: Policy) => readonly Part[];
const CLAUSES = ({ clauses }: Policy) => clauses;
const PURPOSES = ({ purposes }: Policy) => purposes;

const partsIn = <Part extends { readonly id: string }>(policy: Policy, partsOf: PartsOf<Part>): PartOfPolicy<Part>[] =>
  partsOf(policy).map((part) => ({ ...part, version: policy.version }));

/** One part of a version by name; undefined where that version has none. */
function partNamed<Part extends { readonly id: string }>(
  { policies }: DecisionTable,
  version: string,
  name: string,
  partsOf: PartsOf<Part>,
): PartOfPolicy<Part> | undefined {
  const policy = policies.get(version);
  const part = policy && partsOf(policy).find(({ id }) => id === name);
  return part && { ...part, version };
}

/** Clauses of a version by name; one that is no longer known is left out. */
export const clausesNamed = (table: DecisionTable, version: string, names: readonly string[]) =>
  names.flatMap((name) => partNamed(table, version, name, CLAUSES) ?? []);

/** A part of a policy by the rest of its node id, after the type; null where there is none. */
export const clauseOfId = (table: DecisionTable, id: string) => partOfId(table, id, CLAUSES);
export const purposeOfId = (table: DecisionTable, id: string) => partOfId(table, id, PURPOSES);

const partOfId = <Part extends { readonly id: string }>(table: DecisionTable, id: string, partsOf: PartsOf<Part>) => {
  const { version, key } = parsePartId(id);
  return partNamed(table, version, key, partsOf) ?? null;
};

const hasKey = (key: string) => (value: unknown) => typeof value === 'object' && value !== null && key in value;

export function definePolicies({ builder, refs, vocabulary }: SchemaPart) {
  const RevealType = builder.objectRef<Reveal>('ClauseReveal');
  const PolicyDiff = definePolicyDiff(builder, vocabulary);

  builder.objectType(refs.Policy, {
    description:
      'One version of the privacy policy. A version never changes; people are judged under the one they accepted.',
    extensions: NOTHING_PERSONAL,
    interfaces: [refs.Node],
    isTypeOf: hasKey('partnerRequirements'),
    fields: (t) => ({
      id: t.id({
        description: 'For `node(id)`: `Policy:` and the version.',
        resolve: ({ version }) => nodeIdOf('Policy', version),
      }),
      version: t.exposeString('version', { description: 'The version, e.g. `2014-09-12`.' }),
      title: t.exposeString('title', { description: 'What the policy is called.' }),
      publisher: t.exposeString('publisher', { description: 'Whose policy it is.' }),
      processedIn: t.expose('processedIn', {
        type: 'CountryCode',
        description: 'Where people’s data is held and processed.',
      }),
      current: t.boolean({
        description: 'Whether it is the version that whoever registers now accepts.',
        resolve: ({ version }, _args, { services }) => version === services.table.current.version,
      }),
      postedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'Since when it has been posted.',
        resolve: ({ version }, _args, { services }) => services.table.postedAt.get(version),
      }),
      changesFrom: t.field({
        type: PolicyDiff,
        description: 'What this version changes from another one, found by comparing what the two make the gateway do.',
        extensions: serves('updates.posting'),
        args: { version: t.arg.string({ required: true, description: 'The other version, usually the one before.' }) },
        resolve: (policy, { version }, { services }) => {
          const before = services.table.policies.get(version);
          if (!before) throw badInput('version', 'a version of the policy');
          return diffBetween(before, policy);
        },
      }),
      minimumAge: t.exposeInt('minimumAge', { description: 'Nobody younger, in whole years, may have an account.' }),
      clauses: t.field({
        type: [refs.Clause],
        description: 'What it says, clause by clause.',
        resolve: (policy) => partsIn(policy, CLAUSES),
      }),
      purposes: t.field({
        type: [refs.PolicyPurpose],
        description: 'What personal data is used for.',
        resolve: (policy) => partsIn(policy, PURPOSES),
      }),
    }),
  });

  builder.objectType(refs.PolicyPurpose, {
    description: 'What personal data is used for, as one version of the policy has it.',
    extensions: NOTHING_PERSONAL,
    interfaces: [refs.Node],
    isTypeOf: hasKey('dpv'),
    fields: (t) => ({
      id: t.id({
        description: 'For `node(id)`: no other purpose has it, nor this one in another version.',
        resolve: ({ version, id }) => nodeIdOf('PolicyPurpose', partId(version, id)),
      }),
      key: t.exposeString('id', {
        description: 'Its name, as tokens and contracts use it; the same in every version.',
      }),
      description: t.exposeString('description', { description: 'What it is.' }),
      claimable: t.boolean({
        description: 'Whether a token may name it; the others are the company’s own uses.',
        resolve: ({ use }) => use === 'CALLER',
      }),
      promotional: t.exposeBoolean('promotional', { description: 'Whether it is advertising or promotion.' }),
      dpv: t.exposeString('dpv', { description: 'The term of the W3C Data Privacy Vocabulary.' }),
    }),
  });

  builder.objectType(refs.Clause, {
    description: 'One clause of one version of the policy, in words and as what it makes the gateway do.',
    extensions: NOTHING_PERSONAL,
    interfaces: [refs.Node],
    isTypeOf: hasKey('legalBasis'),
    fields: (t) => ({
      id: t.id({
        description: 'For `node(id)`: no other clause has it, nor this one in another version.',
        resolve: ({ version, id }) => nodeIdOf('Clause', partId(version, id)),
      }),
      key: t.exposeString('id', {
        description: 'Its name, e.g. `newsletters.opt-out`; the same in every version.',
      }),
      section: t.exposeString('section', { description: 'The heading of the policy’s text that it stands under.' }),
      summary: t.exposeString('summary', { description: 'What it says, in other words.' }),
      kinds: t.field({
        type: [vocabulary.ClauseKind],
        description: 'What it does.',
        resolve: ({ kind }) => kind,
      }),
      reading: t.field({
        type: vocabulary.ClauseReading,
        description: 'How it was read from the published text.',
        resolve: ({ reading }) => reading,
      }),
      narrowing: t.string({
        nullable: true,
        description: 'Where it is applied more strictly than the text says: why.',
        resolve: ({ narrowing }) => narrowing,
      }),
      inference: t.string({
        nullable: true,
        description: 'Where it rests on something that the text needs without saying it: why.',
        resolve: ({ inference }) => inference,
      }),
      legalBasis: t.field({
        type: vocabulary.LegalBasis,
        description: 'Why the processing is lawful.',
        resolve: ({ legalBasis }) => legalBasis,
      }),
      reveals: t.field({
        type: [RevealType],
        description: 'What it reveals to whom; nothing where it does not decide that.',
        resolve: ({ reveals }) => reveals,
      }),
    }),
  });

  builder.objectType(RevealType, {
    description: 'What a clause reveals to one kind of caller.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      to: t.exposeString('to', {
        description: 'The caller: `SELF`, `VISITOR`, `MEMBER`, `STAFF_…` or a partner kind.',
      }),
      purposes: t.field({
        type: ['Purpose'],
        nullable: true,
        description: 'For which purposes; null where the purpose does not matter.',
        resolve: ({ purposes }) => purposes,
      }),
      categories: t.field({
        type: [vocabulary.DataCategory],
        description: 'Which categories, at the most.',
        resolve: (reveal): DataCategory[] => categoriesOf(maskOfCategories(reveal)),
      }),
      when: t.string({
        description: 'On which condition, in words.',
        resolve: ({ when }) => describe(when),
      }),
    }),
  });

  const AcceptancePayload = builder.objectRef<{ readonly user: Subject }>('PolicyDecisionPayload');
  builder.objectType(AcceptancePayload, {
    description: 'The person after accepting or refusing the policy.',
    fields: (t) => ({ user: t.expose('user', { type: refs.User, description: 'The person, decided anew.' }) }),
  });

  builder.mutationFields((t) => ({
    acceptPolicy: t.field({
      type: AcceptancePayload,
      description:
        'The signed-in person accepts the current version of the policy, and is judged under it from now on. A person who ' +
        'had refused is let in again. A consent that was withdrawn stays withdrawn. A person who has accepted a later ' +
        'version gets `CONFLICT`.',
      extensions: { ...notUse(), ...serves('updates.acceptance', 'europe.transfer') },
      args: { version: t.arg.string({ required: true, description: 'The version that the person has read.' }) },
      resolve: async (_root, { version }, context) => {
        const changed = await context.services.policies.accept(selfOf(context).sid, version);
        if (!changed) throw new Error('The person who was read a moment ago is gone.');
        return { user: await context.subjects.adopt(changed.document) };
      },
    }),
    refusePolicy: t.field({
      type: AcceptancePayload,
      description:
        'The signed-in person does not accept the policy: the account is closed to use, and nothing about it is shown ' +
        'to others. Correction, export and erasure stay open, and the person may accept later.',
      extensions: { ...notUse(), ...serves('updates.refusal') },
      resolve: async (_root, _args, context) => {
        const changed = await context.services.policies.refuse(selfOf(context).sid);
        if (!changed) throw new Error('The person who was read a moment ago is gone.');
        return { user: await context.subjects.adopt(changed.document) };
      },
    }),
  }));

  builder.queryFields((t) => ({
    policy: t.field({
      type: refs.Policy,
      nullable: true,
      extensions: { ...notUse(), ...serves('updates.posting') },
      description: 'A version of the policy; the current one where none is named; null for one that does not exist.',
      args: { version: t.arg.string({ description: 'The version, e.g. `2014-09-12`.' }) },
      resolve: (_root, { version }, { services: { table } }): Policy | null =>
        version == null ? table.current : (table.policies.get(version) ?? null),
    }),
    policies: t.field({
      type: [refs.Policy],
      extensions: { ...notUse(), ...serves('updates.posting') },
      description: 'Every version of the policy, oldest first.',
      resolve: (_root, _args, { services }) => [...services.table.policies.values()],
    }),
  }));
  return { PolicyDiff };
}

const diffs = new WeakMap<Policy, WeakMap<Policy, PolicyDiff>>();

/** Anybody may ask for a difference, and finding it takes a while; versions never change, so it is found once. */
export function diffBetween(before: Policy, after: Policy): PolicyDiff {
  const known = diffs.get(before) ?? new WeakMap<Policy, PolicyDiff>();
  diffs.set(before, known);
  const diff = known.get(after) ?? diffPolicies(before, after);
  known.set(after, diff);
  return diff;
}

const idsOf = (clauses: readonly ClauseChange[], change: ClauseChange['change']) =>
  clauses.filter((clause) => clause.change === change).map(({ id }) => id);

/** How the difference of two versions is told. */
function definePolicyDiff(builder: SchemaPart['builder'], vocabulary: SchemaPart['vocabulary']) {
  const Visibility = builder.objectRef<VisibilityChange>('VisibilityChange');
  builder.objectType(Visibility, {
    description: 'What becomes visible to whom, or ceases to be.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      recipient: t.exposeString('recipient', {
        description: '`SELF`, `VISITOR`, `MEMBER`, `STAFF_…` or a partner kind.',
      }),
      purpose: t.exposeString('purpose', {
        nullable: true,
        description: 'For which purpose; null where the purpose does not matter.',
      }),
      category: t.field({
        type: vocabulary.DataCategory,
        description: 'What.',
        resolve: ({ category }) => category,
      }),
      fields: t.stringList({
        description: 'Which fields of this schema show it: `User.email`.',
        resolve: ({ category }, _args, _context, { schema }) => fieldsShowing(schema, category),
      }),
      change: t.field({
        type: builder.enumType('VisibilityChangeKind', {
          description: 'What becomes of a category.',
          values: {
            REVEALED: { description: 'It was never shown and may be.' },
            HIDDEN: { description: 'It may have been shown and never is.' },
            CONDITIONED: { description: 'It is shown on other conditions than before.' },
          },
        }),
        description: 'Whether it is revealed, hidden, or shown on other conditions.',
        resolve: ({ change }) => change,
      }),
    }),
  });
  const Diff = builder.objectRef<PolicyDiff>('PolicyDiff');
  builder.objectType(Diff, {
    description: 'What a version of the policy changes from another one.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      added: t.field({
        type: ['ID'],
        description: 'Keys of clauses that are new.',
        resolve: ({ clauses }) => idsOf(clauses, 'ADDED'),
      }),
      removed: t.field({
        type: ['ID'],
        description: 'Keys of clauses that are gone.',
        resolve: ({ clauses }) => idsOf(clauses, 'REMOVED'),
      }),
      changed: t.field({
        type: ['ID'],
        description: 'Keys of clauses that say something else.',
        resolve: ({ clauses }) => idsOf(clauses, 'CHANGED'),
      }),
      visibility: t.field({
        type: [Visibility],
        description: 'What becomes visible to whom.',
        resolve: ({ visibility }) => visibility,
      }),
      inWords: t.stringList({
        description: 'The same in sentences, for people: who may see which fields from now on comes first.',
        resolve: (diff, _args, _context, { schema }) =>
          diffInWords(diff, (category) => fieldsShowing(schema, category)).map(({ says }) => says),
      }),
    }),
  });
  return Diff;
}
