import type { Policy } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import type { SuccessionNotice } from '../succession/operations.ts';

/** A version of the policy that was posted after another one. */
export interface VersionNotice {
  readonly policy: Policy;
  readonly before: Policy;
  readonly announcedAt: Date;
}

/** A notice to everyone. */
export type Notice = SuccessionNotice | VersionNotice;

export const isOfVersion = (notice: Notice): notice is VersionNotice => 'policy' in notice;

/** The versions that changed the policy, each with the one before it. The first changed nothing. */
export function versionNotices({ policies, postedAt }: DecisionTable): VersionNotice[] {
  const posted = [...policies.values()];
  return posted.flatMap((policy, place) => {
    const before = posted[place - 1];
    const announcedAt = postedAt.get(policy.version);
    return before && announcedAt ? [{ policy, before, announcedAt }] : [];
  });
}

/** The latest first. */
export const inOrder = (notices: readonly Notice[]): Notice[] =>
  notices.toSorted((a, b) => b.announcedAt.getTime() - a.announcedAt.getTime());
