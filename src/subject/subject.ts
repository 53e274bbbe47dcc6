import { forbiddenCategory } from '../errors.ts';
import { type Access, type Decision, reveals } from '../policy/decide.ts';
import type { Facts } from '../policy/facts.ts';
import { bitOf, type CategoryMask, type DataCategory, NO_CATEGORIES } from '../policy/vocabulary.ts';
import { ageBandOf, ageOn, firstOfMonth } from './age.ts';
import type { SubjectId } from './identifiers.ts';
import type { PersonDocument } from './model.ts';

/** How each category is read from what is held. Those whose data lies elsewhere yield the id to load it by. */
const VALUES = {
  AVATAR_NAME: ({ avatarName }) => avatarName,
  NAME: ({ values }) => values.NAME,
  EMAIL: ({ values }) => values.EMAIL,
  GENDER: ({ values }) => values.GENDER,
  BIRTH_DATE: ({ values }) => values.BIRTH_DATE,
  AGE: (document, on) => ageOf(document, on),
  AGE_BAND: (document, on) => {
    const age = ageOf(document, on);
    return age === null ? null : ageBandOf(age);
  },
  POSTAL_ADDRESS: ({ values }) => values.POSTAL_ADDRESS,
  CELL_PHONE: ({ values }) => values.CELL_PHONE,
  BILLING_ADDRESS: ({ values }) => values.BILLING_ADDRESS,
  PAYMENT_CARD: ({ values }) => values.PAYMENT_CARD,
  CARD_EXPIRY: ({ values }) => values.CARD_EXPIRY,
  PROCESSOR_TOKEN: ({ values }) => values.PROCESSOR_TOKEN,
  PHOTOS: ({ values }) => values.PHOTOS ?? [],
  POSTS: ({ _id }) => _id,
  ACTIVITY: ({ values }) => values.ACTIVITY ?? [],
  TRANSACTIONS: ({ _id }) => _id,
  ACCOUNT: (document) => document,
  CORRECTED_VALUE: ({ _id }) => _id,
} satisfies Record<DataCategory, (document: PersonDocument, ageDay: Date) => unknown>;

type Values = { [C in DataCategory]: Exclude<ReturnType<(typeof VALUES)[C]>, undefined> | null };

const ageOf = ({ values }: PersonDocument, on: Date) =>
  values.BIRTH_DATE === undefined ? null : ageOn(values.BIRTH_DATE, on);

/**
 * One person as one caller may see them: the source object of the schema's `User`.
 * What is held stays private to it, so a field that nobody guards still can't show what the policy denies.
 */
export class Subject {
  /** The id by which this caller knows the person. */
  readonly id: string;
  readonly access: Access;
  readonly decision: Decision;
  readonly #document: PersonDocument;
  #shown: CategoryMask = NO_CATEGORIES;

  constructor(document: PersonDocument, id: string, access: Access) {
    this.id = id;
    this.access = access;
    this.decision = access.decide(document.facts);
    this.#document = document;
  }

  get sid(): SubjectId {
    return this.#document._id;
  }

  /** What decisions were made from; no personal values. */
  get facts(): Facts {
    return this.#document.facts;
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
    // To anyone but the person an age is as of the first of the month, so that polling does not find the birthday.
    const ageDay = this.access.audience.name === 'SELF' ? this.access.now : firstOfMonth(this.access.now);
    return (VALUES[category](this.#document, ageDay) ?? null) as Values[C];
  }
}
