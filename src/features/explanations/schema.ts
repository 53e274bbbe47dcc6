import { badInput } from '../../base/errors.ts';
import { NOTHING_PERSONAL, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { isEntrusted, selfOf } from '../../graphql/callers.ts';
import type { Context } from '../../graphql/context.ts';
import { audienceExamples } from '../../graphql/policy-words.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import type { Trace } from '../../policy/condition.ts';
import { reveals } from '../../policy/decide.ts';
import type { ClauseReasoning } from '../../policy/explain.ts';
import type { Truth } from '../../policy/facts.ts';
import { boundaryWithin, boundaryWithPartner } from '../partners/boundary.ts';
import { clausesNamed } from '../policy-versions/parts.ts';
import { changesIn, onlyWithdraws } from '../preferences/schema.ts';
import type { ExplanationOf, PreferenceEffect } from './operations.ts';

const truthName = (truth: Truth) => (truth === undefined ? 'UNKNOWN' : truth ? 'TRUE' : 'FALSE');

/** The callers that could be owed the reasoning; the policy decides for each person. */
const couldBeOwed = (context: Context) => context.caller.kind === 'MEMBER' || isEntrusted(context, 'explainDecisions');

export function defineExplanations(part: SchemaPart): void {
  defineExplain(part);
  definePreview(part);
}

/** Types of an explanation: a step of the reasoning, and the answer of one clause. */
function defineReasoning({ builder, enums }: SchemaPart) {
  const ConditionTrace = builder.objectRef<Trace>('ConditionTrace');
  builder.objectType(ConditionTrace, {
    description: 'One step of the reasoning: a condition, whether it holds, and the conditions that it is made of.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      operator: t.field({
        type: builder.enumType('ConditionOperator', {
          description: 'How a condition is made of others.',
          values: {
            ALL: { description: 'All of its parts must hold.' },
            ANY: { description: 'One of its parts must hold.' },
            NOT: { description: 'Its part must not hold.' },
            FACT: { description: 'It has no parts: it is read from the record.' },
          },
        }),
        description: 'How it is made of its parts.',
        resolve: ({ operator }) => operator,
      }),
      says: t.exposeString('says', { description: 'The condition in words.' }),
      holds: t.field({
        type: enums.Truth,
        description: 'Whether it holds.',
        resolve: ({ holds }) => truthName(holds),
      }),
      of: t.field({ type: [ConditionTrace], description: 'Its parts.', resolve: ({ of }) => of }),
    }),
  });

  const Reasoning = builder.objectRef<ClauseReasoning>('ClauseReasoning');
  builder.objectType(Reasoning, {
    description: 'The answer of one clause to the question.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      clause: t.field({
        type: 'Clause',
        nullable: true,
        description: 'The clause.',
        resolve: ({ clauseId, policyVersion }, _args, { services }) =>
          clausesNamed(services.table, policyVersion, [clauseId])[0],
      }),
      policyVersion: t.exposeString('policyVersion', { description: 'The version of the policy it stands in.' }),
      applies: t.exposeBoolean('applies', {
        description: 'Whether it speaks of this purpose, and the recipient’s contract lets it count.',
      }),
      holds: t.field({
        type: enums.Truth,
        description: 'Whether its conditions hold.',
        resolve: ({ holds }) => truthName(holds),
      }),
      conditions: t.field({
        type: ConditionTrace,
        description: 'Its conditions, step by step.',
        resolve: ({ conditions }) => conditions,
      }),
    }),
  });
  return Reasoning;
}

function defineExplain(part: SchemaPart): void {
  const { builder, enums, vocabulary } = part;
  const Reasoning = defineReasoning(part);
  const ExplanationType = builder.objectRef<ExplanationOf>('Explanation');
  builder.objectType(ExplanationType, {
    description: 'The whole reasoning behind one decision, from the same engine that makes it.',
    extensions: NOTHING_PERSONAL,
    fields: (t) => ({
      category: t.field({
        type: enums.DataCategory,
        description: 'The category asked about.',
        resolve: ({ category }) => category,
      }),
      outcome: t.field({
        type: enums.Decision,
        description: 'The outcome of a read now, with a token for the category.',
        resolve: ({ outcome }) => outcome,
      }),
      reason: t.field({
        type: enums.DenialReason,
        nullable: true,
        description: 'The reason that the caller would be told; null where it is revealed.',
        resolve: ({ reason }) => reason,
      }),
      acceptedVersion: t.exposeString('acceptedVersion', {
        nullable: true,
        description: 'The version of the policy that the person accepted, under which the question is decided.',
      }),
      boundary: t.string({
        description: 'Where our word ends: which policy the recipient’s own sites are under, and where it is.',
        resolve: ({ acceptedVersion, partner }, _args, { services: { table } }) => {
          const policy = table.policies.get(acceptedVersion ?? '') ?? table.current;
          return partner ? boundaryWithPartner(policy, partner) : boundaryWithin(policy);
        },
      }),
      contractInForce: t.exposeBoolean('contractInForce', {
        nullable: true,
        description: 'Whether a contract with the partner is in force; null for callers that need none.',
      }),
      clauses: t.field({
        type: [Reasoning],
        description: 'Every clause that speaks of this category to this recipient; none means it is denied.',
        resolve: ({ clauses }) => clauses,
      }),
    }),
  });

  builder.queryFields((t) => ({
    explain: t.field({
      type: ExplanationType,
      nullable: true,
      extensions: notUse(),
      description:
        'Why a recipient may or may not see a category of a person now: every clause, its conditions, and which of ' +
        'them hold. To the person, and to privacy staff with an open case of theirs; to others as for an id never issued.',
      args: {
        subject: t.arg.id({ required: true, description: 'The id of the person, as the caller was shown it.' }),
        category: t.arg({ type: enums.DataCategory, required: true, description: 'The category to explain.' }),
        recipient: t.arg.id({
          required: true,
          description: `A partner’s client id, or ${audienceExamples(vocabulary)
            .map((name) => `\`${name}\``)
            .join(', ')} and so on.`,
        }),
        purpose: t.arg({ type: 'Purpose', description: 'The purpose that the recipient would state.' }),
      },
      resolve: async (_root, { subject: id, category, recipient, purpose }, context) => {
        const subject = couldBeOwed(context) ? await context.subjects.find(id) : null;
        // The reasoning is part of the person's own privacy record, so the policy decides about access to it.
        if (!subject || !reveals(subject.decision, 'ACCOUNT')) return null;
        const { facts } = subject.reveal('ACCOUNT').person;
        const { services, partners, now } = context;
        const question = { category, recipient, purpose: purpose ?? null };
        return services.explanations.explain(facts, question, now, (clientId) => partners.load(clientId));
      },
    }),
  }));
}

function definePreview({ builder, enums, policies }: SchemaPart): void {
  const Effect = builder.objectRef<PreferenceEffect>('PreferenceEffect');
  builder.objectType(Effect, {
    description: 'One thing that a change would show to somebody, or hide.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      recipient: t.string({
        description: 'The partner’s client id, or `VISITOR`, `MEMBER`, `STAFF_…`.',
        resolve: ({ access: { audience } }) => audience.recipient?.clientId ?? audience.name,
      }),
      partner: t.field({
        type: 'Partner',
        nullable: true,
        description: 'The partner; null for callers of our own.',
        resolve: ({ partner }) => partner,
      }),
      purpose: t.field({
        type: 'Purpose',
        nullable: true,
        description: 'For which purpose; null for callers that need none.',
        resolve: ({ access }) => access.audience.purpose,
      }),
      category: t.field({
        type: enums.DataCategory,
        description: 'The category.',
        resolve: ({ category }) => category,
      }),
      change: t.field({
        type: builder.enumType('EffectKind', {
          description: 'The effect on a category.',
          values: {
            REVEALED: { description: 'It is not shown now and would be.' },
            HIDDEN: { description: 'It is shown now and would not be.' },
          },
        }),
        description: 'Whether it would be shown or hidden.',
        resolve: ({ change }) => change,
      }),
      clauses: t.field({
        type: ['Clause'],
        description: 'The clauses that show it, after the change or before.',
        resolve: ({ clauses, policyVersion }, _args, { services }) =>
          clausesNamed(services.table, policyVersion, clauses),
      }),
    }),
  });

  const ofEachRecipient = new Set(
    policies.flatMap(({ consents }) => consents.flatMap(({ id, per }) => (per === undefined ? [] : [id]))),
  );
  /** @throws {ApiError} BAD_INPUT for a consent that is given for each partner */
  const requireForEverybody = (argument: string, purposes: readonly string[]): void => {
    const index = purposes.findIndex((purpose) => ofEachRecipient.has(purpose));
    if (index >= 0) throw badInput(`${argument}.${index}`, 'a consent that is not given for each partner');
  };

  builder.queryFields((t) => ({
    previewPreferences: t.field({
      type: [Effect],
      extensions: notUse(),
      description:
        'The recipients and categories that a change of the signed-in person’s choices would show or hide, by the same ' +
        'engine that decides. Where the change would accept the current version of the policy along with it, so does ' +
        'the preview. Nothing is changed.',
      args: {
        input: t.arg({ type: 'PreferencesInput', description: 'Switches to set.' }),
        give: t.arg({ type: ['ConsentPurpose'], description: 'Consents to give.' }),
        withdraw: t.arg({ type: ['ConsentPurpose'], description: 'Consents to withdraw.' }),
      },
      resolve: async (_root, { input, give, withdraw }, context) => {
        const { person } = selfOf(context);
        requireForEverybody('give', give ?? []);
        requireForEverybody('withdraw', withdraw ?? []);
        const trial = {
          changes: changesIn(input ?? {}),
          give: give ?? [],
          withdraw: withdraw ?? [],
          isUse: !onlyWithdraws(input ?? {}) || (give ?? []).length > 0,
        };
        return context.services.explanations.preview(person.facts, trial, context.now);
      },
    }),
  }));
}
