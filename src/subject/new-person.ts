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

/** What a person is to be, and what happened on the way there. */
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

/** Where a person's data goes, and what seals it there. */
export interface Home {
  readonly sid: SubjectId;
  readonly vault: Vault;
}

/** Where a person resides as far as anything says so: never by the billing address. */
export const residenceOf = ({ ACCOUNT, POSTAL_ADDRESS }: PersonalValues): string | undefined =>
  ACCOUNT?.country ?? POSTAL_ADDRESS?.country;

/** What a change of these values makes of the residence that decisions are made by. */
export function residenceChange(values: PersonalValues): Pick<Change, 'set' | 'unset'> {
  const residence = residenceOf(values);
  return residence === undefined ? { unset: ['facts.residence'] } : { set: { 'facts.residence': residence } };
}

/** What an entry says of a change of values: whether the person resides in another country by it. */
export const moveBetween = (before: PersonalValues, after: PersonalValues): { readonly moved?: true } =>
  residenceOf(before) === residenceOf(after) ? {} : { moved: true };

/** Whether decisions ask for ages. Where none does, no date of birth stands among the facts. */
export type AgeAsked = Pick<DecisionTable, 'asksAge'>;

/** The date of birth as decisions compare it; nothing where none of them does. */
export const birthFact = ({ BIRTH_DATE }: PersonalValues, { asksAge }: AgeAsked): Pick<Facts, 'bornOn'> =>
  asksAge && BIRTH_DATE !== undefined ? { bornOn: new Date(`${BIRTH_DATE}T00:00:00Z`) } : {};

/** What a change of these values makes of the date of birth that decisions compare. */
export function birthChange(values: PersonalValues, asked: AgeAsked): Pick<Change, 'set' | 'unset'> {
  const { bornOn } = birthFact(values, asked);
  return bornOn === undefined ? { unset: ['facts.bornOn'] } : { set: { 'facts.bornOn': bornOn } };
}

/** What the document of a person says of their address. */
export type MailboxOf = (values: PersonalValues) => Mailbox | undefined;

/** The document of a person who is new, with its whole chain still in the outbox. */
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
