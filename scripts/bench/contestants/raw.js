import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { consentsOf } from '../../../dist/features/consents/operations.js';
import { createPersonLedger } from '../../../dist/ledger/chain/person-chain.js';
import { createDisclosureView } from '../../../dist/ledger/disclosure/disclosure.js';
import { bitOf, idsOf, maskOf } from '../../../dist/policy/vocabulary.js';
import { createPersonKeys } from '../../../dist/store/keys.js';
import { findActs } from '../../../dist/subject/acts.js';
import { ageBandOf, ageOn, firstOfMonth } from '../../../dist/subject/age.js';
import { openItem } from '../../../dist/subject/content.js';
import { createVault } from '../../../dist/subject/vault.js';
import { createConsents } from './peer/consents.js';
import { listening, openPeer } from './peer/foundation.js';
import { createRecorder } from './peer/record.js';
import { denial, denialOf } from './peer/rules.js';
import { opener } from './peer/values.js';

// The limit: no GraphQL, no schema; a function for each operation that reads the documents and writes the JSON.

const peer = await openPeer();
const { store, viewpointOf } = peer;
const db = store.connection.getClient().db(store.connection.name);
const people = db.collection('people');
const partners = db.collection('partners');
const keys = createPersonKeys(store, peer.keyEncryptionKey);
const ledger = createPersonLedger(store);
const shares = createDisclosureView(store);
const act = createConsents(peer);
const record = createRecorder(peer);

const SHOWN_TO_PRIVACY_STAFF = maskOf(['NAME', 'ACCOUNT']);

const vaultsOf = async (documents) => {
  const found = await keys.find(documents.map(({ _id }) => _id));
  return documents.map(({ _id }) => createVault(_id, found.get(_id)));
};
const addressOf = (address) => {
  if (address === null) return null;
  const { street = null, city = null, postalCode = null, country = null } = address;
  return { street, city, postalCode, country };
};
const photosOf = (photos) => (photos ?? []).map(({ id, url = null, caption = null }) => ({ id, url, caption }));
const partnersNamed = async (ids) => {
  const wanted = [...new Set(ids)];
  const found = wanted.length === 0 ? [] : await partners.find({ _id: { $in: wanted } }, store.read).toArray();
  const names = new Map(found.map(({ _id, name }) => [_id, { clientId: _id, name }]));
  return (id) => names.get(id) ?? null;
};
const preferencesOf = ({ preferences, standingOptOut }) => ({
  ...Object.fromEntries(idsOf(peer.table.vocabulary.preferences).map((name) => [name, preferences[name]])),
  gpcOptOut: standingOptOut,
});
const consentOf = ({ purpose, action, at, inForce }) => ({ purpose, action, at, inForce });
const shareOf =
  (partnerOf) =>
  ({ recipient, purpose, categories, at }) => ({
    recipient: { name: partnerOf(recipient).name },
    purpose,
    categories,
    at,
  });

const pageOf = async (caller, { first, after }) => {
  const { pseudonyms, cursors, query, hint } = viewpointOf(caller);
  const position = after == null ? null : cursors.open(after);
  const filter = position === null ? query : { $and: [query, { _id: { $gt: position } }] };
  const found = await people
    .find(filter, {
      ...store.read,
      sort: { _id: 1 },
      limit: first + 1,
      ...(hint && { hint }),
    })
    .toArray();
  const documents = found.slice(0, first);
  return {
    documents,
    hasNextPage: found.length > first,
    idOf: ({ _id, publicId }) => (pseudonyms ? pseudonyms.of(_id) : publicId),
  };
};

const personal = (open, now) => {
  const birthDate = open('BIRTH_DATE');
  const age = birthDate === null ? null : ageOn(birthDate, now);
  return { birthDate, age, ageBand: age === null ? null : ageBandOf(age) };
};

const OPERATIONS = {
  async A(caller) {
    const { person } = caller;
    const [vault] = await vaultsOf([person]);
    const open = opener(person, vault);
    return {
      data: {
        me: {
          id: person.publicId,
          avatarName: person.avatarName,
          name: open('NAME'),
          email: open('EMAIL'),
          gender: open('GENDER'),
          country: open('ACCOUNT')?.country ?? null,
        },
      },
    };
  },

  async B(caller, _variables, now) {
    const { person } = caller;
    const { facts } = person;
    const [[vault], posts, transactions, filled, [acts], shown] = await Promise.all([
      vaultsOf([person]),
      ...['posts', 'transactions', 'filled_orders'].map((name) =>
        db
          .collection(name)
          .find({ sid: person._id }, { ...store.read, sort: { at: -1, _id: 1 }, limit: 100 })
          .toArray(),
      ),
      findActs(ledger, [person], { types: ['CONSENT', 'ACCEPTANCE'] }),
      shares.find([person._id], { limitPerPerson: 10, now }),
    ]);
    const disclosed = shown.get(person._id) ?? [];
    const partnerOf = await partnersNamed([
      ...disclosed.map(({ recipient }) => recipient),
      ...facts.relationships.map(({ partner }) => partner),
      ...facts.socialLinks.map(({ partner }) => partner),
    ]);
    const open = opener(person, vault);
    const card = open('PAYMENT_CARD');
    return {
      data: {
        me: {
          id: person.publicId,
          avatarName: person.avatarName,
          name: open('NAME'),
          email: open('EMAIL'),
          gender: open('GENDER'),
          ...personal(open, now),
          postalAddress: addressOf(open('POSTAL_ADDRESS')),
          cellPhone: open('CELL_PHONE'),
          billingAddress: addressOf(open('BILLING_ADDRESS')),
          paymentCard: card && { brand: card.brand, lastFour: card.lastFour, expiry: open('CARD_EXPIRY') },
          photos: photosOf(open('PHOTOS')),
          posts: posts.map((item) => {
            const { id, forum, text, at } = openItem(vault, 'posts', item);
            return { id, forum, text, at };
          }),
          recentActivity: (open('ACTIVITY') ?? []).map(({ id, kind, text, at }) => ({ id, kind, text, at })),
          transactions: transactions.map((item) => {
            const { id, kind, good, price, profit, at } = openItem(vault, 'transactions', item);
            return { id, kind, good, price, profit, at };
          }),
          country: open('ACCOUNT')?.country ?? null,
          status: facts.status,
          preferences: preferencesOf(facts),
          consents: consentsOf(acts, facts, { table: peer.table, now: new Date() }).slice(0, 10).map(consentOf),
          policyAcceptances: acts
            .filter(({ type }) => type === 'ACCEPTANCE')
            .map(({ version, mode, at }) => ({ version, mode, at })),
          thirdPartyShares: disclosed.map(shareOf(partnerOf)),
          orders: [...facts.orders, ...filled.map((item) => openItem(vault, 'filled_orders', item))].map(
            ({ id, status }) => ({ id, status }),
          ),
          subscriptions: facts.subscriptions.map(({ thread, verified }) => ({ thread, verified })),
          relationships: facts.relationships.map(({ active, partner }) => ({ active, partner: partnerOf(partner) })),
          socialLinks: facts.socialLinks.map(({ autoPost, partner }) => ({ autoPost, partner: partnerOf(partner) })),
          privacyCases: facts.privacyCases.map(({ id, status }) => ({ id, status })),
        },
      },
    };
  },

  async C(caller, variables, now) {
    const { documents, hasNextPage, idOf } = await pageOf(caller, variables);
    const vaults = await vaultsOf(documents);
    const ageDay = firstOfMonth(now);
    const errors = [];
    const shown = [];
    const edges = documents.map((document, index) => {
      const open = opener(document, vaults[index]);
      const { _id } = document;
      let mask = 0n;
      const told = (category, field, read) => {
        const reason = denial(caller, document, category, now);
        if (reason === null) {
          mask |= bitOf(category);
          return read();
        }
        errors.push({ ...denialOf(category, reason), path: ['users', 'edges', index, 'node', field] });
        return null;
      };
      let born;
      const age = () => (born ??= personal(open, ageDay));
      const node = {
        id: idOf(document),
        avatarName: told('AVATAR_NAME', 'avatarName', () => document.avatarName),
        name: told('NAME', 'name', () => open('NAME')),
        email: told('EMAIL', 'email', () => open('EMAIL')),
        gender: told('GENDER', 'gender', () => open('GENDER')),
        birthDate: told('BIRTH_DATE', 'birthDate', () => age().birthDate),
        age: told('AGE', 'age', () => age().age),
        ageBand: told('AGE_BAND', 'ageBand', () => age().ageBand),
        postalAddress: told('POSTAL_ADDRESS', 'postalAddress', () => addressOf(open('POSTAL_ADDRESS'))),
        cellPhone: told('CELL_PHONE', 'cellPhone', () => open('CELL_PHONE')),
        billingAddress: told('BILLING_ADDRESS', 'billingAddress', () => addressOf(open('BILLING_ADDRESS'))),
        paymentCard: told('PAYMENT_CARD', 'paymentCard', () => {
          const { brand, lastFour } = open('PAYMENT_CARD');
          return { brand, lastFour };
        }),
        photos: told('PHOTOS', 'photos', () => photosOf(open('PHOTOS'))),
      };
      shown.push({ _id, shown: mask });
      return { node };
    });
    await record(caller, shown, now, randomUUID());
    return { data: { users: { edges, pageInfo: { hasNextPage } } }, ...(errors.length > 0 && { errors }) };
  },

  async D(caller, variables, now) {
    const { documents, hasNextPage, idOf } = await pageOf(caller, variables);
    const [vaults, acts, disclosures] = await Promise.all([
      vaultsOf(documents),
      findActs(ledger, documents, { types: ['CONSENT', 'ACCEPTANCE'] }),
      shares.find(
        documents.map(({ _id }) => _id),
        { limitPerPerson: 10, now },
      ),
    ]);
    const partnerOf = await partnersNamed([...disclosures.values()].flat().map(({ recipient }) => recipient));
    const edges = documents.map((document, index) => ({
      node: {
        id: idOf(document),
        name: opener(document, vaults[index])('NAME'),
        preferences: preferencesOf(document.facts),
        consents: consentsOf(acts[index], document.facts, { table: peer.table, now: new Date() })
          .slice(0, 10)
          .map(consentOf),
        thirdPartyShares: (disclosures.get(document._id) ?? []).map(shareOf(partnerOf)),
      },
    }));
    await record(
      caller,
      documents.map(({ _id }) => ({ _id, shown: SHOWN_TO_PRIVACY_STAFF })),
      now,
      randomUUID(),
    );
    return { data: { users: { edges, pageInfo: { hasNextPage } } } };
  },

  async W(caller, { purpose }) {
    const { consent } = await act(caller.person, purpose, 'WITHDRAWN');
    return { data: { withdrawConsent: { consent } } };
  },

  async G(caller, { purpose }) {
    const { consent } = await act(caller.person, purpose, 'GIVEN');
    return { data: { giveConsent: { consent } } };
  },
};

const bodyOf = async (request) => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return JSON.parse(text);
};

createServer(async (request, response) => {
  try {
    const { operationName, variables = {} } = await bodyOf(request);
    const caller = await peer.authenticate(request.headers.authorization);
    const answer = JSON.stringify(await OPERATIONS[operationName](caller, variables, new Date()));
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(answer);
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
}).listen(peer.port, '127.0.0.1', () => listening(peer.port));
