import { newest } from './elections.ts';
import type { Entry, Member } from './member.ts';

const commonLength = (a: readonly Entry[], b: readonly Entry[]) => {
  let length = Math.min(a.length, b.length);
  while (length > 0 && a[length - 1]?.id !== b[length - 1]?.id) length -= 1;
  return length;
};

export interface ReplicationOptions {
  readonly members: readonly Member[];
  /** The members that a member hears, itself included. */
  readonly reach: (member: Member) => readonly Member[];
}

/** Every member follows the log of the primary that it hears, as far behind as its delay says. */
export function createReplication({ members, reach }: ReplicationOptions) {
  const timers = new Map<Member, NodeJS.Timeout>();
  const due = new Set<Member>();
  let fault: unknown;

  /** A member gives up the entries that its primary never had, and copies the entries that have come to it by now. */
  async function catchUp(member: Member): Promise<void> {
    const source = newest(reach(member));
    const { lagMs } = member;
    if (member.state !== 'SECONDARY' || !Number.isFinite(lagMs) || !source || source.term < member.term) return;
    member.term = source.term;
    const common = commonLength(member.log, source.log);
    if (common < member.log.length) await member.rollBack(common);
    const lacking = source.log.slice(common);
    const here = performance.now() - lagMs;
    const next = lagMs > 0 ? lacking.find(({ at }) => at > here) : undefined;
    await member.copy(next ? lacking.slice(0, lacking.indexOf(next)) : lacking);
    if (next) {
      clearTimeout(timers.get(member));
      timers.set(member, setTimeout(() => follow(member), next.at - here).unref());
    }
    if (!reach(member).includes(source) || source.state !== 'PRIMARY' || source.term !== member.term) return;
    source.acknowledge(member.id, member.log.length);
    member.committed = Math.min(source.committed, member.log.length);
  }
  function follow(member: Member): void {
    if (due.has(member)) return;
    due.add(member);
    const turn = member.lock.run(() => {
      due.delete(member);
      return catchUp(member);
    });
    turn.catch((error: unknown) => {
      fault ??= error;
    });
  }

  return {
    /** Has every member copy the entries that have come to it. */
    spread: () => members.forEach(follow),
    /** @throws {Error} a member could not copy a write, or would have given up a write of the majority */
    requireSound(): void {
      if (fault) throw fault;
    },
    close(): void {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
