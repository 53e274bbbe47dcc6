import { maskOfCategories, type Policy } from '../../policy/clause.ts';
import type { ConditionLeaf } from '../../policy/leaf.ts';
import { revealsWhen } from '../../policy/reveals-when.ts';
import { categoriesIn } from '../../policy/vocabulary.ts';
import type { StandingConsent } from '../consents/operations.ts';
import { CONSENT_RECORD_PROFILE, termsOf } from './dpv-terms.ts';

/**
 * How a record tells an act of consent. Only a separate act is expressed consent. Consent that came with acceptance
 * of the policy is implied, and its status is never that consent was given.
 */
const expressionOf = ({ action, expression }: StandingConsent) => {
  if (action === 'WITHDRAWN') return { '@type': 'dpv:ExplicitlyExpressedConsent', status: 'dpv:ConsentWithdrawn' };
  return expression === 'EXPRESS'
    ? { '@type': 'dpv:ExplicitlyExpressedConsent', status: 'dpv:ConsentGiven' }
    : { '@type': 'dpv:ImpliedConsent', status: 'dpv:ConsentUnknown' };
};

/** The categories that a consent lets be shown, and the purposes, by the policy. */
const processesUnder = (policy: Policy, leaf: ConditionLeaf) =>
  revealsWhen(policy, leaf).map((reveal) => ({
    '@type': 'dpv:Process',
    'dpv:hasPurpose': (reveal.purposes ?? []).map(
      (id) => policy.purposes.find((purpose) => purpose.id === id)?.dpv ?? id,
    ),
    'dpv:hasPersonalData': categoriesIn(policy.vocabulary, maskOfCategories(policy, reveal)).map(
      termsOf(policy.vocabulary),
    ),
    'dpv:hasRecipient': reveal.to,
  }));

/**
 * The acts of one consent as a record: header, processing, parties and events.
 *
 * @param acts  of this consent, newest first, one at least
 * @see ISO/IEC TS 27560:2023
 */
export function consentRecord(policy: Policy, subjectId: string, acts: readonly StandingConsent[]) {
  const [latest] = acts as readonly [StandingConsent];
  const { purpose, recipient } = latest;
  const consent = policy.consents.find(({ id }) => id === purpose);
  return {
    '@type': 'dpv:ConsentRecord',
    '@id': ['urn:assent:consent', subjectId, purpose, ...(recipient === undefined ? [] : [recipient])].join(':'),
    'dct:conformsTo': CONSENT_RECORD_PROFILE,
    'dct:modified': latest.at,
    'dpv:hasDataSubject': subjectId,
    'dpv:hasDataController': policy.publisher,
    'dpv:hasLegalBasis': 'dpv:Consent',
    'dct:description': consent?.description ?? purpose,
    'dpv:hasPurpose': consent?.dpv ?? 'dpv:Purpose',
    'dpv:hasProcess': processesUnder(
      policy,
      recipient === undefined ? { consent: purpose } : { recipientConsent: purpose },
    ),
    ...(recipient !== undefined && { 'dpv:hasRecipient': recipient }),
    'dpv:hasNotice': `${policy.title}, ${latest.policyVersion}`,
    'dpv:hasConsentStatus': expressionOf(latest).status,
    inForce: latest.inForce,
    ...(latest.endsAt && { endsAt: latest.endsAt.toISOString() }),
    events: acts.map((act) => {
      const { '@type': type, status } = expressionOf(act);
      return {
        '@type': type,
        'dct:date': act.at,
        'dpv:hasConsentStatus': status,
        expression: act.expression,
        policyVersion: act.policyVersion,
        ...(act.tie !== undefined && { 'dpv:isIndicatedBy': 'dpv:GuardianOfDataSubject', tie: act.tie }),
        ledgerEntry: act.n,
      };
    }),
  };
}
