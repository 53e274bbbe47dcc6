import {
  type Answer,
  answerTo,
  type Caller,
  type Category,
  type PARTNER_KINDS,
  type Purpose,
  type Reason,
} from '../decisions/oracle.ts';
import type { Asker } from './roster.ts';
import { CRAWLED_PARTNERS } from './roster.ts';
import type { Resident, Stage } from './stage.ts';

/** The expectation for a place of an answer. */
export type Expected =
  /** Any value, without canaries other than those of the visible people in it. */
  | { readonly is: 'ANYTHING' }
  /** The same, and it is there. */
  | { readonly is: 'SOMETHING' }
  /** A list of all visible people, or a page of it. */
  | { readonly is: 'LIST'; readonly most: number | null }
  | { readonly is: 'VALUE'; readonly value: unknown }
  | { readonly is: 'PERSON'; readonly resident: Resident }
  | { readonly is: 'DENIED'; readonly category: Category; readonly reason: Reason }
  /** One error for the operation, without data. */
  | { readonly is: 'REFUSED'; readonly reasons: readonly Reason[] | 'ANY' }
  /** Nothing, with or without an error about an argument. */
  | { readonly is: 'WITHHELD' }
  /** An error about an argument. */
  | { readonly is: 'FAULTY' }
  /** It may be done or turned down; the answer is judged either way. */
  | { readonly is: 'TRIED' };

type Args = Readonly<Record<string, unknown>>;

const NOBODY: Expected = { is: 'VALUE', value: null };
const ANYTHING: Expected = { is: 'ANYTHING' };
const SOMETHING: Expected = { is: 'SOMETHING' };
const TRIED: Expected = { is: 'TRIED' };
const NOT_PERMITTED: Expected = { is: 'REFUSED', reasons: ['NOT_PERMITTED'] };
const REFUSED: Expected = { is: 'REFUSED', reasons: 'ANY' };

/** The reason why a caller could see nothing of anyone. */
export function refusalOf(stage: Stage, asker: Asker): Reason | null {
  const somebody = stage.living().find(({ id }) => id !== asker.resident?.()?.id);
  const answer = somebody && stage.answer(asker, somebody);
  return answer?.outcome === 'REFUSED' ? answer.reason : null;
}

const find = (stage: Stage, asker: Asker, resident: Resident | null, sees: (answer: Answer) => boolean): Expected => {
  const answer = resident && stage.answer(asker, resident);
  return resident && answer?.outcome === 'FOUND' && sees(answer) ? { is: 'PERSON', resident } : NOBODY;
};

const reveals = (answer: Answer | null, category: Category) =>
  answer?.outcome === 'FOUND' && answer.of[category] === 'REVEALED';

/** The outcome that the gateway must state for another caller. */
function outcomeFor({ person }: Resident, stage: Stage, recipient: string, purpose: unknown, category: Category) {
  const record = CRAWLED_PARTNERS.find(({ partner: { clientId } }) => clientId === recipient)?.partner;
  const self: Caller = { kind: 'MEMBER', person };
  const caller: Caller | null = record
    ? { kind: 'PARTNER', partner: record, purpose: purpose as Purpose, scope: [category] }
    : recipient === 'SELF'
      ? self
      : recipient === 'VISITOR'
        ? { kind: 'VISITOR' }
        : null;
  if (!caller || record?.status === 'SUSPENDED' || (record && purpose == null)) return null;
  return reveals(answerTo({ caller, person, now: stage.clock.now(), versions: stage.versions }), category)
    ? 'REVEAL'
    : 'DENY';
}

type Rule = (args: Args, asker: Asker, stage: Stage) => Expected;

const unlessRefused =
  (rule: Rule): Rule =>
  (args, asker, stage) => {
    const reason = refusalOf(stage, asker);
    return reason ? { is: 'REFUSED', reasons: [reason] } : rule(args, asker, stage);
  };

const isPrivacyStaff = (asker: Asker, stage: Stage) => {
  const caller = asker.caller();
  return caller.kind === 'STAFF' && caller.role === 'privacy' && refusalOf(stage, asker) === null;
};

const isLegalStaff = (asker: Asker, stage: Stage) => {
  const caller = asker.caller();
  return caller.kind === 'STAFF' && caller.role === 'legal' && refusalOf(stage, asker) === null;
};

const isSupportStaff = (asker: Asker, stage: Stage) => {
  const caller = asker.caller();
  return caller.kind === 'STAFF' && caller.role === 'support' && refusalOf(stage, asker) === null;
};

const selfOf = ({ resident }: Asker) => resident?.() ?? null;
const isPartner = (asker: Asker) => asker.caller().kind === 'PARTNER';

const QUERIES: Readonly<Record<string, Rule>> = {
  me: (_args, asker) => {
    const resident = selfOf(asker);
    return resident ? { is: 'PERSON', resident } : NOBODY;
  },
  user: unlessRefused(({ id, avatarName }, asker, stage) => {
    if ((id == null) === (avatarName == null)) return { is: 'FAULTY' };
    if (id != null) return find(stage, asker, stage.findFor(asker, String(id)), () => true);
    const folded = String(avatarName).toLowerCase();
    const named = stage.living().find(({ shown }) => shown.avatarName.toLowerCase() === folded) ?? null;
    return find(stage, asker, named, (answer) => reveals(answer, 'AVATAR_NAME'));
  }),
  node: unlessRefused(({ id }, asker, stage) =>
    String(id).includes(':') ? SOMETHING : find(stage, asker, stage.findFor(asker, String(id)), () => true),
  ),
  users: unlessRefused(({ first, after }, asker) => {
    const { kind } = asker.caller();
    if (kind !== 'PARTNER' && kind !== 'STAFF') return NOT_PERMITTED;
    return { is: 'LIST', most: after == null ? Number(first ?? 20) : null };
  }),
  explain: ({ subject, category, recipient, purpose }, asker, stage) => {
    const resident = stage.findFor(asker, String(subject));
    const owed = asker.caller().kind === 'MEMBER' || isPrivacyStaff(asker, stage);
    if (!owed || !resident || !reveals(stage.answer(asker, resident), 'ACCOUNT')) return NOBODY;
    const outcome = outcomeFor(resident, stage, String(recipient), purpose, category as Category);
    return outcome ? { is: 'VALUE', value: { outcome, category } } : SOMETHING;
  },
  previewPreferences: (_args, asker) => (selfOf(asker) ? SOMETHING : NOT_PERMITTED),
  privacyCaseQueue: (_args, asker, stage) => (isPrivacyStaff(asker, stage) ? SOMETHING : REFUSED),
  privacyCases: (_args, asker, stage) => (isPrivacyStaff(asker, stage) ? SOMETHING : REFUSED),
  erasureNotices: (_args, asker) => (isPartner(asker) ? SOMETHING : NOT_PERMITTED),
  overdueErasures: (_args, asker, stage) => (isPrivacyStaff(asker, stage) ? SOMETHING : REFUSED),
  partnerEvents: (_args, asker) => (isPartner(asker) ? SOMETHING : NOT_PERMITTED),
  webhook: (_args, asker) => (isPartner(asker) ? ANYTHING : NOT_PERMITTED),
  webhookDeliveries: (_args, asker) => (isPartner(asker) ? ANYTHING : NOT_PERMITTED),
  mailingHeaders: ({ user, list }, asker, stage) => {
    const caller = asker.caller();
    if (caller.kind !== 'PARTNER') return NOT_PERMITTED;
    const reason = refusalOf(stage, asker) ?? (list === caller.purpose ? null : 'WRONG_PURPOSE');
    if (reason) return { is: 'REFUSED', reasons: [reason] };
    const resident = stage.findFor(asker, String(user));
    const mayWrite = find(stage, asker, resident, (answer) => reveals(answer, 'EMAIL')).is === 'PERSON';
    return mayWrite && resident?.shown.emailProven ? TRIED : { is: 'WITHHELD' };
  },
  threadFollowers: (_args, asker, stage) => {
    const caller = asker.caller();
    if (caller.kind !== 'PARTNER') return NOT_PERMITTED;
    const reason = refusalOf(stage, asker) ?? (caller.purpose === 'blog-notification' ? null : 'WRONG_PURPOSE');
    return reason ? { is: 'REFUSED', reasons: [reason] } : ANYTHING;
  },
  device: (_args, asker) => (asker.claims() ? NOT_PERMITTED : ANYTHING),
  notices: () => SOMETHING,
  policies: () => SOMETHING,
  policy: () => SOMETHING,
  statistics: () => SOMETHING,
  viewer: () => SOMETHING,
  waitingOfferCompletions: (_args, asker, stage) => (isSupportStaff(asker, stage) ? SOMETHING : REFUSED),
};

const forSelf: Rule = (_args, asker) => (selfOf(asker) ? TRIED : REFUSED);
/** Use of the site, closed to an account that is not active. */
const forActive: Rule = (_args, asker) => (selfOf(asker)?.person.facts.status === 'ACTIVE' ? TRIED : REFUSED);
const forLegal: Rule = (_args, asker, stage) => (isLegalStaff(asker, stage) ? TRIED : REFUSED);
const forPrivacy: Rule = (_args, asker, stage) => (isPrivacyStaff(asker, stage) ? TRIED : REFUSED);
const forSupport: Rule = (_args, asker, stage) => (isSupportStaff(asker, stage) ? TRIED : REFUSED);
const forPartner: Rule = (_args, asker) => (isPartner(asker) ? TRIED : REFUSED);
const forKind =
  (kind: (typeof PARTNER_KINDS)[number]): Rule =>
  (_args, asker) => {
    const caller = asker.caller();
    return caller.kind === 'PARTNER' && caller.partner.kind === kind ? TRIED : REFUSED;
  };
const withoutToken: Rule = (_args, asker) => (asker.claims() ? REFUSED : TRIED);
const forAnybody: Rule = () => TRIED;

const MUTATIONS: Readonly<Record<string, Rule>> = {
  acceptOfferCompletion: forSupport,
  acceptPolicy: forSelf,
  acknowledgeErasure: forPartner,
  acknowledgePartnerEvents: forPartner,
  addPhoto: forActive,
  announceSuccession: forLegal,
  cancelOrder: forSelf,
  closePrivacyCase: forPrivacy,
  confirmChildFinding: forPrivacy,
  connectSocial: forActive,
  correctPersonalData: forSelf,
  createDevice: withoutToken,
  deletePersonalData: forSelf,
  disconnectSocial: forSelf,
  endLegalProcess: forLegal,
  enterRelationship: forActive,
  eraseAccount: forSelf,
  eraseDevice: withoutToken,
  giveConsent: forSelf,
  joinCreatorNotification: forActive,
  leaveCreatorNotification: forSelf,
  leaveRelationship: forSelf,
  openGuardianCase: forAnybody,
  openLegalProcess: forLegal,
  openPrivacyCase: forSelf,
  placeOrder: forActive,
  postActivity: forActive,
  proveEmail: forAnybody,
  recordAdInteraction: forActive,
  recordChildFinding: forPrivacy,
  recordMachine: withoutToken,
  recordVisit: withoutToken,
  redeliver: forPartner,
  refuseOfferCompletion: forSupport,
  refusePolicy: forSelf,
  register: (_args, asker) => (asker.caller().kind === 'MEMBER' ? TRIED : REFUSED),
  reinstatePartner: forLegal,
  removePhotos: forSelf,
  removePosts: forSelf,
  removeWebhook: forPartner,
  reportActivity: forLegal,
  reportDisconnect: forKind('SOCIAL'),
  reportOrder: forPartner,
  requestEmailProof: forSelf,
  requestErasure: forSelf,
  requestExport: forSelf,
  rotateWebhookSecret: forPartner,
  sealChild: forPrivacy,
  setAutoPost: forSelf,
  setContract: forLegal,
  setPartnerKeys: forLegal,
  setWebhook: forPartner,
  submitOfferCompletion: forKind('OFFER_WALL'),
  submitPost: forActive,
  subscribeToThread: forAnybody,
  forgetAddress: forAnybody,
  suspendPartner: forLegal,
  unsealAccount: forPrivacy,
  unsubscribeFromThread: forSelf,
  updateDevice: withoutToken,
  updatePreferences: forSelf,
  upsertPartner: forLegal,
  verifyGuardianCase: forPrivacy,
  verifySubscription: forAnybody,
  withdrawConsent: forSelf,
};

export const OPERATIONS = { query: QUERIES, mutation: MUTATIONS } as const;

/** The expected answer to a caller's question, by the decisions. */
export function expectedOf(
  operation: 'query' | 'mutation',
  field: string,
  args: Args,
  asker: Asker,
  stage: Stage,
): Expected {
  const rule = OPERATIONS[operation][field];
  if (!rule) throw new Error(`The ${operation} ${field} has no rule of expectation.`);
  return rule(args, asker, stage);
}
