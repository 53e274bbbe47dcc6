import { loadPolicy } from '../../../../dist/policy/load.js';
import { REFERENCE_BUNDLE } from '../../../../dist/policy/reference.js';
import { isIn, maskOf } from '../../../../dist/policy/vocabulary.js';

// its categories have their bits once they are read
await loadPolicy(REFERENCE_BUNDLE);

// The part of the policy that the operations need, written by hand, as a team without a policy file would.

const SUCCESSOR = maskOf([
  ...['AVATAR_NAME', 'NAME', 'EMAIL', 'GENDER', 'BIRTH_DATE', 'AGE', 'AGE_BAND', 'POSTAL_ADDRESS', 'CELL_PHONE'],
  ...['BILLING_ADDRESS', 'PAYMENT_CARD', 'CARD_EXPIRY', 'PHOTOS', 'POSTS', 'ACTIVITY', 'TRANSACTIONS'],
]);
const PRIVACY = maskOf(['AVATAR_NAME', 'NAME', 'EMAIL', 'ACCOUNT']);
const NOTICE_MS = 30 * 24 * 3_600_000;
const EEA = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(' '),
);
const VERSIONS = new Set(['2014-09-12']);

const mayLeave = ({ residence, consents }, { jurisdiction }, now) =>
  !EEA.has(residence) ||
  EEA.has(jurisdiction) ||
  (consents?.euTransfer?.given === true && consents.euTransfer.at <= now);

const inForce = ({ active, contract }, purpose, now) =>
  active &&
  contract?.purposes.includes(purpose) &&
  (contract.from === null || contract.from <= now) &&
  (contract.until === null || now < contract.until);

const toSuccessor = ({ recipient, purpose, scope }, facts, category, now) => {
  if (!isIn(SUCCESSOR, category)) return 'NO_CLAUSE';
  if (purpose !== 'succession') return 'WRONG_PURPOSE';
  if (!inForce(recipient, purpose, now)) return 'CONTRACT_NOT_IN_FORCE';
  if (!isIn(scope, category)) return 'MISSING_SCOPE';
  const announced = recipient.successionAnnouncedAt;
  return announced !== null &&
    now.getTime() - announced.getTime() >= NOTICE_MS &&
    facts.status === 'ACTIVE' &&
    VERSIONS.has(facts.acceptedVersion) &&
    mayLeave(facts, recipient, now)
    ? null
    : 'NOT_PERMITTED';
};

const toPrivacyStaff = ({ purpose }, facts, category) => {
  if (!isIn(PRIVACY, category)) return 'NO_CLAUSE';
  if (purpose !== 'privacy-request') return 'WRONG_PURPOSE';
  return VERSIONS.has(facts.acceptedVersion) && facts.privacyCases?.some(({ status }) => status === 'OPEN')
    ? null
    : 'NOT_PERMITTED';
};

/** Why this caller may not see this category of this person; null where it may. */
export function denial(caller, { _id, facts }, category, now) {
  if (caller.kind === 'MEMBER')
    return caller.person._id === _id && category !== 'PROCESSOR_TOKEN' ? null : 'NOT_PERMITTED';
  if (caller.kind === 'PARTNER' && caller.recipient.kind === 'SUCCESSOR')
    return toSuccessor(caller, facts, category, now);
  if (caller.kind === 'STAFF' && caller.role === 'privacy') return toPrivacyStaff(caller, facts, category);
  return 'NO_CLAUSE';
}

export const denialOf = (category, reason) => ({
  message: `Not permitted to see ${category}.`,
  extensions: { code: 'FORBIDDEN', category, reason },
});
