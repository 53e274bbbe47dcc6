import { forbiddenCategory, unavailable } from '../errors.ts';
import { type Access, type Decision, reveals } from '../policy/decide.ts';
import type { Facts } from '../policy/facts.ts';
import {
  bitOf,
  type CategoryMask,
  type DataCategory,
  EVERY_CATEGORY,
  maskOf,
  NO_CATEGORIES,
  staffAudience,
} from '../policy/vocabulary.ts';
import { ageBandOf, ageOn, firstOfMonth } from './age.ts';
import type { SubjectId } from './identifiers.ts';
import type { PersonalValues, PersonDocument } from './model.ts';
import { openValue, type Vault } from './vault.ts';

/** What it takes to read a person's document. */
export interface Means {
  /** Null where nothing that is sealed is to be read. */
  readonly vault: Vault | null;
  /** The values that were left in the database. */
  readonly unread: ReadonlySet<keyof PersonalValues>;
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
  read<C extends keyof PersonalValues>(category: C): PersonalValues[C] | undefined {
    if (this.#unread.has(category)) throw new Error(`${category} is to be shown, but was not to be read.`);
    return openValue(this.vault, this.document.values, category);
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
}

/** To everybody else an address that nobody has proven is none. */
const SEE_UNPROVEN: ReadonlySet<string> = new Set(['SELF', staffAudience('privacy'), staffAudience('legal')]);

const lookOf = ({ audience: { name, recipient }, now }: Access): Look => ({
  unproven: SEE_UNPROVEN.has(name),
  // To anyone but the person an age is as of the first of the month, so that polling does not find the birthday.
  ageDay: name === 'SELF' ? now : firstOfMonth(now),
  partner: recipient?.clientId ?? null,
});

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
  BILLING_ADDRESS: (held) => held.read('BILLING_ADDRESS'),
  PAYMENT_CARD: (held) => held.read('PAYMENT_CARD'),
  CARD_EXPIRY: (held) => held.read('CARD_EXPIRY'),
  // A token is for its own processor, whoever else has an order to settle.
  PROCESSOR_TOKEN: (held, { partner }) =>
    held
      .read('PROCESSOR_TOKEN')
      ?.find(({ processor }) => partner === null || processor === null || processor === partner)?.token,
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

/** The categories that each value is read for. */
const READ_FOR: Record<keyof PersonalValues, CategoryMask> = {
  NAME: bitOf('NAME'),
  EMAIL: bitOf('EMAIL'),
  UNPROVEN_EMAIL: bitOf('EMAIL'),
  GENDER: bitOf('GENDER'),
  BIRTH_DATE: maskOf(['BIRTH_DATE', 'AGE', 'AGE_BAND']),
  POSTAL_ADDRESS: bitOf('POSTAL_ADDRESS'),
  CELL_PHONE: bitOf('CELL_PHONE'),
  BILLING_ADDRESS: bitOf('BILLING_ADDRESS'),
  PAYMENT_CARD: bitOf('PAYMENT_CARD'),
  CARD_EXPIRY: bitOf('CARD_EXPIRY'),
  PROCESSOR_TOKEN: bitOf('PROCESSOR_TOKEN'),
  PHOTOS: bitOf('PHOTOS'),
  ACTIVITY: bitOf('ACTIVITY'),
  ACCOUNT: bitOf('ACCOUNT'),
};

/** The values that none of these categories is read from. */
export const valuesBeyond = (categories: CategoryMask): ReadonlySet<keyof PersonalValues> =>
  new Set(
    (Object.keys(READ_FOR) as (keyof PersonalValues)[]).filter(
      (value) => (READ_FOR[value] & categories) === NO_CATEGORIES,
    ),
  );

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
    if (!reveals(this.decision, category)) throw forbiddenCategory(category, this.access.reasonFor(category));
    this.#shown |= bitOf(category);
    return (VALUES[category](this.#held, this.#look) ?? null) as Values[C];
  }
}
