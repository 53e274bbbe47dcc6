import type { StandingConsent } from '../features/consents/operations.ts';
import type { ConsentRequest } from '../features/consents/requests.ts';
import type { PartnerDocument } from '../features/partners/partners.ts';
import type { PolicyAcceptance } from '../features/policy-versions/operations.ts';
import type { PrivacyCase } from '../features/privacy-cases/cases.ts';
import type { Disclosure } from '../ledger/disclosure/disclosure.ts';
import type { PersonEntry } from '../ledger/person-chain.ts';
import type { Clause, Policy, Purpose } from '../policy/clause.ts';
import type { Facts } from '../policy/facts.ts';
import type { Post, Transaction } from '../subject/content.ts';
import type { Correction } from '../subject/model.ts';
import type { Order } from '../subject/orders.ts';
import type { Subject } from '../subject/subject.ts';
import type { SocialLink } from '../subject/ties.ts';
import type { Activity, Address, Photo } from '../subject/values.ts';
import type { Builder } from './builder.ts';
import type { Vocabulary } from './policy-enums.ts';

/** A part of a person's data that has classified fields of its own, and so remembers whose it is. */
export interface PaymentCardPart {
  readonly subject: Subject;
  /** The order that it bills; null for the card of the person. */
  readonly order: Order | null;
  readonly brand?: string;
  readonly lastFour?: string;
}

export interface OrderPart extends Order {
  readonly subject: Subject;
}

export interface CorrectionPart extends Correction {
  readonly subject: Subject;
}

/** Where a page of a list stands. */
export interface PageStanding {
  readonly hasNextPage: boolean;
  /** Null for an empty page. */
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/** A part of a policy, such as a clause, with the version that it stands in. */
export type PartOfPolicy<Part> = Part & { readonly version: string };

/** Every type that another one's fields speak of, before it has fields of its own. */
export const createRefs = (builder: Builder) => ({
  Node: builder.interfaceRef<object>('Node'),
  PageInfo: builder.objectRef<PageStanding>('PageInfo'),
  User: builder.objectRef<Subject>('User'),
  Address: builder.objectRef<Address>('Address'),
  AddressInput: builder.inputType('AddressInput', {
    description: 'An address, as a whole: it takes the place of the one that is held.',
    fields: (t) => ({
      street: t.string({ description: 'Street and number.' }),
      city: t.string({ description: 'Town or city.' }),
      postalCode: t.string({ description: 'Postal code.' }),
      country: t.field({ type: 'CountryCode', description: 'Country.' }),
    }),
  }),
  PaymentCard: builder.objectRef<PaymentCardPart>('PaymentCard'),
  Photo: builder.objectRef<Photo>('Photo'),
  Post: builder.objectRef<Post>('Post'),
  Activity: builder.objectRef<Activity>('Activity'),
  Transaction: builder.objectRef<Transaction>('Transaction'),
  Order: builder.objectRef<OrderPart>('Order'),
  Preferences: builder.objectRef<Facts>('Preferences'),
  Consent: builder.objectRef<StandingConsent>('Consent'),
  ConsentRequest: builder.objectRef<ConsentRequest>('ConsentRequest'),
  LedgerEntry: builder.objectRef<PersonEntry>('LedgerEntry'),
  ThirdPartyShare: builder.objectRef<Disclosure>('ThirdPartyShare'),
  Subscription: builder.objectRef<{ thread?: string; verified: boolean }>('BlogSubscription'),
  Relationship: builder.objectRef<{ partner: string; active: boolean }>('Relationship'),
  SocialLink: builder.objectRef<SocialLink>('SocialLink'),
  PolicyAcceptance: builder.objectRef<PolicyAcceptance>('PolicyAcceptance'),
  PrivacyCase: builder.objectRef<PrivacyCase>('PrivacyCase'),
  Correction: builder.objectRef<CorrectionPart>('Correction'),
  Partner: builder.objectRef<PartnerDocument>('Partner'),
  Policy: builder.objectRef<Policy>('Policy'),
  Clause: builder.objectRef<PartOfPolicy<Clause>>('Clause'),
  PolicyPurpose: builder.objectRef<PartOfPolicy<Purpose>>('PolicyPurpose'),
});

export type Refs = ReturnType<typeof createRefs>;

/** What a part of the schema is built with. */
export interface SchemaPart {
  readonly builder: Builder;
  readonly refs: Refs;
  readonly vocabulary: Vocabulary;
}
