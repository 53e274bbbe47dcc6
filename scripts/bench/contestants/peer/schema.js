import { GraphQLScalarType } from 'graphql';

/** The part of the schema that the operations ask for; each personal field names its data category. */
export const typeDefs = `
  directive @auth(category: String!) on FIELD_DEFINITION
  scalar DateTime
  scalar ConsentPurpose
  type Query {
    me: User
    users(first: Int!, after: String): UserConnection
  }
  type Mutation {
    giveConsent(purpose: ConsentPurpose!): ConsentPayload
    withdrawConsent(purpose: ConsentPurpose!): ConsentPayload
  }
  type ConsentPayload { user: User! consent: Consent! }
  type UserConnection { edges: [UserEdge!]! pageInfo: PageInfo! }
  type UserEdge { node: User! cursor: String! }
  type PageInfo { hasNextPage: Boolean! }
  type User {
    id: ID!
    avatarName: String @auth(category: "AVATAR_NAME")
    name: String @auth(category: "NAME")
    email: String @auth(category: "EMAIL")
    gender: String @auth(category: "GENDER")
    birthDate: String @auth(category: "BIRTH_DATE")
    age: Int @auth(category: "AGE")
    ageBand: String @auth(category: "AGE_BAND")
    postalAddress: Address @auth(category: "POSTAL_ADDRESS")
    cellPhone: String @auth(category: "CELL_PHONE")
    billingAddress: Address @auth(category: "BILLING_ADDRESS")
    paymentCard: PaymentCard @auth(category: "PAYMENT_CARD")
    photos: [Photo!] @auth(category: "PHOTOS")
    posts(first: Int): [Post!] @auth(category: "POSTS")
    recentActivity: [Activity!] @auth(category: "ACTIVITY")
    transactions(first: Int): [Transaction!] @auth(category: "TRANSACTIONS")
    country: String @auth(category: "ACCOUNT")
    status: String @auth(category: "ACCOUNT")
    preferences: Preferences @auth(category: "ACCOUNT")
    consents(first: Int): [Consent!] @auth(category: "ACCOUNT")
    policyAcceptances: [PolicyAcceptance!] @auth(category: "ACCOUNT")
    thirdPartyShares(first: Int): [ThirdPartyShare!] @auth(category: "ACCOUNT")
    orders(first: Int): [Order!] @auth(category: "ACCOUNT")
    subscriptions: [BlogSubscription!] @auth(category: "ACCOUNT")
    relationships: [Relationship!] @auth(category: "ACCOUNT")
    socialLinks: [SocialLink!] @auth(category: "ACCOUNT")
    privacyCases: [PrivacyCase!] @auth(category: "ACCOUNT")
  }
  type Address { street: String city: String postalCode: String country: String }
  type PaymentCard { brand: String lastFour: String expiry: String @auth(category: "CARD_EXPIRY") }
  type Photo { id: ID! url: String caption: String }
  type Post { id: ID! forum: String text: String at: DateTime! }
  type Activity { id: ID! kind: String text: String at: DateTime! }
  type Transaction { id: ID! kind: String good: String price: Float profit: Float at: DateTime! }
  type Preferences {
    imvuNewsletter: Boolean developerNewsletter: Boolean friendAdded: Boolean friendMessage: Boolean
    nonFriendMessage: Boolean creatorNotification: Boolean adTargeting: Boolean gpcOptOut: Boolean
  }
  type Consent { purpose: String! action: String! at: DateTime! inForce: Boolean! }
  type PolicyAcceptance { version: String! mode: String! at: DateTime! }
  type ThirdPartyShare { recipient: Partner purpose: String! categories: [String!]! at: DateTime! }
  type Order { id: ID! status: String! processor: Partner }
  type BlogSubscription { thread: ID verified: Boolean! }
  type Relationship { active: Boolean! partner: Partner }
  type SocialLink { autoPost: Boolean! partner: Partner }
  type PrivacyCase { id: ID! status: String! }
  type Partner { clientId: ID! name: String! }
`;

const DateTime = new GraphQLScalarType({
  name: 'DateTime',
  serialize: (value) => (value instanceof Date ? value.toISOString() : value),
});

const partnerOf =
  (field) =>
  (source, _args, { partners }) =>
    partners.load(source[field]);
const account = (read) => (person, args, context) => person.show('ACCOUNT', read(person, args, context));
const value = (category) => (person) => person.value(category);

/** @param act  does a consent; see `createConsents` */
export const createResolvers = (act) => ({
  DateTime,
  Query: {
    me: (_root, _args, { caller, me }) => (caller.kind === 'MEMBER' ? me() : null),
    users: (_root, { first, after }, { page }) => page(first, after),
  },
  Mutation: Object.fromEntries(
    [
      ['giveConsent', 'GIVEN'],
      ['withdrawConsent', 'WITHDRAWN'],
    ].map(([name, action]) => [
      name,
      async (_root, { purpose }, context) => {
        const { person, consent } = await act(context.caller.person, purpose, action);
        return { user: await context.person(person), consent };
      },
    ]),
  ),
  User: {
    avatarName: (person) => person.show('AVATAR_NAME', person.document.avatarName),
    name: value('NAME'),
    email: value('EMAIL'),
    gender: value('GENDER'),
    birthDate: value('BIRTH_DATE'),
    age: (person) => person.show('AGE', person.age),
    ageBand: (person) => person.show('AGE_BAND', person.ageBand),
    postalAddress: value('POSTAL_ADDRESS'),
    cellPhone: value('CELL_PHONE'),
    billingAddress: value('BILLING_ADDRESS'),
    paymentCard: (person) => {
      const card = person.value('PAYMENT_CARD');
      return card && { person, ...card };
    },
    photos: (person) => person.value('PHOTOS') ?? [],
    posts: (person, { first }, { content }) =>
      content.posts(person.show('POSTS', { sid: person._id, vault: person.vault }), first ?? 100),
    recentActivity: (person) => person.value('ACTIVITY') ?? [],
    transactions: (person, { first }, { content }) =>
      content.transactions(person.show('TRANSACTIONS', { sid: person._id, vault: person.vault }), first ?? 100),
    country: account((person) => person.open('ACCOUNT')?.country),
    status: account(({ facts }) => facts.status),
    preferences: account(({ facts }) => ({ ...facts.preferences, gpcOptOut: facts.standingOptOut })),
    consents: account(async (person, { first }, { consents }) => (await consents(person)).slice(0, first ?? 100)),
    policyAcceptances: account((person, _args, { acceptances }) => acceptances(person)),
    thirdPartyShares: account((person, { first }, { shares }) => shares(person, first ?? 100)),
    orders: account(async (person, { first }, { content }) => {
      const limit = first ?? 100;
      const unsettled = (person.facts.orders ?? []).slice(0, limit);
      const home = { sid: person._id, vault: person.vault };
      return [...unsettled, ...(await content.filledOrders(home, limit - unsettled.length))];
    }),
    subscriptions: account(({ facts }) => facts.subscriptions ?? []),
    relationships: account(({ facts }) => facts.relationships ?? []),
    socialLinks: account(({ facts }) => facts.socialLinks ?? []),
    privacyCases: account(({ facts }) => facts.privacyCases ?? []),
  },
  PaymentCard: { expiry: ({ person }) => person.value('CARD_EXPIRY') },
  ThirdPartyShare: { recipient: partnerOf('recipient') },
  Order: { processor: partnerOf('processor') },
  Relationship: { partner: partnerOf('partner') },
  SocialLink: { partner: partnerOf('partner') },
  Partner: { clientId: ({ _id }) => _id },
});
