import { badInput } from '../../base/errors.ts';
import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { defineConnection, pageOf, paging } from '../../graphql/connections.ts';
import { DENIABLE, newest, newestWanted } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { NULL_ONLY_BY_ERROR } from '../../graphql/semantic-nullability.ts';
import type { DisclosurePosition } from '../../ledger/disclosure/disclosure.ts';
import { boundaryWithAuthority, boundaryWithPartner } from '../partners/boundary.ts';
import { clausesNamed } from '../policy-versions/parts.ts';

export function defineShares(part: SchemaPart): void {
  defineUserFields(part);
  const { builder, enums } = part;
  builder.objectType('ThirdPartyShare', {
    description:
      'A disclosure: a third party was shown something of the person, or that the person is there. It says which ' +
      'categories, never the values. The recipient’s own policy governs their use on its own sites.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'The same for ever.' }),
      cursor: t.string({
        description: 'Where the share stands in the list, for `before`; it tells nothing else.',
        resolve: (share, _args, { shareCursors }) => shareCursors.of(share),
      }),
      recipient: t.field({
        type: 'Partner',
        nullable: true,
        description: 'The partner that was shown it; null where that was an authority.',
        resolve: ({ recipientKind, recipient }, _args, { partners }) =>
          recipientKind === 'PARTNER' ? partners.load(recipient) : null,
      }),
      recipientName: t.exposeString('recipient', {
        description: 'The client id of the partner, or the name of the authority.',
      }),
      authority: t.string({
        nullable: true,
        description: 'The authority that was shown it under a legal process; null where that was a partner.',
        resolve: ({ recipientKind, recipient }) => (recipientKind === 'AUTHORITY' ? recipient : null),
      }),
      boundary: t.string({
        description: 'Where our word ends: which policy the recipient’s own sites are under, and where it is.',
        resolve: async ({ recipientKind, recipient, policyVersion }, _args, { partners, services: { table } }) => {
          const policy = table.policies.get(policyVersion) ?? table.current;
          return recipientKind === 'AUTHORITY'
            ? boundaryWithAuthority(policy, recipient)
            : boundaryWithPartner(policy, await partners.load(recipient));
        },
      }),
      purpose: t.expose('purpose', { type: 'Purpose', description: 'The purpose.' }),
      categories: t.field({
        type: [enums.DataCategory],
        description: 'The categories that were shown; if empty, only that the person is there.',
        resolve: ({ categories }) => categories,
      }),
      clauses: t.field({
        type: ['Clause'],
        description: 'The clauses of the policy that let it be shown.',
        resolve: ({ policyVersion, clauses }, _args, { services }) =>
          clausesNamed(services.table, policyVersion, clauses),
      }),
      policyVersion: t.exposeString('policyVersion', { description: 'The version of the policy that was applied.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When.' }),
      askedErasure: t.field({
        type: 'AskedErasure',
        nullable: true,
        description:
          'Data of the person that the partner was asked to erase, from any disclosure, and has not said to have erased; ' +
          'null where nothing is outstanding.',
        resolve: ({ recipientKind, recipient, sid }, _args, { askedErasures }) =>
          recipientKind === 'PARTNER' ? askedErasures.load({ recipient, sid }) : null,
      }),
      requestId: t.exposeID('requestId', { description: 'The id of the request, as in its `x-request-id` header.' }),
      tokenId: t.exposeID('tokenId', { description: 'The `jti` of the token that was used.' }),
    }),
  });
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  const Pages = defineConnection(builder, 'ThirdPartyShare', 'A disclosure');
  builder.objectFields('User', (t) => ({
    thirdPartyShares: t.field({
      type: ['ThirdPartyShare'],
      nullable: true,
      description: `The disclosures about the person to third parties, newest first. ${DENIABLE}`,
      extensions: classified('ACCOUNT'),
      args: { ...newest(t), before: t.arg.string({ description: 'The `cursor` of a share: only older ones.' }) },
      resolve: async (subject, { first, before }, { shares, shareCursors }) => {
        const { person } = subject.reveal('ACCOUNT');
        const limit = newestWanted(first);
        const position = before == null ? null : shareCursors.open(person._id, before);
        if (before != null && position === null) throw badInput('before', 'the cursor of a share of this person');
        return shares.load({ sid: person._id, first: limit, before: position });
      },
    }),
    thirdPartySharesConnection: t.field({
      type: Pages,
      nullable: true,
      description: `The same as \`thirdPartyShares\`, in pages. ${DENIABLE}`,
      extensions: { ...classified('ACCOUNT'), ...NULL_ONLY_BY_ERROR },
      args: paging(t),
      resolve: (subject, args, { shares, shareCursors }) => {
        const { _id: sid } = subject.reveal('ACCOUNT').person;
        return pageOf(args, {
          positions: {
            of: (position: DisclosurePosition) => shareCursors.of({ sid, position }),
            open: (cursor) => shareCursors.open(sid, cursor),
          },
          positionOf: ({ position }) => position,
          find: (first, before) => shares.load({ sid, first, before }),
        });
      },
    }),
  }));
}
