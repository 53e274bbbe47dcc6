import { isRecord } from '../base/records.ts';
import { type CallerKind, CLIENT, type IssuerEntry } from './issuers-file.ts';

/** The claims of a token, as its issuer writes them. No form of them is trusted. */
export type Payload = Readonly<Record<string, unknown>>;

/** The claims of a token in the words of this gateway's own tokens; or the reason why none count. */
export type Mapped = { readonly claims: Payload } | { readonly misfit: string };

const UNCERTAIN = 'it fits no kind of caller for certain';

/** The word in `token` for the digest of the signed part, for issuers that give their tokens no id. */
const DIGEST = 'digest';

const own = (record: unknown, key: string): unknown =>
  isRecord(record) && Object.hasOwn(record, key) ? record[key] : undefined;

/** A claim by its name, which may have dots, or by a path of names with dots between. */
export const claimAt = (payload: Payload, name: string): unknown =>
  own(payload, name) ?? name.split('.').reduce<unknown>(own, payload);

const firstOf = (payload: Payload, names: readonly string[]): unknown =>
  names.map((name) => claimAt(payload, name)).find((value) => value !== undefined);

/** The words of a claim: those of a text, or the texts of a list; null where it is neither. */
function wordsOf(value: unknown): readonly string[] | null {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : null;
}

const has = (payload: Payload, claim: string, word: string) =>
  wordsOf(claimAt(payload, claim))?.includes(word) === true;

/** The claims of tokens for signing in: that a person signed in is told to a client, and opens nothing. */
const FOR_SIGNING_IN = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/**
 * Whether a token is made to be shown to an API. If the type in its header does not say so, its claims have to.
 *
 * @see OpenID Connect, 2 and 3.3.2.11 (`nonce`, `at_hash`, `c_hash`); OpenID Connect Back-Channel Logout, 2.4 (`events`)
 */
export function isForAccess(payload: Payload): boolean {
  // Keycloak and Cognito name the use of each token in a claim
  const { typ = 'Bearer', token_use: use = 'access' } = payload;
  const isOther = [...FOR_SIGNING_IN, 'events'].some((claim) => payload[claim] !== undefined);
  return !isOther && use === 'access' && (typ === 'Bearer' || typ === 'DPoP');
}

/** Whether a token is for this gateway: only the issuers of the file may say so by another claim than `aud`. */
export function isMeantForUs({ audience }: Pick<IssuerEntry, 'audience'>, payload: Payload): boolean {
  if (typeof audience === 'string') return true;
  const named = claimAt(payload, audience.claim);
  return payload.aud === undefined && typeof named === 'string' && audience.anyOf.includes(named);
}

type Proof = NonNullable<IssuerEntry['appOnly']>['any'][number];

function proves({ equal, suffix = '', absent = [], ...values }: Proof, payload: Payload, client: unknown): boolean {
  const [one, other] = (equal ?? []).map((name) => (name === CLIENT ? client : claimAt(payload, name)));
  const isEqual = equal === undefined || (typeof other === 'string' && one === other + suffix);
  const isSaid = Object.entries(values).every(([claim, value]) => claimAt(payload, claim) === value);
  return isEqual && isSaid && absent.every((claim) => claimAt(payload, claim) === undefined);
}

/** The purpose that each entry of our type asks for; null if an entry holds anything unknown here. */
function purposesInDetails(details: unknown, type: string): readonly string[] | null {
  if (details === undefined) return [];
  if (!Array.isArray(details)) return null;
  const ours = details.filter((detail) => own(detail, 'type') === type);
  const isUnderstood = ours.every((detail) => Object.keys(detail).sort().join() === 'purpose,type');
  return isUnderstood ? wordsOf(ours.map(({ purpose }) => purpose)) : null;
}

/** The part behind the prefix, of each word that begins with it. */
const behind = (prefix: string, words: readonly string[]) =>
  words.filter((word) => word.startsWith(prefix)).map((word) => word.slice(prefix.length));

/**
 * The one purpose of a token, wherever it stands; undefined where it has none, or several that differ.
 *
 * @param bound  the purpose that the file gives the client or role; undefined where it gives none
 */
function purposeOf({ purpose, scope }: IssuerEntry, payload: Payload, bound: unknown): string | undefined {
  const { claim, scopePrefix, authorizationDetails: type } = purpose ?? {};
  const ofScope = scope && scopePrefix !== undefined ? (wordsOf(firstOf(payload, scope.claims) ?? '') ?? []) : [];
  const ofClaim = claim === undefined ? [] : wordsOf(claimAt(payload, claim) ?? '');
  const ofDetails = type === undefined ? [] : purposesInDetails(payload.authorization_details, type);
  if (!ofClaim || !ofDetails) return undefined;
  const ofFile = typeof bound === 'string' ? [bound] : [];
  const [only, another] = new Set([...ofClaim, ...behind(scopePrefix ?? '', ofScope), ...ofDetails, ...ofFile]);
  return another === undefined ? only : undefined;
}

/** The words of the scope that name categories; undefined where the token has no scope, or words that do not count. */
function scopeOf({ scope, purpose }: IssuerEntry, payload: Payload): string | undefined {
  if (!scope) return undefined;
  const words = wordsOf(firstOf(payload, scope.claims));
  if (!words) return undefined;
  const ofPurpose = purpose?.scopePrefix;
  const others = words.filter((word) => ofPurpose === undefined || !word.startsWith(ofPurpose));
  const ours = behind(scope.prefix, others);
  return ours.length === others.length || scope.ignoreOthers ? ours.join(' ') : undefined;
}

/** Translates the claims of a token into those of this gateway's own tokens. */
export function mapClaims(entry: IssuerEntry, payload: Payload, digest: string): Mapped {
  const { kinds, appOnly, member, staff, clients, purpose } = entry;
  const client = firstOf(payload, entry.client ?? []);
  const isOwn = appOnly?.any.some((proof) => proves(proof, payload, client)) === true;
  const said = staff ? (wordsOf(claimAt(payload, staff.role.claim)) ?? []) : [];
  const roles = new Set(said.flatMap((word) => own(staff?.role.map, word) ?? []) as string[]);
  // signs of two kinds contradict each other, whichever kinds the issuer may speak for
  const signs: readonly CallerKind[] = [
    ...(isOwn ? (['partner'] as const) : []),
    ...(member && has(payload, member.when.claim, member.when.has) ? (['member'] as const) : []),
    ...[...roles].map(() => 'staff' as const),
  ];
  const [kind, another] = signs;
  const isUncertain = kind === undefined || another !== undefined || !kinds.includes(kind);
  // tokens for signing in name no client, or name their use
  if (isUncertain || (entry.client && typeof client !== 'string')) return { misfit: UNCERTAIN };
  if (clients?.includes(client as string) === false) return { misfit: 'its issuer does not speak for this client' };

  const { iat, exp, nbf } = payload;
  const jti = firstOf({ ...payload, [DIGEST]: digest }, entry.token);
  const common = { kind, jti, iat, exp, ...(nbf !== undefined && { nbf }) };
  switch (kind) {
    case 'member':
      return { claims: { ...common, sub: claimAt(payload, member?.subject ?? '') } };
    case 'partner': {
      const sub = client as string;
      const asked = {
        purpose: purposeOf(entry, payload, own(purpose?.perClient, sub)),
        scope: scopeOf(entry, payload),
      };
      return { claims: { ...common, sub, ...asked } };
    }
    case 'staff': {
      const [role] = roles;
      const sub = claimAt(payload, staff?.subject ?? '');
      return {
        claims: { ...common, sub, role, purpose: purposeOf(entry, payload, own(purpose?.perRole, role ?? '')) },
      };
    }
  }
}
