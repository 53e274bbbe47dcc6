import type { Member } from './member.ts';
import { type Document, Int32, Long, ObjectId, OK } from './wire.ts';

export const SET_NAME = 'rs0';
const HIGHEST_ELECTION = '7fffffff';

export const topologyOf = ({ topology: { processId, counter } }: Member): Document => ({
  ...{ processId, counter: Long.fromNumber(counter) },
});

/**
 * The greeting of a member.
 *
 * @param primary  as far as the member knows
 * @see https://www.mongodb.com/docs/manual/reference/command/hello/
 */
export const helloOf = (member: Member, members: readonly Member[], primary: Member | undefined): Document => ({
  ...{ helloOk: true, isWritablePrimary: member.state === 'PRIMARY', secondary: member.state === 'SECONDARY' },
  topologyVersion: topologyOf(member),
  ...{ hosts: members.map(({ host }) => host), setName: SET_NAME, setVersion: new Int32(1), me: member.host },
  ...(primary && { primary: primary.host }),
  ...(member.state === 'PRIMARY' && {
    electionId: new ObjectId(`${HIGHEST_ELECTION}${member.term.toString(16).padStart(16, '0')}`),
  }),
  localTime: new Date(Date.now() + member.aheadMs),
  ...{ maxBsonObjectSize: new Int32(16_777_216), maxMessageSizeBytes: new Int32(48_000_000) },
  ...{ maxWriteBatchSize: new Int32(100_000), logicalSessionTimeoutMinutes: new Int32(30) },
  ...{ minWireVersion: new Int32(0), maxWireVersion: new Int32(21), readOnly: false, ...OK() },
});
