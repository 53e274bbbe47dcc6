import { groupBy } from '../../base/group-by.ts';
import type { PersonEntry, PersonLedger } from '../../ledger/chain/person-chain.ts';
import type { createDisclosureView } from '../../ledger/disclosure/disclosure.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { reveals } from '../../policy/decide.ts';
import { type DataCategory, idsOf } from '../../policy/vocabulary.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { CREDITS, createItems, POSTS, SETTLED_ORDERS, TRANSACTIONS } from '../../store/mongo/repositories/items.ts';
import { WAITING_CREDITS } from '../../store/mongo/repositories/waiting-credits.ts';
import { findActs, findSetAside } from '../../subject/acts.ts';
import { isBillingCategory } from '../../subject/billing.ts';
import { type Item, openItem, type WaitingCredit } from '../../subject/content.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Correction, PersonDocument } from '../../subject/model.ts';
import { ordersOf } from '../../subject/orders.ts';
import type { PersonTies } from '../../subject/person-ties.ts';
import { restrictionsOf } from '../../subject/restrictions.ts';
import type { Subject } from '../../subject/subject.ts';
import type { Vault } from '../../subject/vault.ts';
import { consentsOf } from '../consents/operations.ts';
import { toldCases } from '../privacy-cases/cases.ts';
import type { CaseTexts } from '../privacy-cases/texts.ts';
import { toldTie } from '../ties/told-tie.ts';
import { consentRecord } from './consent-records.ts';
import { CONTEXT, termsOf } from './dpv-terms.ts';
import { toldDisclosure, toldEntry } from './told-records.ts';

const EVERY = Number.MAX_SAFE_INTEGER;

interface Home {
  readonly sid: string;
  readonly vault: Vault;
}

/** Everything that is held of a person, in one JSON-LD document, as far as the policy lets them see it. */
export function createExport(services: {
  readonly store: Access;
  readonly table: DecisionTable;
  readonly ledger: PersonLedger;
  readonly disclosures: ReturnType<typeof createDisclosureView>;
  readonly caseTexts: Pick<CaseTexts, 'find'>;
  readonly personTies: Pick<PersonTies, 'findOf' | 'endOf'>;
}) {
  const { store, table, ledger, disclosures, caseTexts, personTies } = services;
  const termOf = termsOf(table.vocabulary);

  const itemsOf = async (name: string, { sid, vault }: Home): Promise<Item[]> => {
    const found = await createItems(store, name).findAll(sid);
    return found.map((item) => openItem(vault, name, item));
  };

  /** The ties of a person. The other person of a tie is left out: the tie is in the record of that person as well. */
  const tiesOf = async (sid: SubjectId) => {
    if (table.vocabulary.ties.length === 0) return {};
    const [ties = []] = await personTies.findOf([sid]);
    return { ties: ties.map((tie) => toldTie(tie, personTies.endOf(tie, sid))) };
  };

  const correctionsOf = (person: PersonDocument, previous: (correction: Correction) => unknown) =>
    (person.corrections ?? []).map((correction) => ({
      '@type': termOf(correction.category),
      category: correction.category,
      'dct:date': correction.at.toISOString(),
      previousValue: previous(correction),
    }));

  /**
   * The privacy record, without the parts that a legal process may keep from the person for a time: disclosures under
   * a process appear from the day it allows.
   */
  const accountOf = async (subject: Subject) => {
    const { person, country, home } = subject.reveal('ACCOUNT');
    const {
      orders: _orders,
      legalProcesses: _,
      bornOn: _bornOn,
      held: _held,
      restrictions: _r,
      ...facts
    } = person.facts;
    const unsettled = ordersOf(person.facts);
    const settled = await itemsOf(SETTLED_ORDERS, home());
    const credits = await itemsOf(CREDITS, home());
    const waiting = (await itemsOf(WAITING_CREDITS, home())) as WaitingCredit[];
    const { deletionDueAt, mailbox } = person;
    return {
      country: country(),
      ...(mailbox && { emailProven: mailbox.proven }),
      ...facts,
      privacyCases: toldCases(facts),
      ...(await tiesOf(person._id)),
      ...(table.asksRestrictions.length > 0 && { restrictions: restrictionsOf(person) }),
      ...(deletionDueAt && { deletionDueAt }),
      orders: [...unsettled, ...settled.filter(({ id }) => !unsettled.some((order) => order.id === id))],
      credits,
      // the name that was given elsewhere may be somebody else's
      waitingCredits: waiting.map(({ name: _name, ...credit }) => credit),
    };
  };

  const readCategory = async (subject: Subject, category: DataCategory): Promise<unknown> => {
    switch (category) {
      case 'POSTS':
        return itemsOf(POSTS, subject.reveal('POSTS'));
      case 'TRANSACTIONS':
        return itemsOf(TRANSACTIONS, subject.reveal('TRANSACTIONS'));
      case 'ACCOUNT':
        return accountOf(subject);
      case 'CORRECTED_VALUE':
        return correctionsOf(subject.reveal('ACCOUNT').person, subject.reveal('CORRECTED_VALUE'));
      default:
        return subject.reveal(category);
    }
  };

  /** The billing data of each unsettled order; the newest card and address stand by themselves. */
  const ofOrders = (subject: Subject, category: DataCategory) => {
    if (!isBillingCategory(category)) return {};
    const billed = ordersOf(subject.facts)
      .map((order) => ({ order: order.id, value: subject.revealOf(order, category) }))
      .filter(({ value }) => value !== null);
    return billed.length > 0 ? { ofOrders: billed } : {};
  };

  /** The person's own letters to the privacy officer; a guardian's letters are the guardian's. */
  const lettersOf = async (sid: SubjectId, entries: readonly PersonEntry[]) => {
    const own = entries.flatMap((entry) =>
      entry.type === 'PRIVACY_CASE' && entry.from === 'PERSON' ? entry.case : [],
    );
    const cases = [...new Set(own)].map((id) => ({ sid, id, from: 'SUBJECT' as const }));
    const texts = await caseTexts.find(cases);
    return cases.flatMap(({ id }, index) => {
      const message = texts[index]?.message;
      return message === undefined ? [] : [{ case: id, message }];
    });
  };

  return async (subject: Subject, now: Date): Promise<object> => {
    const policy = table.policies.get(String(subject.facts.acceptedVersion)) ?? table.current;
    const { person } = subject.reveal('ACCOUNT');
    const everything = idsOf(table.vocabulary.categories);
    const shown = everything.filter((category) => reveals(subject.decision, category));
    const values = await Promise.all(
      shown.map(async (category) => [category, await readCategory(subject, category)] as const),
    );
    const [entries = []] = await findActs(ledger, [person], {});
    const setAside = await findSetAside(ledger, person);
    const found = await disclosures.find([subject.sid], { limitPerPerson: EVERY, now });
    const consents = groupBy(consentsOf(entries, person.facts, { table, now }), ({ purpose, recipient = '' }) =>
      JSON.stringify([purpose, recipient]),
    );
    return {
      '@context': CONTEXT,
      '@id': `urn:assent:person:${subject.id}`,
      '@type': 'dpv:DataSubject',
      'dct:created': now.toISOString(),
      'dpv:hasDataController': policy.publisher,
      'dpv:hasNotice': `${policy.title}, ${policy.version}`,
      'dpv:hasLocation': policy.processedIn,
      'dpv:hasPersonalData': values
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([category, value]) => ({
          ...{ '@type': termOf(category), category, value },
          ...ofOrders(subject, category),
        })),
      notExported: everything
        .filter((category) => !shown.includes(category))
        .map((category) => ({
          '@type': termOf(category),
          category,
        })),
      consentRecords: [...consents.values()].map((acts) => consentRecord(policy, subject.id, acts)),
      letters: await lettersOf(subject.sid, entries),
      ledger: entries.map(toldEntry),
      ...(setAside.length > 0 && { setAside: setAside.map(toldEntry) }),
      disclosures: (found.get(subject.sid) ?? []).map((disclosure) => toldDisclosure(policy, disclosure)),
    };
  };
}
