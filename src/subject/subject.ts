import { forbiddenCategory, unavailable } from '../base/errors.ts';
import { type Access, type Decision, reveals } from '../policy/decide.ts';
import type { Facts } from '../policy/facts.ts';
import { isUnsettled } from '../policy/known-facts.ts';
import {
  bitOf,
  type CategoryMask,
  type DataCategory,
  EVERY_CATEGORY,
  maskOf,
  NO_CATEGORIES,
  staffAudience,
  withDerived,
} from '../policy/vocabulary.ts';
import { ageBandOf, ageOn, firstOfMonth } from './age.ts';
import {
  type Billing,
  type BillingCategory,
  type BillingValues,
  billingOf,
  newestGiven,
  openBilled,
} from './billing.ts';
import type { SubjectId } from './identifiers.ts';
import type { HeldValue, PersonDocument } from './model.ts';
import { newestOrderWith, type Order } from './orders.ts';
import type { PersonalValues } from './values.ts';
import { openValue, type Vault } from './vault.ts';

/** What it takes to read a person's document. */
export interface Means {
  /** Null where nothing that is sealed is to be read. */
  readonly vault: Vault | null;
  /** The values that were left in the database. */
  readonly unread: ReadonlySet<HeldValue>;
}

/** A person's document with the means to read it, one value at a time. */
class Holdings {
  readonly document: PersonDocument;
  readonly #vault: Vault | null;
  readonly #unread: Means['unread'];
  /** Three categories are read from it. */
  #birthDate: { readonly value: string | undefined } | null = null;

  constructor(document: PersonDocument, { vault, unread }: Means) {
    this.document = document;
    this.#vault = vault;
    this.#unread = unread;
  }

  /** @throws {ApiError} UNAVAILABLE where the person's key was not to be had */
  get vault(): Vault {
    if (!this.#vault) throw unavailable('the key of a person');
    return this.#vault;
  }

  /** @throws {Error} where it was left in the database: nobody may take it for something that is not held */
  #requireRead(category: HeldValue): void {
    if (this.#unread.has(category)) throw new Error(`${category} is to be shown, but was not to be read.`);
  }

  /** @throws {Error} where it was left in the database */
  read<C extends keyof PersonalValues>(category: C): PersonalValues[C] | undefined {
    this.#requireRead(category);
    return openValue(this.vault, this.document.values, category);
  }

  #open<C extends BillingCategory>(billing: Billing | undefined, category: C): BillingValues[C] | undefined {
    this.#requireRead(category);
    return billing && openBilled(this.vault, billing, category);
  }

  get #billings(): readonly Billing[] {
    return this.document.billings ?? [];
  }

  /** What the newest order that is not settled with this processor is billed with. */
  billedBy<C extends BillingCategory>(processor: string, category: C): BillingValues[C] | undefined {
    const order = newestOrderWith(this.document.facts, processor);
    return order && this.billedFor(order.id, category);
  }

  /** What one order is billed with. */
  billedFor<C extends BillingCategory>(order: string, category: C): BillingValues[C] | undefined {
    return this.#open(billingOf(this.#billings, order, category), category);
  }

  newestGiven<C extends BillingCategory>(category: C): BillingValues[C] | undefined {
    return this.#open(newestGiven(this.#billings, category), category);
  }

  get birthDate(): string | undefined {
    this.#birthDate ??= { value: this.read('BIRTH_DATE') };
    return this.#birthDate.value;
  }
}

/** Who looks, and when. */
interface Look {
  /** Whether an address is shown that its owner has not proven. */
  readonly unproven: boolean;
  /** The day that ages are told as of. */
  readonly ageDay: Date;
  /** The client id of the partner that looks; null for everybody else. */
  readonly partner: string | null;
  /** The same of a partner that settles orders, which sees no more of them than its own. */
  readonly processor: string | null;
}

/** To everybody else an address that nobody has proven is none. */
const SEE_UNPROVEN: ReadonlySet<string> = new Set(['SELF', staffAudience('privacy'), staffAudience('legal')]);

const lookOf = ({ audience: { name, recipient }, now, processor }: Access): Look => ({
  unproven: SEE_UNPROVEN.has(name),
  // To anyone but the person an age is as of the first of the month, so that polling does not find the birthday.
  ageDay: name === 'SELF' ? now : firstOfMonth(now),
  partner: recipient?.clientId ?? null,
  processor,
});

/** To a processor what its newest unsettled order is billed with; to everybody else what was given last. */
const billed = <C extends BillingCategory>(held: Holdings, category: C, processor: string | null) =>
  processor === null ? held.newestGiven(category) : held.billedBy(processor, category);

/** How each category is read from what is held. Those whose data lies elsewhere yield what opens it there. */
const VALUES = {
  AVATAR_NAME: ({ document }) => document.avatarName,
  NAME: (held) => held.read('NAME'),
  EMAIL: (held, { unproven }) => held.read('EMAIL') ?? (unproven ? held.read('UNPROVEN_EMAIL') : undefined),
  GENDER: (held) => held.read('GENDER'),
  BIRTH_DATE: ({ birthDate }) => birthDate,
  AGE: (held, { ageDay }) => ageOf(held, ageDay),
  AGE_BAND: (held, { ageDay }) => {
    const age = ageOf(held, ageDay);
    return age === null ? null : ageBandOf(age);
  },
  POSTAL_ADDRESS: (held) => held.read('POSTAL_ADDRESS'),
  CELL_PHONE: (held) => held.read('CELL_PHONE'),
  BILLING_ADDRESS: (held, { processor }) => billed(held, 'BILLING_ADDRESS', processor),
  PAYMENT_CARD: (held, { processor }) => billed(held, 'PAYMENT_CARD', processor),
  CARD_EXPIRY: (held, { processor }) => billed(held, 'CARD_EXPIRY', processor),
  // A token is for its own processor: no other partner is shown it, whatever a policy may say.
  PROCESSOR_TOKEN: (held, { partner }) => billed(held, 'PROCESSOR_TOKEN', partner),
  PHOTOS: (held) => held.read('PHOTOS') ?? [],
  POSTS: ({ document, vault }) => ({ sid: document._id, vault }),
  ACTIVITY: (held) => held.read('ACTIVITY') ?? [],
  TRANSACTIONS: ({ document, vault }) => ({ sid: document._id, vault }),
  ACCOUNT: (held) => ({
    person: held.document,
    country: () => held.read('ACCOUNT')?.country ?? null,
    home: () => ({ sid: held.document._id, vault: held.vault }),
  }),
  CORRECTED_VALUE: ({ vault }) => vault,
} satisfies Record<DataCategory, (held: Holdings, look: Look) => unknown>;

/** What a category is read as; null where nothing is held of it. */
type Read<T> = undefined extends T ? Exclude<T, undefined> | null : T;
type Values = { [C in DataCategory]: Read<ReturnType<(typeof VALUES)[C]>> };

const ageOf = ({ birthDate }: Holdings, on: Date) => (birthDate === undefined ? null : ageOn(birthDate, on));

/** The categories that each value is read for. Whether a card is there tells which expiry and which token are its. */
const READ_FOR: Record<HeldValue, CategoryMask> = {
  NAME: bitOf('NAME'),
  EMAIL: bitOf('EMAIL'),
  UNPROVEN_EMAIL: bitOf('EMAIL'),
  GENDER: bitOf('GENDER'),
  BIRTH_DATE: maskOf(withDerived('BIRTH_DATE')),
  POSTAL_ADDRESS: bitOf('POSTAL_ADDRESS'),
  CELL_PHONE: bitOf('CELL_PHONE'),
  BILLING_ADDRESS: bitOf('BILLING_ADDRESS'),
  PAYMENT_CARD: maskOf(['PAYMENT_CARD', 'CARD_EXPIRY', 'PROCESSOR_TOKEN']),
  CARD_EXPIRY: bitOf('CARD_EXPIRY'),
  PROCESSOR_TOKEN: bitOf('PROCESSOR_TOKEN'),
  PHOTOS: bitOf('PHOTOS'),
  ACTIVITY: bitOf('ACTIVITY'),
  ACCOUNT: bitOf('ACCOUNT'),
};

/** The values that none of these categories is read from. */
export const valuesBeyond = (categories: CategoryMask): ReadonlySet<HeldValue> =>
  new Set((Object.keys(READ_FOR) as HeldValue[]).filter((value) => (READ_FOR[value] & categories) === NO_CATEGORIES));

/** The categories that can't be read without the person's key. */
export const SEALED_CATEGORIES: CategoryMask = EVERY_CATEGORY & ~maskOf(['AVATAR_NAME']);

/**
 * One person as one caller may see them: the source object of the schema's `User`.
 * What is held stays private to it, so a field that nobody guards still can't show what the policy denies.
 */
export class Subject {
  /** The id by which this caller knows the person. */
  readonly id: string;
  readonly access: Access;
  readonly decision: Decision;
  readonly #held: Holdings;
  readonly #look: Look;
  #shown: CategoryMask = NO_CATEGORIES;

  constructor(document: PersonDocument, id: string, access: Access, decision: Decision, means: Means) {
    this.id = id;
    this.access = access;
    this.decision = decision;
    this.#held = new Holdings(document, means);
    this.#look = lookOf(access);
  }

  get sid(): SubjectId {
    return this.#held.document._id;
  }

  /** The number of the last entry in the person's ledger when their document was read. */
  get position(): number {
    return this.#held.document.ledger.head.n;
  }

  /** What decisions were made from; no personal values. */
  get facts(): Facts {
    return this.#held.document.facts;
  }

  /** Whether this caller may write to the person: to an address that the person has proven, and the caller may see. */
  get isMailable(): boolean {
    return reveals(this.decision, 'EMAIL') && this.#held.document.mailbox?.proven === true;
  }

  /** The categories read so far: what goes on record before the response leaves. */
  get shown(): CategoryMask {
    return this.#shown;
  }

  /**
   * The value of one category, put on record as shown; null where nothing is held.
   *
   * @throws {ApiError} FORBIDDEN where the decision does not reveal it
   */
  reveal<C extends DataCategory>(category: C): Values[C] {
    this.#show(category);
    return (VALUES[category](this.#held, this.#look) ?? null) as Values[C];
  }

  /**
   * What one order is billed with, put on record as shown; null where nothing is held, and to a processor also where
   * the order is another's.
   *
   * @throws {ApiError} FORBIDDEN where the decision does not reveal the category
   */
  revealOf<C extends BillingCategory>(order: Order, category: C): BillingValues[C] | null {
    this.#show(category);
    const isAnothers = this.#look.partner !== null && this.#look.partner !== order.processor;
    return isAnothers || !isUnsettled(order) ? null : (this.#held.billedFor(order.id, category) ?? null);
  }

  #show(category: DataCategory): void {
    if (!reveals(this.decision, category)) throw forbiddenCategory(category, this.access.reasonFor(category));
    this.#shown |= bitOf(category);
  }
}
