import type { Member } from './member.ts';

/** The time limits of elections that happen by themselves, in milliseconds. */
export interface Elections {
  /** How long a member hears of no primary before it stands for election. */
  readonly timeoutMs: number;
  /** How long a primary that hears no majority stays one. */
  readonly staleMs: number;
}

export const ELECTIONS: Elections = { timeoutMs: 300, staleMs: 1_500 };

const BEAT_MS = 25;
/** By how much the time-outs of two members differ, so that seldom two of them stand at once. */
const SPREAD_MS = 60;
/** How long a primary that gave up its place does not stand for election. */
const FREEZE_MS = 1_000;

const lastTerm = ({ log }: Member) => log.at(-1)?.term ?? 0;
const isAsNew = (a: Member, b: Member) =>
  lastTerm(a) > lastTerm(b) || (lastTerm(a) === lastTerm(b) && a.log.length >= b.log.length);

export const isUp = ({ state }: Member) => state !== 'DOWN';

/** The primary of the newest term. */
export const newest = (candidates: readonly Member[]): Member | undefined =>
  candidates.filter(({ state }) => state === 'PRIMARY').sort((a, b) => b.term - a.term)[0];

/** When a member has last heard of others, in milliseconds of this process. */
interface Heard {
  primary: number;
  majority: number;
  frozenUntil: number;
}

export interface ElectionOptions {
  readonly members: readonly Member[];
  /** The members that a member hears, itself included. */
  readonly reach: (member: Member) => readonly Member[];
  readonly spread: () => void;
}

/** Votes and terms as in Raft: a member votes once in a term, and only for a log that is no older than its own. */
export function createElections({ members, reach, spread }: ElectionOptions) {
  const majority = Math.floor(members.length / 2) + 1;
  const heard = new Map<Member, Heard>();
  const heardOf = (member: Member): Heard => {
    const found = heard.get(member) ?? { primary: 0, majority: 0, frozenUntil: 0 };
    heard.set(member, found);
    return found;
  };

  /** @returns null where no majority votes for the member; otherwise resolves once it is the primary */
  function stand(member: Member): Promise<void> | null {
    const near = isUp(member) ? reach(member) : [];
    if (near.filter((voter) => isAsNew(member, voter)).length < majority) return null;
    const term = Math.max(...near.map((other) => other.term)) + 1;
    for (const other of near) other.hear(term);
    return member.lock.run(async () => {
      if (member.state !== 'SECONDARY' || member.term !== term) return;
      member.tally.elections += 1;
      member.told.clear();
      member.become('PRIMARY');
      member.append({});
      for (const other of reach(member)) if (other !== member) other.change();
      spread();
    });
  }

  function beat(member: Member, { timeoutMs, staleMs }: Elections, now: number): void {
    if (!isUp(member)) return;
    const known = heardOf(member);
    if (reach(member).length >= majority) known.majority = now;
    if (member.state === 'PRIMARY') {
      if (now - known.majority > staleMs) member.become('SECONDARY');
      return;
    }
    const primary = newest(reach(member));
    if (primary && primary.term >= member.term) known.primary = now;
    if (now - known.primary <= timeoutMs + member.id * SPREAD_MS || now < known.frozenUntil) return;
    known.primary = now;
    void stand(member);
  }

  let timer: NodeJS.Timeout | undefined;
  return {
    stand,
    /** The primary gives up its place, and the others stand for election at once. */
    stepDown(member: Member): void {
      heardOf(member).frozenUntil = performance.now() + FREEZE_MS;
      for (const other of members) heardOf(other).primary = other === member ? performance.now() : 0;
      member.become('SECONDARY');
    },
    /** Has elections happen by themselves, or only by hand where there are no limits. */
    setLimits(limits: Elections | null): void {
      clearInterval(timer);
      const now = performance.now();
      for (const member of members) Object.assign(heardOf(member), { primary: now, majority: now });
      if (!limits) return;
      timer = setInterval(() => {
        for (const member of members) beat(member, limits, performance.now());
      }, BEAT_MS);
    },
  };
}
