import { MAXIMUM_AGE } from '../http/refusals.ts';
import type { CallerClaims } from '../http/signing.ts';
import { purposesOf, widestScope } from '../policy/audiences.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { createAccess } from '../policy/decide.ts';
import type { Recipient } from '../policy/facts.ts';
import {
  DENIAL_REASONS,
  type DenialReason,
  EVERY_CATEGORY,
  idsOf,
  NO_CATEGORIES,
  scopeOf,
  scopeWordsOf,
  staffAudience,
} from '../policy/vocabulary.ts';

/** The case against a token: a gateway refuses it, for a reason in words, or it shows nothing of anyone. */
export type Verdict = { readonly refused: string } | { readonly empty: DenialReason };

type PartnerClaims = Extract<CallerClaims, { kind: 'partner' }>;

const wordsOf = (scope: string) => scope.split(' ').filter((word) => word !== '');
const listed = (words: Iterable<string>) => [...words].join(', ');

/** The words of a token that no gateway under the policy knows, each with those that are right. */
export function* unknownWords(claims: CallerClaims, { callerPurposes, vocabulary }: DecisionTable): Generator<string> {
  if (claims.kind === 'member') return;
  if (claims.kind === 'staff' && !idsOf(vocabulary.staff).includes(claims.role))
    yield `--staff: expected one of ${listed(idsOf(vocabulary.staff))}`;
  if (!callerPurposes.has(claims.purpose)) yield `--purpose: expected one of ${listed(callerPurposes)}`;
  if (claims.kind === 'partner' && scopeOf(vocabulary, wordsOf(claims.scope)) === null)
    yield `--scope: expected words of ${listed(scopeWordsOf(vocabulary))}, with a space between two`;
}

/** Why a partner's token shows nothing of anyone; null where it could show something of somebody. */
export function emptinessFor(
  table: DecisionTable,
  { purpose, scope }: PartnerClaims,
  recipient: Recipient,
  now: Date,
): DenialReason | null {
  const mask = scopeOf(table.vocabulary, wordsOf(scope)) ?? NO_CATEGORIES;
  return createAccess(table, { name: recipient.kind, purpose, recipient, scope: mask }, now).refusal();
}

/** The same for a partner that is not known: it may be of any kind, and has a contract for the purpose. */
function emptinessForAny(table: DecisionTable, claims: PartnerClaims, now: Date): DenialReason | null {
  const contract = { from: null, until: null, purposes: [claims.purpose] };
  const common = { clientId: claims.sub, jurisdiction: '', active: true, contract, successionAnnouncedAt: null };
  const reasons = table.current.partnerKinds.map(({ id: kind }) =>
    emptinessFor(table, claims, { ...common, kind }, now),
  );
  // the kind that comes nearest is the one that is meant
  return reasons.includes(null) ? null : (DENIAL_REASONS.findLast((reason) => reasons.includes(reason)) ?? null);
}

/** The verdict of the policy alone on a token of known words; null where nothing is against it. */
export function verdictOfPolicy(table: DecisionTable, claims: CallerClaims, now: Date): Verdict | null {
  const reasonFor = (): DenialReason | null => {
    if (claims.kind === 'member') return null;
    if (claims.kind === 'partner') return emptinessForAny(table, claims, now);
    const { role, purpose } = claims;
    const audience = { name: staffAudience(role), purpose, recipient: null, scope: EVERY_CATEGORY };
    return createAccess(table, audience, now).refusal();
  };
  const empty = reasonFor();
  return empty && { empty };
}

const rightOnes = (words: Iterable<string>) => {
  const right = listed(words);
  return right === '' ? 'none would be right' : `right would be ${right}`;
};

function whyEmpty(reason: DenialReason, claims: CallerClaims, table: DecisionTable): string {
  const { partnerKinds } = table.current;
  switch (reason) {
    case 'NO_CLAUSE':
      return 'no clause of the policy shows anything to its kind of caller';
    case 'WRONG_PURPOSE':
      return claims.kind === 'staff'
        ? `its purpose is not that of the role; ${rightOnes(purposesOf(table, staffAudience(claims.role)))}`
        : 'its purpose is not one that both the policy and the contract have for the partner';
    case 'CONTRACT_NOT_IN_FORCE':
      return 'no contract with the partner is in force';
    case 'MISSING_SCOPE': {
      const purpose = claims.kind === 'partner' ? claims.purpose : '';
      const right = new Set(partnerKinds.flatMap(({ id }) => widestScope(table, id, purpose)));
      return `its scope names nothing that its purpose may show; ${rightOnes(right)}`;
    }
    case 'NOT_PERMITTED':
      return 'the policy does not permit it';
  }
}

export interface Lifetime {
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Sentences to tell of a token. */
export function* adviceOn(
  claims: CallerClaims,
  table: DecisionTable,
  verdict: Verdict | null,
  { issuedAt, expiresAt }: Lifetime,
): Generator<string> {
  if (expiresAt <= issuedAt) yield 'the gateway refuses this token: it has expired';
  else if (verdict && 'refused' in verdict) yield `the gateway refuses this token: ${verdict.refused}`;
  else if (verdict) yield `this token shows nothing of anyone: ${whyEmpty(verdict.empty, claims, table)}`;
  if (expiresAt.getTime() - issuedAt.getTime() > MAXIMUM_AGE * 1_000)
    yield `the gateway refuses this token ${MAXIMUM_AGE / 3_600} hours from now, although it says that it holds longer`;
}
