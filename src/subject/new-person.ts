import { append, EMPTY_CHAIN } from '../ledger/chain/entry.ts';
import type { PersonEntryBody } from '../ledger/chain/person-chain.ts';
import type { DecisionTable } from '../policy/compile.ts';
import type { Facts } from '../policy/facts.ts';
import { type Billing, type BillingValues, sealBilling } from './billing.ts';
import type { SubjectId } from './identifiers.ts';
import type { Change, Mailbox, PersonDocument } from './model.ts';
import { fold } from './names.ts';
import type { PersonalValues } from './values.ts';
import { sealValues, type Vault } from './vault.ts';

/** The state that a person is to have, and the events that led to it. */
export interface PersonState {
  readonly avatarName: string;
  readonly values: PersonalValues;
  /** None where it is left out. */
  readonly billings?: readonly Billing<BillingValues>[];
  readonly facts: Facts;
  /** The last writes of values that are kept for a time, as far as they are said. */
  readonly written?: PersonDocument['written'];
  /** None where it is left out. */
  readonly restrictions?: PersonDocument['restrictions'];
  /** In the order in which they happened. */
  readonly acts: readonly PersonEntryBody[];
}

/** The id that a person's data goes under, and the vault that seals it. */
export interface Home {
  readonly sid: SubjectId;
  readonly vault: Vault;
}

/** Where a person resides as far as anything says so: never by the billing address. */
export const residenceOf = ({ ACCOUNT, POSTAL_ADDRESS }: PersonalValues): string | undefined =>
  ACCOUNT?.country ?? POSTAL_ADDRESS?.country;

/** The change of the residence in the facts that follows from these values. */
export function residenceChange(values: PersonalValues): Pick<Change, 'set' | 'unset'> {
  const residence = residenceOf(values);
  return residence === undefined ? { unset: ['facts.residence'] } : { set: { 'facts.residence': residence } };
}

/** The part of an entry that says whether a change of values moves the person to another country. */
export const moveBetween = (before: PersonalValues, after: PersonalValues): { readonly moved?: true } =>
  residenceOf(before) === residenceOf(after) ? {} : { moved: true };

/** Whether decisions ask for ages. If none does, no date of birth stands among the facts. */
export type AgeAsked = Pick<DecisionTable, 'asksAge'>;

/** The date of birth as decisions compare it; nothing where none of them does. */
export const birthFact = ({ BIRTH_DATE }: PersonalValues, { asksAge }: AgeAsked): Pick<Facts, 'bornOn'> =>
  asksAge && BIRTH_DATE !== undefined ? { bornOn: new Date(`${BIRTH_DATE}T00:00:00Z`) } : {};

/** The change of the date of birth in the facts that follows from these values. */
export function birthChange(values: PersonalValues, asked: AgeAsked): Pick<Change, 'set' | 'unset'> {
  const { bornOn } = birthFact(values, asked);
  return bornOn === undefined ? { unset: ['facts.bornOn'] } : { set: { 'facts.bornOn': bornOn } };
}

/** Makes the part of a person's document that tells of their address. */
export type MailboxOf = (values: PersonalValues) => Mailbox | undefined;

/** The document of a new person, with the whole chain still in the outbox. */
export function createPerson(
  publicId: string,
  { sid, vault }: Home,
  { avatarName, values, billings = [], facts, written, restrictions, acts }: PersonState,
  mailboxOf: MailboxOf,
): PersonDocument {
  const { entries, head } = append(EMPTY_CHAIN, sid, acts);
  const mailbox = mailboxOf(values);
  return {
    _id: sid,
    publicId,
    avatarName,
    foldedName: fold(avatarName),
    ...(mailbox && { mailbox }),
    values: sealValues(vault, values),
    billings: billings.map((billing) => sealBilling(vault, billing)),
    facts,
    ...(written && { written }),
    ...(restrictions && { restrictions }),
    revision: 0,
    ledger: { head, outbox: entries },
  };
}
