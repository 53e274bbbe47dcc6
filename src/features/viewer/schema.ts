import { notUse } from '../../enforcement/site-use.ts';
import type { Context } from '../../graphql/context.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { contractInForce } from '../../policy/decide.ts';
import type { Contract, Recipient } from '../../policy/facts.ts';
import { categoriesIn, type DataCategory, type DenialReason, isIn } from '../../policy/vocabulary.ts';

interface CategoryInSight {
  readonly category: DataCategory;
  readonly reason: DenialReason | null;
}

type Asking = Pick<Context, 'caller' | 'access' | 'now'>;

/** The caller as the gateway knows it, of the request at hand. */
export function defineViewer({ builder, enums, vocabulary }: SchemaPart): void {
  const CallerKind = builder.enumType('CallerKind', {
    description: 'The kinds of callers.',
    values: {
      VISITOR: { description: 'A request without a token, or of a person that has not registered yet.' },
      MEMBER: { description: 'A signed-in person.' },
      PARTNER: { description: 'A partner, by a token of its own.' },
      STAFF: { description: 'A member of staff, in one role and for one purpose.' },
    } satisfies Record<Context['caller']['kind'], object>,
  });

  const InSight = builder.objectRef<CategoryInSight>('CategoryInSight');
  builder.objectType(InSight, {
    description: 'A category of data, and whether this caller may be shown it of anyone but themself.',
    fields: (t) => ({
      category: t.field({
        type: enums.DataCategory,
        description: 'The category.',
        resolve: ({ category }) => category,
      }),
      visible: t.boolean({
        description:
          'Whether some person could have choices that show it to this caller. Each person is still decided one by one.',
        resolve: ({ reason }) => reason === null,
      }),
      reason: t.field({
        type: enums.DenialReason,
        nullable: true,
        description: 'Why this caller sees it of nobody; null where `visible` is true.',
        resolve: ({ reason }) => reason,
      }),
    }),
  });

  const ViewerContract = builder.objectRef<{
    readonly recipient: Recipient;
    readonly contract: Contract;
    readonly now: Date;
  }>('ViewerContract');
  builder.objectType(ViewerContract, {
    description: 'The contract on file with the partner that asks.',
    fields: (t) => ({
      mode: t.field({
        type: enums.ContractMode,
        description: 'Whether it shows people, or invented ones alone.',
        resolve: ({ contract: { mode = 'LIVE' } }) => mode,
      }),
      from: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'From when it is in force; null for a contract without a beginning.',
        resolve: ({ contract }) => contract.from,
      }),
      until: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it ends; null for a contract without an end.',
        resolve: ({ contract }) => contract.until,
      }),
      inForce: t.boolean({
        description: 'Whether it is in force now. Without a contract in force a partner is shown nothing.',
        resolve: ({ recipient, now }) => contractInForce(recipient, now),
      }),
      purposes: t.field({
        type: ['Purpose'],
        description: 'The purposes that it covers: a token for another purpose is shown nothing.',
        resolve: ({ contract }) => [...contract.purposes],
      }),
    }),
  });

  const Viewer = builder.objectRef<Asking>('Viewer');
  builder.objectType(Viewer, {
    description:
      'The caller of this request as the gateway knows it: the data that its token lets it see, and why not more.',
    fields: (t) => ({
      kind: t.field({ type: CallerKind, description: 'The kind of caller.', resolve: ({ caller }) => caller.kind }),
      role: t.string({
        nullable: true,
        description: 'The role of a member of staff; null for every other caller.',
        resolve: ({ caller }) => (caller.kind === 'STAFF' ? caller.role : null),
      }),
      purpose: t.field({
        type: 'Purpose',
        nullable: true,
        description: 'The purpose that the token states; null for a caller that states none.',
        resolve: ({ caller }) => ('purpose' in caller ? caller.purpose : null),
      }),
      scope: t.field({
        type: [enums.DataCategory],
        nullable: true,
        description: 'The categories that the scope of a partner’s token names; null for a caller without a scope.',
        resolve: ({ caller }) => (caller.kind === 'PARTNER' ? categoriesIn(vocabulary, caller.scope) : null),
      }),
      partner: t.field({
        type: 'Partner',
        nullable: true,
        description: 'The record of the partner that asks; null for every other caller.',
        resolve: ({ caller }, _args, { partners }) =>
          caller.kind === 'PARTNER' ? partners.load(caller.recipient.clientId) : null,
      }),
      contract: t.field({
        type: ViewerContract,
        nullable: true,
        description: 'The contract with the partner that asks; null where none is on file, and for every other caller.',
        resolve: ({ caller, now }) =>
          caller.kind === 'PARTNER' && caller.recipient.contract
            ? { recipient: caller.recipient, contract: caller.recipient.contract, now }
            : null,
      }),
      categories: t.field({
        type: [InSight],
        description: 'Every category of the policy, with whether this caller may be shown it of anyone but themself.',
        resolve: ({ access: { others } }) =>
          vocabulary.categories.map(({ id }) => ({
            category: id,
            reason: isIn(others.reach, id) ? null : others.reasonFor(id),
          })),
      }),
    }),
  });

  builder.queryField('viewer', (t) =>
    t.field({
      type: Viewer,
      extensions: notUse(),
      description:
        'The caller of this request. A partner that sees less than it expected finds the reason here: the purpose, the ' +
        'contract or the scope. It reads nothing of any person.',
      resolve: (_root, _args, { caller, access, now }) => ({ caller, access, now }),
    }),
  );
}
