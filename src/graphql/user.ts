import { badInput } from '../base/errors.ts';
import { classified, PART_OF_VALUE } from '../enforcement/classification.ts';
import { consentsOf } from '../features/consents/operations.ts';
import { consentsRequestedOf } from '../features/consents/requests.ts';
import { isAcceptance } from '../features/policy-versions/operations.ts';
import { toldCases } from '../features/privacy-cases/cases.ts';
import { serves } from '../policy/serves.ts';
import type { PersonDocument } from '../subject/model.ts';
import { ordersOf } from '../subject/orders.ts';
import { Subject } from '../subject/subject.ts';
import { countOf } from './arguments.ts';
import type { SchemaPart } from './refs.ts';

const DENIABLE = 'Null with `FORBIDDEN` where the policy denies it.';

const LIST_LIMITS = { fallback: 100, most: 100 } as const;

/** A list of the person's record; one that is missing is empty. */
const listIn = <Item>(list: unknown): readonly Item[] => (Array.isArray(list) ? list : []);

/** The person, and the values that the person's fields hold. */
export function defineUser({ builder, refs, vocabulary }: SchemaPart): void {
  builder.objectType(refs.User, {
    description:
      'A data subject: a person whose data is held here. A field that the policy denies to the caller is null, with ' +
      'one `FORBIDDEN` error at its path; a person of whom the caller may see nothing is not found at all.',
    interfaces: [refs.Node],
    isTypeOf: (value) => value instanceof Subject,
    fields: (t) => {
      const account = <Value>(read: (person: PersonDocument) => Value) => ({
        nullable: true as const,
        extensions: classified('ACCOUNT'),
        resolve: (subject: Subject) => read(subject.reveal('ACCOUNT').person),
      });
      const count = () => ({
        first: t.arg.int({ description: `How many of the newest are wanted, up to ${LIST_LIMITS.most}.` }),
      });
      return {
        id: t.exposeID('id', {
          description:
            'The id that `user(id)` and `node(id)` take from this caller; a partner’s differs from all others.',
        }),
        avatarName: t.string({
          nullable: true,
          description: `The public pseudonym. ${DENIABLE}`,
          extensions: classified('AVATAR_NAME'),
          resolve: (subject) => subject.reveal('AVATAR_NAME'),
        }),
        name: t.string({
          nullable: true,
          description: `The legal name. ${DENIABLE}`,
          extensions: classified('NAME'),
          resolve: (subject) => subject.reveal('NAME'),
        }),
        email: t.field({
          type: 'EmailAddress',
          nullable: true,
          description:
            'Where the person receives mail. Null, without an error, while the person has not proven the address, but ' +
            `for the person and for privacy and legal staff. ${DENIABLE}`,
          extensions: classified('EMAIL'),
          resolve: (subject) => subject.reveal('EMAIL'),
        }),
        emailProven: t.boolean({
          description:
            'Whether the person has proven the address: a link was mailed there and followed. Null where no address is ' +
            `held. ${DENIABLE}`,
          ...account(({ mailbox }) => mailbox?.proven),
        }),
        gender: t.string({
          nullable: true,
          description: `The gender, in the words of the person. ${DENIABLE}`,
          extensions: classified('GENDER'),
          resolve: (subject) => subject.reveal('GENDER'),
        }),
        birthDate: t.field({
          type: 'Date',
          nullable: true,
          description: `The date of birth. ${DENIABLE}`,
          extensions: classified('BIRTH_DATE'),
          resolve: (subject) => subject.reveal('BIRTH_DATE'),
        }),
        age: t.int({
          nullable: true,
          description: `The age in whole years; to anyone but the person as of the first of this month (UTC). ${DENIABLE}`,
          extensions: classified('AGE'),
          resolve: (subject) => subject.reveal('AGE'),
        }),
        ageBand: t.field({
          type: vocabulary.AgeBand,
          nullable: true,
          description: `The range that the age falls into; null for a child below all of them. ${DENIABLE}`,
          extensions: classified('AGE_BAND'),
          resolve: (subject) => subject.reveal('AGE_BAND'),
        }),
        postalAddress: t.field({
          type: refs.Address,
          nullable: true,
          description: `The postal address. ${DENIABLE}`,
          extensions: classified('POSTAL_ADDRESS'),
          resolve: (subject) => subject.reveal('POSTAL_ADDRESS'),
        }),
        cellPhone: t.string({
          nullable: true,
          description: `The number of the cell phone. ${DENIABLE}`,
          extensions: classified('CELL_PHONE'),
          resolve: (subject) => subject.reveal('CELL_PHONE'),
        }),
        billingAddress: t.field({
          type: refs.Address,
          nullable: true,
          description:
            'The address that bills go to: to a payment processor that of its newest order which is not settled, and ' +
            `null without one; to everybody else the one that was given last. ${DENIABLE}`,
          extensions: classified('BILLING_ADDRESS'),
          resolve: (subject) => subject.reveal('BILLING_ADDRESS'),
        }),
        paymentCard: t.field({
          type: refs.PaymentCard,
          nullable: true,
          description:
            'The payment card; its number is not held here. To a payment processor it is the card of its newest order ' +
            `which is not settled, and null without one; to everybody else the one that was given last. ${DENIABLE}`,
          extensions: classified('PAYMENT_CARD'),
          resolve: (subject) => {
            const card = subject.reveal('PAYMENT_CARD');
            return card && { subject, order: null, ...card };
          },
        }),
        photos: t.field({
          type: [refs.Photo],
          nullable: true,
          description: `Uploaded photos. ${DENIABLE}`,
          extensions: classified('PHOTOS'),
          resolve: (subject) => subject.reveal('PHOTOS'),
        }),
        posts: t.field({
          type: [refs.Post],
          nullable: true,
          description: `What the person wrote in chat rooms, blogs and boards, newest first. ${DENIABLE}`,
          extensions: classified('POSTS'),
          args: count(),
          resolve: async (subject, { first }, { content }) => {
            const limit = countOf('first', first, LIST_LIMITS.fallback, LIST_LIMITS.most);
            return content.posts(subject.reveal('POSTS'), limit);
          },
        }),
        recentActivity: t.field({
          type: [refs.Activity],
          nullable: true,
          description: `What the person lately did. ${DENIABLE}`,
          extensions: classified('ACTIVITY'),
          resolve: (subject) => subject.reveal('ACTIVITY'),
        }),
        transactions: t.field({
          type: [refs.Transaction],
          nullable: true,
          description: `Goods created, sold and bought, newest first. ${DENIABLE}`,
          extensions: classified('TRANSACTIONS'),
          args: count(),
          resolve: async (subject, { first }, { content }) => {
            const limit = countOf('first', first, LIST_LIMITS.fallback, LIST_LIMITS.most);
            return content.transactions(subject.reveal('TRANSACTIONS'), limit);
          },
        }),
        country: t.field({
          type: 'CountryCode',
          description: `The country of the account. ${DENIABLE}`,
          nullable: true,
          extensions: classified('ACCOUNT'),
          resolve: (subject) => subject.reveal('ACCOUNT').country(),
        }),
        status: t.field({
          type: vocabulary.Status,
          description: `Whether the account may be used. ${DENIABLE}`,
          ...account(({ facts }) => facts.status as 'ACTIVE' | 'SEALED' | 'REFUSED'),
        }),
        preferences: t.field({
          type: refs.Preferences,
          description: `The switches that the person holds. ${DENIABLE}`,
          ...account(({ facts }) => facts),
        }),
        consents: t.field({
          type: [refs.Consent],
          nullable: true,
          description: `Every consent that the person gave or withdrew, newest first. ${DENIABLE}`,
          extensions: classified('ACCOUNT'),
          args: count(),
          resolve: async (subject, { first }, { acts }) => {
            const { person } = subject.reveal('ACCOUNT');
            const limit = countOf('first', first, LIST_LIMITS.fallback, LIST_LIMITS.most);
            return consentsOf(await acts.load(person), person.facts, limit);
          },
        }),
        requestedConsents: t.field({
          type: [refs.ConsentRequest],
          nullable: true,
          description:
            'Consents that the person is asked for because of where they reside, until they give or decline them or ' +
            `move away. ${DENIABLE}`,
          extensions: classified('ACCOUNT'),
          resolve: (subject, _args, { services }) =>
            consentsRequestedOf(services.table, subject.reveal('ACCOUNT').person.facts),
        }),
        policyAcceptances: t.field({
          type: [refs.PolicyAcceptance],
          nullable: true,
          description: `Which versions of the policy the person accepted, and how, newest first. ${DENIABLE}`,
          extensions: classified('ACCOUNT'),
          resolve: async (subject, _args, { acts }) => {
            const { person } = subject.reveal('ACCOUNT');
            return (await acts.load(person)).filter(isAcceptance);
          },
        }),
        deemedAcceptance: t.field({
          type: refs.PolicyAcceptance,
          nullable: true,
          description:
            'The acceptance of the policy that the person’s last use of the site counted as, so that a client can tell ' +
            `them. Null once they have accepted that version by saying so. ${DENIABLE}`,
          extensions: { ...classified('ACCOUNT'), ...serves('updates.acceptance') },
          resolve: async (subject, _args, { acts }) => {
            const { person } = subject.reveal('ACCOUNT');
            const latest = (await acts.load(person)).find(isAcceptance);
            return latest?.mode === 'DEEMED' ? latest : null;
          },
        }),
        thirdPartyShares: t.field({
          type: [refs.ThirdPartyShare],
          nullable: true,
          description: `What third parties were shown of the person, newest first. ${DENIABLE}`,
          extensions: classified('ACCOUNT'),
          args: { ...count(), before: t.arg.string({ description: 'The `cursor` of a share: only older ones.' }) },
          resolve: async (subject, { first, before }, { shares, shareCursors }) => {
            const { person } = subject.reveal('ACCOUNT');
            const limit = countOf('first', first, LIST_LIMITS.fallback, LIST_LIMITS.most);
            const position = before == null ? null : shareCursors.open(person._id, before);
            if (before != null && position === null) throw badInput('before', 'the cursor of a share of this person');
            return shares.load({ sid: person._id, first: limit, before: position });
          },
        }),
        orders: t.field({
          type: [refs.Order],
          nullable: true,
          description:
            'What the person ordered: what is not settled first, as it was placed, then what is filled or cancelled, ' +
            `the newest first. ${DENIABLE}`,
          extensions: classified('ACCOUNT'),
          args: count(),
          resolve: async (subject, { first }, { content }) => {
            const { person, home } = subject.reveal('ACCOUNT');
            const limit = countOf('first', first, LIST_LIMITS.fallback, LIST_LIMITS.most);
            const unsettled = ordersOf(person.facts).slice(0, limit);
            const settled = await content.settledOrders(home(), limit - unsettled.length);
            // one that was just being settled when a gateway ended stands in both places
            const others = settled.filter(({ id }) => !unsettled.some((order) => order.id === id));
            return [...unsettled, ...others].map((order) => ({ subject, ...order }));
          },
        }),
        subscriptions: t.field({
          type: [refs.Subscription],
          description: `Blog threads that the person subscribed to. ${DENIABLE}`,
          ...account(({ facts }) => listIn<{ thread?: string; verified: boolean }>(facts.subscriptions)),
        }),
        relationships: t.field({
          type: [refs.Relationship],
          description: `Co-branded relationships that the person entered. ${DENIABLE}`,
          ...account(({ facts }) => listIn<{ partner: string; active: boolean }>(facts.relationships)),
        }),
        socialLinks: t.field({
          type: [refs.SocialLink],
          description: `Social accounts that the person linked. ${DENIABLE}`,
          ...account(({ facts }) => listIn<{ partner: string; autoPost: boolean }>(facts.socialLinks)),
        }),
        deletionDueAt: t.field({
          type: 'DateTime',
          description:
            'When all that is held of the person is deleted: the account was sealed as a child’s, and can be opened ' +
            `again until then. Null where nothing is to be deleted. ${DENIABLE}`,
          ...account(({ deletionDueAt }) => deletionDueAt),
        }),
        privacyCases: t.field({
          type: [refs.PrivacyCase],
          description:
            'Cases that the person opened with the privacy officer, and those of verified guardians. Of the closed ' +
            `ones, the latest. ${DENIABLE}`,
          ...account(({ facts }) => toldCases(facts)),
        }),
        corrections: t.field({
          type: [refs.Correction],
          nullable: true,
          description: `Corrections of the person's data, newest first. ${DENIABLE}`,
          extensions: classified('ACCOUNT'),
          resolve: (subject) => {
            const { corrections = [] } = subject.reveal('ACCOUNT').person;
            return corrections.map((correction) => ({ subject, ...correction }));
          },
        }),
        partnerId: t.id({
          nullable: true,
          description:
            'The id by which a partner knows this person, for the person’s own client to hand over. ' +
            `It means nothing to any other partner. ${DENIABLE}`,
          extensions: classified('ACCOUNT'),
          args: { clientId: t.arg.id({ required: true, description: 'The client id of the partner.' }) },
          resolve: async (subject, { clientId }, { partners, services }) => {
            const { person } = subject.reveal('ACCOUNT');
            const partner = await partners.load(clientId);
            return partner && services.pseudonymsOf(clientId).of(person._id);
          },
        }),
      };
    },
  });
  defineValues({ builder, refs, vocabulary });
}

function defineValues({ builder, refs, vocabulary }: SchemaPart): void {
  builder.objectType(refs.Address, {
    description: 'An address.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      street: t.exposeString('street', { nullable: true, description: 'Street and number.' }),
      city: t.exposeString('city', { nullable: true, description: 'Town or city.' }),
      postalCode: t.exposeString('postalCode', { nullable: true, description: 'Postal code.' }),
      country: t.expose('country', { type: 'CountryCode', nullable: true, description: 'Country.' }),
    }),
  });
  builder.objectType(refs.PaymentCard, {
    description: 'A payment card, as much of it as is held. Its number is not.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      brand: t.exposeString('brand', { nullable: true, description: 'The brand, e.g. `VISA`.' }),
      lastFour: t.exposeString('lastFour', { nullable: true, description: 'The last four digits.' }),
      expiry: t.string({
        nullable: true,
        description: `The month it expires, \`2027-09\`. ${DENIABLE}`,
        extensions: classified('CARD_EXPIRY'),
        resolve: ({ subject, order }) =>
          order ? subject.revealOf(order, 'CARD_EXPIRY') : subject.reveal('CARD_EXPIRY'),
      }),
      processorToken: t.string({
        nullable: true,
        description: `The payment processor's token, for that processor alone. ${DENIABLE}`,
        extensions: classified('PROCESSOR_TOKEN'),
        resolve: ({ subject, order }) =>
          order ? subject.revealOf(order, 'PROCESSOR_TOKEN') : subject.reveal('PROCESSOR_TOKEN'),
      }),
    }),
  });
  builder.objectType(refs.Photo, {
    description: 'An uploaded photo.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the photos of its owner.' }),
      url: t.expose('url', { type: 'URL', nullable: true, description: 'Where the image is.' }),
      caption: t.exposeString('caption', { nullable: true, description: 'What its owner wrote under it.' }),
    }),
  });
  builder.objectType(refs.Post, {
    description: 'Something written where other people read it.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the posts of its writer.' }),
      forum: t.exposeString('forum', { nullable: true, description: 'The room, blog or board.' }),
      text: t.exposeString('text', { nullable: true, description: 'What was written.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was written.' }),
    }),
  });
  builder.objectType(refs.Activity, {
    description: 'Something that a person did lately.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the activities of the person.' }),
      kind: t.exposeString('kind', { nullable: true, description: 'What kind of thing it is, in a word.' }),
      text: t.exposeString('text', { nullable: true, description: 'What was done.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was done.' }),
    }),
  });
  builder.objectType(refs.Transaction, {
    description: 'A virtual good that changed hands.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the transactions of the person.' }),
      kind: t.field({
        type: builder.enumType('TransactionKind', {
          description: 'What the person did with the good.',
          values: {
            CREATED: { description: 'Made it.' },
            SOLD: { description: 'Sold it.' },
            BOUGHT: { description: 'Bought it.' },
          },
        }),
        nullable: true,
        description: 'What the person did with it.',
        resolve: ({ kind }) => kind,
      }),
      good: t.exposeString('good', { nullable: true, description: 'The good.' }),
      price: t.exposeFloat('price', { nullable: true, description: 'Its price, in the site’s currency.' }),
      profit: t.exposeFloat('profit', {
        nullable: true,
        description: 'What the person earned, in the site’s currency.',
      }),
      at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    }),
  });
  builder.objectType(refs.Correction, {
    description: 'A correction of the person’s data.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the corrections of the person.' }),
      category: t.field({
        type: vocabulary.DataCategory,
        description: 'What was corrected.',
        resolve: ({ category }) => category,
      }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was corrected.' }),
      previousValue: t.string({
        nullable: true,
        description: `What it was before, as JSON. ${DENIABLE}`,
        extensions: classified('CORRECTED_VALUE'),
        resolve: ({ subject, id, previousValue }) =>
          JSON.stringify(subject.reveal('CORRECTED_VALUE').open(`CORRECTED_VALUE/${id}`, previousValue)),
      }),
    }),
  });
}
