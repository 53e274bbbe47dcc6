import { unavailable } from '../base/errors.ts';
import {
  type Billing,
  type BillingCategory,
  type BillingValues,
  billingOf,
  newestGiven,
  openBilled,
} from './billing.ts';
import { openLeft, openPrevious, type Times } from './expiry.ts';
import type { Correction, PersonDocument } from './model.ts';
import { newestOrderWith } from './orders.ts';
import type { PersonalValues } from './values.ts';
import type { Vault } from './vault.ts';

/** The key and the times for reading a person's document. */
export interface Means {
  /** Null where nothing that is sealed is to be read. */
  readonly vault: Vault | null;
  /** The paths of values that were left in the database. */
  readonly unread: ReadonlySet<string>;
}

/** A person's document with the means to read it, one value at a time. A value after its time counts as not held. */
export class Holdings {
  readonly document: PersonDocument;
  readonly #vault: Vault | null;
  readonly #unread: Means['unread'];
  readonly #times: Times;
  /** Several categories may be read from one value. */
  readonly #opened = new Map<string, unknown>();

  /** @param document  as reads see it */
  constructor(document: PersonDocument, { vault, unread }: Means, times: Times) {
    this.document = document;
    this.#vault = vault;
    this.#unread = unread;
    this.#times = times;
  }

  /** @throws {ApiError} UNAVAILABLE where the person's key was not to be had */
  get vault(): Vault {
    if (!this.#vault) throw unavailable('the key of a person');
    return this.#vault;
  }

  /**
   * Asked only where nothing was found: a value that is there was read.
   *
   * @throws {Error} where the path was left in the database: nobody may take it for something that is not held
   */
  #requireRead(path: string): void {
    if (this.#unread.has(path)) throw new Error(`${path} is to be shown, but was not to be read.`);
  }

  /** @throws {Error} where it was left in the database */
  read<Place extends string>(place: Place): PersonalValues[Place] | undefined {
    if (this.#opened.has(place)) return this.#opened.get(place) as PersonalValues[Place];
    const value = openLeft(this.#times, this.vault, this.document, place);
    if (value === undefined) this.#requireRead(`values.${place}`);
    this.#opened.set(place, value);
    return value;
  }

  /** The value before a correction. */
  previous(correction: Correction): unknown {
    return openPrevious(this.#times, this.vault, correction);
  }

  #open<C extends BillingCategory>(billing: Billing | undefined, category: C): BillingValues[C] | undefined {
    const value = billing && openBilled(this.vault, billing, category);
    if (value === undefined) this.#requireRead(`billings.values.${category}`);
    return value;
  }

  get #billings(): readonly Billing[] {
    return this.document.billings ?? [];
  }

  /** The billing data of the newest unsettled order with this processor. */
  billedBy<C extends BillingCategory>(processor: string, category: C): BillingValues[C] | undefined {
    const order = newestOrderWith(this.document.facts, processor);
    return order && this.billedFor(order.id, category);
  }

  /** The billing data of one order. */
  billedFor<C extends BillingCategory>(order: string, category: C): BillingValues[C] | undefined {
    return this.#open(billingOf(this.#billings, order, category), category);
  }

  newestGiven<C extends BillingCategory>(category: C): BillingValues[C] | undefined {
    return this.#open(newestGiven(this.#billings, category), category);
  }
}
