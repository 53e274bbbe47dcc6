import { NOTHING_PERSONAL, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { nodeIdOf } from '../../graphql/node-id.ts';
import type { SchemaPart } from '../../graphql/refs.ts';
import type { Clause, Policy, Purpose, Reveal } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { maskOfCategories } from '../../policy/compile.ts';
import { describe } from '../../policy/condition.ts';
import { categoriesOf, type DataCategory } from '../../policy/vocabulary.ts';

/** Clauses of a version by id; one that is no longer known is left out. */
export const clausesNamed = (table: DecisionTable, version: string, ids: readonly string[]): Clause[] => {
  const clauses = table.policies.get(version)?.clauses ?? [];
  return ids.map((id) => clauses.find((clause) => clause.id === id)).filter((clause) => clause !== undefined);
};

const isPolicy = (value: unknown) => typeof value === 'object' && value !== null && 'partnerRequirements' in value;

export function definePolicies({ builder, refs, vocabulary }: SchemaPart): void {
  const RevealType = builder.objectRef<Reveal>('ClauseReveal');
  const PurposeType = builder.objectRef<Purpose>('PolicyPurpose');

  builder.objectType(refs.Policy, {
    description:
      'One version of the privacy policy. A version never changes; people are judged under the one they accepted.',
    extensions: NOTHING_PERSONAL,
    interfaces: [refs.Node],
    isTypeOf: isPolicy,
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
      minimumAge: t.exposeInt('minimumAge', { description: 'Nobody younger, in whole years, may have an account.' }),
      clauses: t.field({
        type: [refs.Clause],
        description: 'What it says, clause by clause.',
        resolve: ({ clauses }) => clauses,
      }),
      purposes: t.field({
        type: [PurposeType],
        description: 'What personal data is used for.',
        resolve: ({ purposes }) => purposes,
      }),
    }),
  });

  builder.objectType(PurposeType, {
    description: 'What personal data is used for.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its name, as tokens and contracts use it.' }),
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
    description: 'One clause of the policy, in words and as what it makes the gateway do.',
    extensions: NOTHING_PERSONAL,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its name, e.g. `newsletters.opt-out`.' }),
      section: t.exposeString('section', { description: 'The heading of the policy’s text that it stands under.' }),
      summary: t.exposeString('summary', { description: 'What it says, in other words.' }),
      kinds: t.field({
        type: [vocabulary.ClauseKind],
        description: 'What it does.',
        resolve: ({ kind }) => kind,
      }),
      narrowing: t.string({
        nullable: true,
        description: 'Where it is applied more strictly than the text says: why.',
        resolve: ({ narrowing }) => narrowing,
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

  builder.queryFields((t) => ({
    policy: t.field({
      type: refs.Policy,
      nullable: true,
      description: 'A version of the policy; the current one where none is named; null for one that does not exist.',
      args: { version: t.arg.string({ description: 'The version, e.g. `2014-09-12`.' }) },
      resolve: (_root, { version }, { services: { table } }): Policy | null =>
        version == null ? table.current : (table.policies.get(version) ?? null),
    }),
    policies: t.field({
      type: [refs.Policy],
      description: 'Every version of the policy, oldest first.',
      resolve: (_root, _args, { services }) => [...services.table.policies.values()],
    }),
  }));
}
