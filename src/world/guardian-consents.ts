import { laterConsent } from '../features/consents/operations.ts';
import type { PersonEntry } from '../ledger/chain/person-chain.ts';
import type { Facts } from '../policy/facts.ts';
import { type ConsentAct, consentSettings, entryOfAct, stateOf, withAct } from '../subject/consents.ts';
import type { Change } from '../subject/model.ts';
import type { WorldTie } from './schema.ts';

/** Consents in a world file that the holder of a tie gave and withdrew for the other person. */
export type WorldTieConsents = NonNullable<WorldTie['consents']>;
type TieConsent = WorldTieConsents[number];

const actOf = ({ purpose, recipient, action }: TieConsent, tie: string): ConsentAct => ({
  ...{ name: { purpose, recipient }, given: action === 'GIVEN', tie },
});

const inOrder = (consents: WorldTieConsents): TieConsent[] =>
  [...consents].sort((one, other) => one.at.getTime() - other.at.getTime());

/** A person's facts after a guardian's consents and withdrawals by a tie. A later act of another person stands. */
export const withGuardian = (facts: Facts, tie: string, consents: WorldTieConsents): Facts =>
  inOrder(consents).reduce((before, consent) => {
    const act = actOf(consent, tie);
    const known = stateOf(before, act.name);
    return laterConsent(known, { given: act.given, at: consent.at }) === known
      ? before
      : withAct(before, act, consent.at);
  }, facts);

/** If the file gives an act no time, the same act at any time on record counts as this one. */
const isOnRecord = (acts: readonly PersonEntry[], tie: string, consent: TieConsent, now: Date): boolean =>
  acts.some(
    (act) =>
      act.type === 'CONSENT' &&
      act.tie === tie &&
      act.purpose === consent.purpose &&
      act.recipient === consent.recipient &&
      act.action === consent.action &&
      (consent.at.getTime() === now.getTime() || act.at === consent.at.toISOString()),
  );

/** @returns null if all consents are on record */
export function changeByGuardian(
  facts: Facts,
  acts: readonly PersonEntry[],
  tie: string,
  consents: WorldTieConsents,
  now: Date,
): Change | null {
  const untold = inOrder(consents).filter((consent) => !isOnRecord(acts, tie, consent, now));
  if (untold.length === 0) return null;
  return {
    set: consentSettings(facts, withGuardian(facts, tie, untold)),
    entries: untold.map((consent) => entryOfAct(facts, actOf(consent, tie), consent.at)),
  };
}
