import { isTooOld, LEAST_VERSION } from '../../server-version.ts';
import type { Members } from '../facts/members.ts';
import type { ServerFacts, Votes } from '../facts/server.ts';
import { counted, type Finding, fault, note, ok, warning } from '../finding.ts';
import { answerOf, type Look, unseen } from '../look.ts';

const SUBJECT = 'members';
const ADD = 'Add members that hold data, up to three of them.';

/** As far as the greeting tells: every member has a vote, and none is hidden. */
const votesOf = ({ holdData, arbiters }: Members): Votes => {
  const majority = Math.floor((holdData + arbiters) / 2) + 1;
  return { writable: holdData, majority: Math.min(majority, holdData) };
};

function survival(members: Members, seen: Look<Votes>): Finding {
  const { writable, majority } = answerOf(seen) ?? votesOf(members);
  const found = `${counted(writable, 'member')} with a vote hold data, and ${majority} of them acknowledge a write`;
  if (writable > majority) return ok(SUBJECT, `${found}.`);
  return warning(SUBJECT, `${found}: none can fail without an end to writes and proven reads.`, ADD);
}

function arbiters({ arbiters: count }: Members): Finding[] {
  if (count === 0) return [];
  const found = `${counted(count, 'arbiter')}: it votes and acknowledges nothing, so one lost member that holds data can stop writes.`;
  return [warning(SUBJECT, found, 'Replace it with a member that holds data.')];
}

const silent = ({ members }: Members): Finding[] =>
  members
    .filter(({ role }) => role === 'SILENT' || role === 'OTHER')
    .map(({ address, role }) =>
      warning(
        SUBJECT,
        `${address} ${role === 'SILENT' ? 'does not answer' : 'is neither primary nor secondary'}.`,
        'Bring it back.',
      ),
    );

const tooOld = ({ members }: Members): Finding[] =>
  members
    .filter(({ wireVersion }) => isTooOld(wireVersion))
    .map(({ address }) =>
      fault(
        'version',
        `${address} is older than MongoDB ${LEAST_VERSION}.`,
        'Update it before it becomes the primary.',
      ),
    );

const ofShards = note(
  SUBJECT,
  'A router does not show the members of the shards.',
  'See to it that each shard has three that hold data, and right clocks.',
);

export function findingsOnMembers(members: Members, { kind, votes }: Pick<ServerFacts, 'kind' | 'votes'>): Finding[] {
  if (votes === null) return [...tooOld(members), ...(kind === 'ROUTER' ? [ofShards] : [])];
  const hidden = 'refusal' in votes ? [unseen(SUBJECT, 'Hidden members and votes', votes.refusal)] : [];
  return [survival(members, votes), ...hidden, ...arbiters(members), ...silent(members), ...tooOld(members)];
}
