import { NOTABLE_MS } from '../../store-clock.ts';
import type { MemberFacts } from '../facts/members.ts';
import { type Finding, fault, ok, warning } from '../finding.ts';
import { type Look, unseen } from '../look.ts';

/** The lead of one clock over another, within an error. */
export interface ClockDifference {
  readonly aheadMs: number;
  readonly errorMs: number;
}

const SUBJECT = 'clock';
const SET = 'Keep the clocks of all machines by NTP.';

const differenceText = ({ aheadMs, errorMs }: ClockDifference) =>
  `${Math.abs(Math.round(aheadMs))} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} %, give or take ${Math.ceil(errorMs)} ms`;

/** A difference that its error may explain counts as none. */
function judged(difference: ClockDifference, boundMs: number, clock: string, than: string, harm: string): Finding {
  const least = Math.abs(difference.aheadMs) - difference.errorMs;
  const found = `${clock} is ${differenceText(difference).replace('%', than)}`;
  if (least > boundMs) return fault(SUBJECT, `${found}. ${harm}`, SET);
  if (least > NOTABLE_MS) return warning(SUBJECT, `${found}.`, SET);
  return ok(SUBJECT, `${found}.`);
}

/**
 * @param boundMs  the most that the clock of a token issuer may be ahead of the primary's
 */
export function findingOnPrimaryClock(seen: Look<ClockDifference>, boundMs: number): Finding {
  if ('refusal' in seen) return unseen(SUBJECT, "The primary's clock", seen.refusal);
  const harm = `Gateways judge tokens by it, and take the clock of an issuer to be ${boundMs / 1_000} s ahead at the most.`;
  return judged(seen.answer, boundMs, "The primary's clock", "this machine's", harm);
}

type Told = MemberFacts & { readonly clock: ClockDifference };
const tells = (member: MemberFacts): member is Told => member.clock !== null;

/** @param boundMs  as above: any of the members may become the primary */
export function findingsOnMemberClocks(members: readonly MemberFacts[], boundMs: number): Finding[] {
  const primary = members.filter(tells).find(({ role }) => role === 'PRIMARY');
  if (!primary) return [];
  // an arbiter never becomes the primary
  const others = members.filter(tells).filter(({ role }) => role === 'SECONDARY');
  const harm = 'The time of every gateway would move as far in an election.';
  return others.map(({ address, clock }) => {
    const difference = {
      aheadMs: clock.aheadMs - primary.clock.aheadMs,
      errorMs: clock.errorMs + primary.clock.errorMs,
    };
    return judged(difference, boundMs, `The clock of ${address}`, "the primary's", harm);
  });
}
