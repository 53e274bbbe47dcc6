import { forbiddenCategory } from '../base/errors.ts';
import { type Access, type Decision, reveals } from '../policy/decide.ts';
import type { Facts } from '../policy/facts.ts';
import { isUnsettled } from '../policy/known-facts.ts';
import {
  bitOf,
  type CategoryMask,
  type CategoryRole,
  categoryWith,
  type DataCategory,
  NO_CATEGORIES,
  staffAudience,
} from '../policy/vocabulary.ts';
import { firstOfMonth } from './age.ts';
import type { BillingCategory, BillingValues } from './billing.ts';
import { asRead, timesFor } from './expiry.ts';
import { Holdings, type Means } from './holdings.ts';
import type { SubjectId } from './identifiers.ts';
import type { PersonDocument } from './model.ts';
import type { Order } from './orders.ts';
import { type Look, readerOf, type Values } from './readers.ts';

/** Only the person, and staff entrusted with it, see an address that nobody has proven. */
const seesUnproven = ({ audience: { name }, vocabulary }: Access) =>
  name === 'SELF' ||
  vocabulary.staff.some(({ id, may }) => may.includes('seeUnprovenAddresses') && staffAudience(id) === name);

/** By access: a page of people is looked at in one way. */
const looks = new WeakMap<Access, Look>();

function lookOf(access: Access): Look {
  const known = looks.get(access);
  if (known) return known;
  const look = {
    unproven: seesUnproven(access),
    // Everybody but the person is shown the age as of the first of the month, so that polling does not find the
    // birthday.
    ageDay: access.audience.name === 'SELF' ? access.now : firstOfMonth(access.now),
    partner: access.audience.recipient?.clientId ?? null,
    processor: access.processor,
    read: readerOf(access.vocabulary),
  };
  looks.set(access, look);
  return look;
}

/**
 * One person as one caller may see them: the source object of the schema's `User`. The held data stays private to it,
 * so a field without a guard still can't show data that the policy denies.
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
    const times = timesFor(access, decision, document);
    this.#held = new Holdings(asRead(times, document), means, times);
    this.#look = lookOf(access);
  }

  get sid(): SubjectId {
    return this.#held.document._id;
  }

  /** The number of the last entry in the person's ledger when their document was read. */
  get position(): number {
    return this.#held.document.ledger.head.n;
  }

  /** The facts behind the decisions; no personal values. */
  get facts(): Facts {
    return this.#held.document.facts;
  }

  /** Whether this caller may write to the person: to an address that the person has proven, and the caller may see. */
  get isMailable(): boolean {
    return this.mayShow('mailbox') && this.#held.document.mailbox?.proven === true;
  }

  /** Whether the decision reveals the category with this role. */
  mayShow(role: CategoryRole): boolean {
    const category = categoryWith(this.access.vocabulary, role);
    return category !== undefined && reveals(this.decision, category.id);
  }

  /** The categories read so far: they go on record before the response leaves. */
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
    return (this.#look.read(category, this.#held, this.#look) ?? null) as Values[C];
  }

  /**
   * The billing data of one order, put on record as shown; null where nothing is held, and to a processor also where
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
