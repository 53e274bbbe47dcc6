import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { createAdvertisingOperations } from '../features/advertising/operations.ts';
import { createBlogOperations } from '../features/blog/operations.ts';
import { createFindings } from '../features/children/findings.ts';
import { createChildOperations } from '../features/children/operations.ts';
import { createConsentOperations } from '../features/consents/operations.ts';
import { createConsentRequests } from '../features/consents/requests.ts';
import { createCorrections } from '../features/corrections/operations.ts';
import { createDevices } from '../features/devices/operations.ts';
import { createConfirmations } from '../features/erasure/confirmations.ts';
import { createDeletion } from '../features/erasure/deletion.ts';
import { createErasure } from '../features/erasure/erasure.ts';
import { createErasureNotices } from '../features/erasure/notices.ts';
import { createShownTo } from '../features/erasure/shown-to.ts';
import { createExport } from '../features/export/export.ts';
import { createIdempotency } from '../features/idempotency/idempotency.ts';
import { createLegalOperations } from '../features/legal/operations.ts';
import { createLinks } from '../features/mail/links.ts';
import { createOutgoingMail } from '../features/mail/outgoing.ts';
import { createProofs } from '../features/mailboxes/operations.ts';
import { createSuppressions } from '../features/newsletters/suppressions.ts';
import { createOfferOperations } from '../features/offers/operations.ts';
import { createOrderOperations } from '../features/orders/operations.ts';
import { createCounterparts } from '../features/partners/counterparts.ts';
import { createPartnerOperations } from '../features/partners/operations.ts';
import { createPartners } from '../features/partners/partners.ts';
import { createPhotoOperations } from '../features/photos/operations.ts';
import { createPolicyOperations } from '../features/policy-versions/operations.ts';
import { createPostOperations } from '../features/posts/operations.ts';
import { createPreferenceOperations } from '../features/preferences/operations.ts';
import { createPrivacyCaseOperations } from '../features/privacy-cases/operations.ts';
import { createQueue } from '../features/privacy-cases/queue.ts';
import { createChildReports } from '../features/privacy-cases/reports.ts';
import { createCaseTexts } from '../features/privacy-cases/texts.ts';
import { createProgramOperations } from '../features/programs/operations.ts';
import { createRegistration } from '../features/registration/operations.ts';
import { createRelationshipOperations } from '../features/relationships/operations.ts';
import { createSocialOperations } from '../features/social/operations.ts';
import { createStatistics } from '../features/statistics/operations.ts';
import { createSuccessionOperations } from '../features/succession/operations.ts';
import { createAuditBook, createStaffActs } from '../ledger/book/audit.ts';
import {
  createDisclosureBook,
  createDisclosureFollower,
  createDisclosureView,
} from '../ledger/disclosure/disclosure.ts';
import { createPersonLedger } from '../ledger/person-chain.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { createAllowances } from '../store/allowances.ts';
import { createBlindIndex } from '../store/derive.ts';
import { eachAlone } from '../store/each-alone.ts';
import { createPersonKeys } from '../store/keys.ts';
import type { Store } from '../store/mongo/connection.ts';
import { createChanges } from '../subject/change.ts';
import { partnerPseudonyms } from '../subject/identifiers.ts';
import { createMailboxes } from '../subject/mailboxes.ts';
import { createNameClaims } from '../subject/name-claims.ts';
import { createPersonOpener } from '../subject/open-person.ts';
import { createPeople } from '../subject/people.ts';
import { createPublicIds } from '../subject/public-ids.ts';
import { createTombstones } from '../subject/tombstones.ts';
import { createVaultFinder } from '../subject/vault.ts';

export interface ServiceOptions {
  readonly store: Store;
  readonly table: DecisionTable;
  readonly clock: Clock;
  readonly log: Log;
  /** The key that wraps the key of every person. */
  readonly keyEncryptionKey: Buffer;
  /** Shared by every gateway on the same database; every other secret is derived from it. */
  readonly sharedSecret: Buffer;
  /** Told each time that a person's chain turns out to be broken. */
  readonly onBreak?: () => void;
}

/** What the resolvers of every request share: the operations of each domain, over one store. */
export type Services = ReturnType<typeof createServices>;

export function createServices(options: ServiceOptions) {
  const { store, table, clock, log, keyEncryptionKey, sharedSecret, onBreak } = options;
  const keys = createPersonKeys(store, keyEncryptionKey);
  const ledger = createPersonLedger(store);
  const changes = createChanges({ store, ledger, clock, log, ...(onBreak && { onBreak }) });
  const vaultOf = createVaultFinder(keys);
  const links = createLinks(sharedSecret);
  const blindIndex = createBlindIndex(sharedSecret);
  const allowances = createAllowances(store, blindIndex, clock);
  const publicIds = createPublicIds(store, blindIndex);
  const people = createPeople(store, publicIds);
  const nameClaims = createNameClaims(store, blindIndex);
  const mailboxes = createMailboxes(store, blindIndex);
  const openPerson = createPersonOpener(people, vaultOf);
  const tombstones = createTombstones(store, blindIndex);
  const mail = createOutgoingMail(store, sharedSecret, keys, allowances);
  const consentRequests = createConsentRequests({ clock, mail, table });
  const suppressions = createSuppressions(store, blindIndex, table);
  const proofs = createProofs({ changes, clock, links, mail, mailboxes, openPerson, suppressions });
  const pseudonymsOf = partnerPseudonyms(sharedSecret);
  const confirmations = createConfirmations(sharedSecret);
  const partners = createPartners(store);
  const notices = createErasureNotices({
    ...{ store, ledger, changes, blindIndex, pseudonymsOf },
    findShownTo: createShownTo(partners, table, clock),
  });
  const disclosures = createDisclosureFollower({ ...store, log, follow: notices.followUp });
  const counterparts = createCounterparts(partners, table.current);
  const social = createSocialOperations({ store, changes, ledger, counterparts, vaultOf, policy: table.current });
  const books = {
    disclosures: createDisclosureBook({ ...store, clock, log, follower: disclosures }),
    audit: createAuditBook({ ...store, clock, log }),
  };
  const recordAct = createStaffActs(books.audit, clock);
  const reports = createChildReports(store, sharedSecret);
  const caseTexts = createCaseTexts(store, keys, blindIndex);
  const acting = { changes, people, vaultOf, recordAct, policy: table.current, clock };
  return {
    store,
    table,
    clock,
    ledger,
    changes,
    blindIndex,
    allowances,
    idempotency: createIdempotency(store, blindIndex, clock),
    books,
    people,
    publicIds,
    keys,
    vaultOf,
    nameClaims,
    mailboxes,
    tombstones,
    mail,
    proofs,
    suppressions,
    consentRequests,
    partners,
    preferences: createPreferenceOperations(changes, ledger),
    consents: createConsentOperations(changes, ledger, clock),
    policies: createPolicyOperations(changes, ledger, table),
    photos: createPhotoOperations(changes, vaultOf, ledger),
    privacyCases: createPrivacyCaseOperations({
      ...{ ...acting, store, reports, texts: caseTexts, allowances, mail },
    }),
    privacyCaseQueue: createQueue(store, reports, caseTexts),
    statistics: createStatistics({ store, keys, allowances, policy: table.current, clock }),
    devices: createDevices(store, clock),
    counterparts,
    orders: createOrderOperations(store, changes, vaultOf, clock),
    programs: createProgramOperations(changes, vaultOf, notices, consentRequests),
    links,
    blog: createBlogOperations({
      ...{ store, changes, links, mail, mailboxes, openPerson, blindIndex, sharedSecret, clock },
    }),
    posts: createPostOperations(store, vaultOf, changes),
    partnerRecords: createPartnerOperations(store, partners, counterparts, table),
    advertising: createAdvertisingOperations(changes, counterparts),
    relationships: createRelationshipOperations(changes, counterparts),
    social,
    offers: createOfferOperations({
      ...{ store, mailboxes, people, vaultOf, keys, blindIndex, sharedSecret, clock, log },
      recordAct,
    }),
    legal: createLegalOperations({ store, people, changes, books, clock }),
    successions: createSuccessionOperations({ store, partners, table, clock }),
    registration: createRegistration({
      ...{ changes, clock, keys, mailboxes, nameClaims, people, proofs, publicIds, social, table, tombstones },
    }),
    corrections: createCorrections({
      ...{ changes, clock, consentRequests, mailboxes, nameClaims, proofs, suppressions, table, vaultOf },
    }),
    deletion: createDeletion({ store, changes, consentRequests, notices, table, vaultOf }),
    erasure: createErasure({
      ...{ store, changes, clock, confirmations, keys, mailboxes, nameClaims, notices, publicIds },
      ...{ suppressions, tombstones },
    }),
    erasureNotices: notices,
    disclosures,
    /** Puts every notice in place that is due by now, whichever gateway was kept from it. */
    completeNotices: () => eachAlone([notices.notifyLeftovers, disclosures.catchUp], (complete) => complete()),
    children: createChildOperations(acting),
    findings: createFindings({ ...acting, reports }),
    exportOf: createExport({
      ...{ store, table, ledger },
      disclosures: createDisclosureView(store),
      caseTexts,
    }),
    pseudonymsOf,
  };
}
