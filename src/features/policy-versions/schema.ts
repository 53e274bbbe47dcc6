import { badInput } from '../../base/errors.ts';
import { classified, NOTHING_PERSONAL, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { adopt } from '../../graphql/adopt.ts';
import { selfOf } from '../../graphql/callers.ts';
import { nodeIdOf } from '../../graphql/node-id.ts';
import { OBJECT_ID } from '../../graphql/object-ids.ts';
import { DENIABLE } from '../../graphql/personal-fields.ts';
import { clauseExample } from '../../graphql/policy-words.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { maskOfCategories, type Policy, type Reveal } from '../../policy/clause.ts';
import { holdsFrom } from '../../policy/compile-at.ts';
import { describe } from '../../policy/condition.ts';
import { type Forbidden, forbidsOf } from '../../policy/forbids.ts';
import { type CategoryMask, categoriesIn, type DataCategory } from '../../policy/vocabulary.ts';
import type { Subject } from '../../subject/subject.ts';
import { definePolicyDiff, diffBetween } from './diff-types.ts';
import { isAcceptance } from './operations.ts';
import { CLAUSES, PURPOSES, partId, partOfId, partsIn } from './parts.ts';

const hasKey = (key: string) => (value: unknown) => typeof value === 'object' && value !== null && key in value;

export function definePolicies(part: SchemaPart): void {
  const { nodes } = part;
  nodes.set('Policy', (id, { services }) => services.table.policies.get(id) ?? null);
  nodes.set('Clause', (id, { services }) => partOfId(services.table, id, CLAUSES));
  nodes.set('PolicyPurpose', (id, { services }) => partOfId(services.table, id, PURPOSES));
  defineVersion(part);
  definePurpose(part);
  defineClause(part);
  definePolicyDiff(part);
  defineAcceptance(part);
  defineUserFields(part);
}

function defineVersion({ builder, policies }: SchemaPart): void {
  builder.objectType('Policy', {
    description:
      'One version of the privacy policy. A version never changes; people are judged under the one they accepted.',
    extensions: NOTHING_PERSONAL,
    interfaces: ['Node'],
    isTypeOf: hasKey('partnerRequirements'),
    fields: (t) => ({
      id: t.id({
        description: 'For `node(id)`: `Policy:` and the version.',
        resolve: ({ version }) => nodeIdOf('Policy', version),
      }),
      version: t.exposeString('version', { description: 'The version, e.g. `2014-09-12`.' }),
      title: t.exposeString('title', { description: 'The title of the policy.' }),
      publisher: t.exposeString('publisher', { description: 'The publisher of the policy.' }),
      processedIn: t.expose('processedIn', {
        type: 'CountryCode',
        description: 'Where people’s data is held and processed.',
      }),
      current: t.boolean({
        description: 'Whether a person that registers now accepts this version.',
        resolve: ({ version }, _args, { services }) => version === services.table.current.version,
      }),
      postedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'Since when it has been posted.',
        resolve: ({ version }, _args, { services }) => services.table.postedAt.get(version),
      }),
      changesFrom: t.field({
        type: 'PolicyDiff',
        description: 'The changes of this version against another one, found by comparing the effects of both.',
        args: { version: t.arg.string({ required: true, description: 'The other version, usually the one before.' }) },
        resolve: (policy, { version }, { services }) => {
          const before = services.table.policies.get(version);
          if (!before) throw badInput('version', 'a version of the policy');
          return diffBetween(before, policy);
        },
      }),
      minimumAge: t.exposeInt('minimumAge', { description: 'Nobody younger, in whole years, may have an account.' }),
      clauses: t.field({
        type: ['Clause'],
        description: 'Its clauses.',
        resolve: (policy) => partsIn(policy, CLAUSES),
      }),
      purposes: t.field({
        type: ['PolicyPurpose'],
        description: 'The purposes of use of personal data.',
        resolve: (policy) => partsIn(policy, PURPOSES),
      }),
    }),
  });

  if (policies.some(({ announceDays }) => announceDays > 0))
    builder.objectField('Policy', 'holdsFrom', (t) =>
      t.field({
        type: 'DateTime',
        nullable: true,
        description:
          'From when it holds, where it stands posted before: until then nobody can accept it. Null where it held from ' +
          'when it was posted.',
        resolve: (policy, _args, { services }) => holdsFrom(services.table, policy),
      }),
    );
  if (policies.some(({ acceptance }) => acceptance === 'EXPLICIT'))
    builder.objectField('Policy', 'acceptedByUse', (t) =>
      t.boolean({
        description: 'Whether using the site accepts it; otherwise nothing but `acceptPolicy` does.',
        resolve: ({ acceptance }) => acceptance === 'DEEMED',
      }),
    );

  builder.queryFields((t) => ({
    policy: t.field({
      type: 'Policy',
      nullable: true,
      extensions: notUse(),
      description: 'A version of the policy; the current one where none is named; null for one that does not exist.',
      args: { version: t.arg.string({ description: 'The version, e.g. `2014-09-12`.' }) },
      resolve: (_root, { version }, { services: { table } }): Policy | null =>
        version == null ? table.current : (table.policies.get(version) ?? null),
    }),
    policies: t.field({
      type: ['Policy'],
      extensions: notUse(),
      description: 'Every version of the policy, oldest first.',
      resolve: (_root, _args, { services }) => [...services.table.policies.values()],
    }),
  }));
}

function definePurpose({ builder }: SchemaPart): void {
  builder.objectType('PolicyPurpose', {
    description: 'A purpose of use of personal data, as one version of the policy has it.',
    extensions: NOTHING_PERSONAL,
    interfaces: ['Node'],
    isTypeOf: hasKey('dpv'),
    fields: (t) => ({
      id: t.id({
        description: 'For `node(id)`: no other purpose has it, nor this one in another version.',
        resolve: ({ version, id }) => nodeIdOf('PolicyPurpose', partId(version, id)),
      }),
      key: t.exposeString('id', {
        description: 'Its name, as tokens and contracts use it; the same in every version.',
      }),
      description: t.exposeString('description', { description: 'The purpose in words.' }),
      claimable: t.boolean({
        description: 'Whether a token may name it; the others are the company’s own uses.',
        resolve: ({ use }) => use === 'CALLER',
      }),
      promotional: t.exposeBoolean('promotional', { description: 'Whether it is advertising or promotion.' }),
      dpv: t.exposeString('dpv', { description: 'The term of the W3C Data Privacy Vocabulary.' }),
    }),
  });
}

function defineClause(part: SchemaPart): void {
  const { builder, enums, vocabulary, current } = part;
  const ForbidType = defineForbid(part);
  const RevealType = builder.objectRef<Reveal & { readonly mask: CategoryMask }>('ClauseReveal');
  builder.objectType(RevealType, {
    description: 'The categories that a clause reveals to one kind of caller.',
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
        type: [enums.DataCategory],
        description: 'Which categories, at the most.',
        resolve: ({ mask }): DataCategory[] => categoriesIn(vocabulary, mask),
      }),
      when: t.string({
        description: 'On which condition, in words.',
        resolve: ({ when }) => describe(when),
      }),
    }),
  });

  builder.objectType('Clause', {
    description: 'One clause of one version of the policy, in words and by its effects.',
    extensions: NOTHING_PERSONAL,
    interfaces: ['Node'],
    isTypeOf: hasKey('legalBasis'),
    fields: (t) => ({
      id: t.id({
        description: 'For `node(id)`: no other clause has it, nor this one in another version.',
        resolve: ({ version, id }) => nodeIdOf('Clause', partId(version, id)),
      }),
      key: t.exposeString('id', {
        description: `Its name, e.g. \`${clauseExample(current)}\`; the same in every version.`,
      }),
      section: t.exposeString('section', { description: 'The heading of the policy’s text that it stands under.' }),
      summary: t.exposeString('summary', { description: 'Its content, in other words.' }),
      kinds: t.field({
        type: [enums.ClauseKind],
        description: 'Its kinds of effect.',
        resolve: ({ kind }) => kind,
      }),
      reading: t.field({
        type: enums.ClauseReading,
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
        type: enums.LegalBasis,
        description: 'Why the processing is lawful.',
        resolve: ({ legalBasis }) => legalBasis,
      }),
      reveals: t.field({
        type: [RevealType],
        description: 'The categories that it reveals, by kind of caller; empty where it reveals none.',
        resolve: ({ version, reveals }, _args, { services: { table } }) => {
          const policy = table.policies.get(version);
          return policy ? reveals.map((reveal) => ({ ...reveal, mask: maskOfCategories(policy, reveal) })) : [];
        },
      }),
      ...(ForbidType && {
        forbids: t.field({
          type: [ForbidType],
          description: 'The categories that it never lets be seen, even if another clause reveals them.',
          resolve: (clause) => forbidsOf({ clauses: [clause] }),
        }),
      }),
    }),
  });
}

/** The type of a prohibition of a clause; null where no version of the policy forbids anything. */
function defineForbid({ builder, enums, vocabulary, policies }: SchemaPart) {
  if (policies.every((policy) => forbidsOf(policy).length === 0)) return null;
  return builder.objectRef<Forbidden>('ClauseForbid').implement({
    description: 'The categories that a clause forbids one kind of caller to see, or everybody but the person.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      to: t.exposeString('to', {
        description: 'The caller: `SELF`, `VISITOR`, `MEMBER`, `STAFF_…`, a partner kind, or `any` but the person.',
      }),
      purposes: t.field({
        type: ['Purpose'],
        nullable: true,
        description: 'For which purposes; null where it forbids for every purpose.',
        resolve: ({ purposes }) => (purposes ? [...purposes] : null),
      }),
      categories: t.field({
        type: [enums.DataCategory],
        description: 'Which categories.',
        resolve: ({ mask }): DataCategory[] => categoriesIn(vocabulary, mask),
      }),
      when: t.string({
        nullable: true,
        description: 'The condition on which it forbids, also where that is unknown; null where it always forbids.',
        resolve: ({ when }) => (when === undefined ? null : describe(when)),
      }),
    }),
  });
}

function defineAcceptance({ builder }: SchemaPart): void {
  const AcceptancePayload = builder.objectRef<{ readonly user: Subject }>('PolicyDecisionPayload');
  builder.objectType(AcceptancePayload, {
    description: 'The person after accepting or refusing the policy.',
    fields: (t) => ({ user: t.expose('user', { type: 'User', description: 'The person, decided anew.' }) }),
  });

  builder.mutationFields((t) => ({
    acceptPolicy: t.field({
      type: AcceptancePayload,
      description:
        'The signed-in person accepts the current version of the policy, and is judged under it from now on. A person who ' +
        'had refused is let in again. A consent that was withdrawn stays withdrawn. A person who has accepted a later ' +
        'version gets `CONFLICT`.',
      extensions: notUse(),
      args: { version: t.arg.string({ required: true, description: 'The version that the person has read.' }) },
      resolve: async (_root, { version }, context) => {
        return { user: await adopt(context, await context.services.policies.accept(selfOf(context).sid, version)) };
      },
    }),
    refusePolicy: t.field({
      type: AcceptancePayload,
      description:
        'The signed-in person does not accept the policy: the account is closed to use, and nothing about it is shown ' +
        'to others. Correction, export and erasure stay open, and the person may accept later.',
      extensions: notUse(),
      resolve: async (_root, _args, context) => {
        return { user: await adopt(context, await context.services.policies.refuse(selfOf(context).sid)) };
      },
    }),
  }));
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  builder.objectType('PolicyAcceptance', {
    description: 'The acceptance of a version of the policy.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ sid, n }, _args, { objectIds }) => objectIds('PolicyAcceptance', sid, n),
      }),
      version: t.exposeString('version', { description: 'The version.' }),
      mode: t.field({
        type: builder.enumType('AcceptanceMode', {
          description: 'How a version was accepted.',
          values: {
            EXPLICIT: { description: 'The person said so.' },
            DEEMED: { description: 'The person went on using the site after it was posted.' },
          },
        }),
        description: 'How.',
        resolve: ({ mode }) => mode,
      }),
      at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    }),
  });
  builder.objectFields('User', (t) => ({
    policyAcceptances: t.field({
      type: ['PolicyAcceptance'],
      nullable: true,
      description: `Which versions of the policy the person accepted, and how, newest first. ${DENIABLE}`,
      extensions: classified('ACCOUNT'),
      resolve: async (subject, _args, { acts }) => {
        const { person } = subject.reveal('ACCOUNT');
        return (await acts.load(person)).filter(isAcceptance);
      },
    }),
    deemedAcceptance: t.field({
      type: 'PolicyAcceptance',
      nullable: true,
      description:
        'The acceptance of the policy that the person’s last use of the site counted as, so that a client can tell ' +
        `them. Null once they have accepted that version by saying so. ${DENIABLE}`,
      extensions: { ...classified('ACCOUNT') },
      resolve: async (subject, _args, { acts }) => {
        const { person } = subject.reveal('ACCOUNT');
        const latest = (await acts.load(person)).find(isAcceptance);
        return latest?.mode === 'DEEMED' ? latest : null;
      },
    }),
  }));
}
