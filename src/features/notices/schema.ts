import { PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { OBJECT_ID } from '../../graphql/object-ids.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { holdsFrom } from '../../policy/compile-at.ts';
import { diffBetween } from '../policy-versions/diff-types.ts';
import { inOrder, isOfVersion, versionNotices } from './operations.ts';

const ON_ACCEPTANCE = 'Null for a version of the policy: it holds for each person from when they accept it.';
const ON_ACCEPTANCE_OR_LATER =
  'For a version of the policy that stands posted before it holds, from when it does; null for any other, which holds ' +
  'for each person from when they accept it.';

export function defineNotices({ builder, policies }: SchemaPart): void {
  const ofVersions = policies.some(({ announceDays }) => announceDays > 0) ? ON_ACCEPTANCE_OR_LATER : ON_ACCEPTANCE;
  builder.objectType('Notice', {
    description: 'An announcement to everyone before the change concerns them.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: (notice, _args, { objectIds }) =>
          isOfVersion(notice)
            ? objectIds('Notice', 'version', notice.policy.version)
            : objectIds('Notice', 'succession', notice.partner._id),
      }),
      kind: t.field({
        type: builder.enumType('NoticeKind', {
          description: 'The kind of change that a notice announces.',
          values: {
            SUCCESSION: { description: 'People’s data may pass to a successor once the notice has run in full.' },
            POLICY_VERSION: { description: 'A new version of the policy, which people have yet to accept.' },
          },
        }),
        description: 'The kind of change that it announces.',
        resolve: (notice) => (isOfVersion(notice) ? 'POLICY_VERSION' : 'SUCCESSION'),
      }),
      announcedAt: t.expose('announcedAt', { type: 'DateTime', description: 'Since when the notice stands.' }),
      effectiveAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: `When the notice of a succession will have run in full. ${ofVersions}`,
        resolve: (notice, _args, { services }) =>
          isOfVersion(notice) ? holdsFrom(services.table, notice.policy) : notice.effectiveAt,
      }),
      partner: t.field({
        type: 'Partner',
        nullable: true,
        description: 'The successor; null for a version of the policy.',
        resolve: (notice) => (isOfVersion(notice) ? null : notice.partner),
      }),
      policy: t.field({
        type: 'Policy',
        nullable: true,
        description: 'The new version of the policy; null for a succession.',
        resolve: (notice) => (isOfVersion(notice) ? notice.policy : null),
      }),
      changes: t.field({
        type: 'PolicyDiff',
        nullable: true,
        description: 'The changes of the new version against the one before it; null for a succession.',
        resolve: (notice) => (isOfVersion(notice) ? diffBetween(notice.before, notice.policy) : null),
      }),
    }),
  });

  builder.queryField('notices', (t) =>
    t.field({
      type: ['Notice'],
      description:
        'Announcements to everyone: successions, and versions of the policy with their changes. ' +
        'The latest come first.',
      extensions: notUse(),
      resolve: async (_root, _args, { services: { successions, table } }) =>
        inOrder([...(await successions.findNotices()), ...versionNotices(table)]),
    }),
  );
}
