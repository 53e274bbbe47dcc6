import DataLoader from 'dataloader';
import { consentsOf } from '../../../../dist/features/consents/operations.js';
import { createShareLoader } from '../../../../dist/features/shares/operations.js';
import { createPersonLedger } from '../../../../dist/ledger/chain/person-chain.js';
import { createDisclosureView } from '../../../../dist/ledger/disclosure/disclosure.js';
import { bitOf } from '../../../../dist/policy/vocabulary.js';
import { createPersonKeys } from '../../../../dist/store/keys.js';
import { findActs } from '../../../../dist/subject/acts.js';
import { ageBandOf, ageOn, firstOfMonth } from '../../../../dist/subject/age.js';
import { createContentLoaders, createContentReads } from '../../../../dist/subject/content.js';
import { createVault } from '../../../../dist/subject/vault.js';
import { opener } from './values.js';

const NO_DEADLINE = { before: (work) => work };

/** A person as a resolver's source: the document, and its values where they are asked for. */
class Person {
  shown = 0n;

  constructor(document, id, vault, ageDay) {
    this.document = document;
    this.id = id;
    this.vault = vault;
    this.ageDay = ageDay;
  }

  get _id() {
    return this.document._id;
  }

  get facts() {
    return this.document.facts;
  }

  open(category) {
    return opener(this.document, this.vault)(category);
  }

  show(category, value) {
    this.shown |= bitOf(category);
    return value;
  }

  value(category) {
    return this.show(category, this.open(category));
  }

  get age() {
    const birthDate = this.open('BIRTH_DATE');
    return birthDate === null ? null : ageOn(birthDate, this.ageDay);
  }

  get ageBand() {
    return this.age === null ? null : ageBandOf(this.age);
  }
}

/** The data access of one process: the source of each request's loaders. */
export function createPeers({ store, people, partners, keyEncryptionKey, table, viewpointOf }) {
  const keys = createPersonKeys(store, keyEncryptionKey);
  const ledger = createPersonLedger(store);
  const shares = createDisclosureView(store);

  /** The loaders that the resolvers of one request share. */
  return (caller, now = new Date()) => {
    const { pseudonyms, cursors, filter } = viewpointOf(caller);
    const found = [];
    const ageDay = caller.kind === 'MEMBER' ? now : firstOfMonth(now);
    const personsOf = async (documents) => {
      const opened = await keys.find(documents.map(({ _id }) => _id));
      const persons = documents.map((document) => {
        const id = pseudonyms ? pseudonyms.of(document._id) : document.publicId;
        return new Person(document, id, createVault(document._id, opened.get(document._id)), ageDay);
      });
      found.push(...persons);
      return persons;
    };
    const acts = new DataLoader((documents) => findActs(ledger, documents, { types: ['CONSENT', 'ACCEPTANCE'] }));
    const shareLoader = createShareLoader(shares, now, NO_DEADLINE);
    return {
      caller,
      now,
      found,
      me: async () => (await personsOf([caller.person]))[0],
      person: async (document) => (await personsOf([document]))[0],
      page: async (first, after) => {
        const position = after == null ? null : cursors.open(after);
        const documents = await people.findPage(filter, { after: position, limit: first + 1 });
        const persons = await personsOf(documents.slice(0, first));
        return {
          edges: persons.map((node) => ({ node, cursor: cursors.of(node._id) })),
          pageInfo: { hasNextPage: documents.length > first },
        };
      },
      content: createContentLoaders(createContentReads(store), NO_DEADLINE),
      partners: new DataLoader(async (ids) => {
        const known = new Map((await partners.findAll(ids)).map((partner) => [partner._id, partner]));
        return ids.map((id) => known.get(id) ?? null);
      }),
      consents: async ({ document }) =>
        consentsOf(await acts.load(document), document.facts, { table, now: new Date() }),
      acceptances: async ({ document }) => (await acts.load(document)).filter(({ type }) => type === 'ACCEPTANCE'),
      shares: ({ _id }, first) => shareLoader.load({ sid: _id, first, before: null }),
    };
  };
}
