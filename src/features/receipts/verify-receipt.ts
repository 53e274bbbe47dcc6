import { compactVerify, errors, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { SIGNING_ALGORITHM } from '../../base/algorithms.ts';
import { parseJson } from '../../base/parse-json.ts';
import { RECEIPT_TYPES, ReceiptClaims, type ReceiptType } from './receipt.ts';

/** The text is no receipt that one of the keys has signed. The message says why, and repeats nothing of the text. */
export class ReceiptError extends Error {
  override readonly name = 'ReceiptError';
}

/** A receipt that is good. */
export interface VerifiedReceipt {
  readonly type: ReceiptType;
  /** The name of the key that signed it. */
  readonly kid: string;
  readonly claims: z.output<typeof ReceiptClaims>;
}

const KeySet = z.object({ keys: z.array(z.looseObject({ kid: z.string().optional(), exp: z.number().optional() })) });
export type KeySet = z.output<typeof KeySet>;

/** The clocks of gateways may differ by so many seconds. */
const APART = 10;
/** In characters; a receipt has about two thousand. */
const LONGEST = 100_000;

/** @returns null for a text that is no JSON Web Key Set */
export const readKeys = (text: string): KeySet | null => KeySet.safeParse(parseJson(text)).data ?? null;

const isReceiptType = (typ: unknown): typ is ReceiptType => RECEIPT_TYPES.some((type) => type === typ);

const isLetter = (character: string) => !/\p{C}|\p{Zl}|\p{Zp}/u.test(character);
/** On one line, without characters that move a cursor or turn a text around. */
const printable = (text: string): string => Array.from(text).filter(isLetter).join('');

const headerOf = (receipt: string): Readonly<Record<string, unknown>> => {
  const header = parseJson(Buffer.from(receipt.split('.')[0] ?? '', 'base64url').toString());
  const read = z.record(z.string(), z.unknown()).safeParse(header);
  if (!read.success) throw new ReceiptError('it is not a signed JSON Web Token');
  return read.data;
};

/** @throws {ReceiptError} unless exactly one key has the name, and is a signing key of the gateway */
async function keyNamed({ keys }: KeySet, kid: string) {
  const [key, another] = keys.filter((each) => each.kid === kid);
  const signs = key?.kty === 'OKP' && key.crv === 'Ed25519';
  if (!key || another || !signs) throw new ReceiptError('it is signed with a key that is not among the keys given');
  const { kty, crv, x, exp } = key;
  return { exp, key: await importJWK({ kty, crv, x } as JWK, SIGNING_ALGORITHM) };
}

async function payloadOf(receipt: string, key: Awaited<ReturnType<typeof importJWK>>): Promise<unknown> {
  try {
    const { payload } = await compactVerify(receipt, key, { algorithms: [SIGNING_ALGORITHM] });
    return parseJson(Buffer.from(payload).toString());
  } catch (error) {
    if (error instanceof errors.JOSEAlgNotAllowed)
      throw new ReceiptError('its algorithm is not one with which gateways sign');
    if (error instanceof errors.JWSSignatureVerificationFailed)
      throw new ReceiptError('its signature does not verify: it is forged, or was changed');
    if (error instanceof errors.JOSEError) throw new ReceiptError('it is not a signed JSON Web Token');
    throw error;
  }
}

/**
 * Checks a receipt by keys alone. A key that is retired says until when it signed, as `exp`.
 *
 * @param receipt  a compact JWS
 * @throws {ReceiptError}
 */
export async function verifyReceipt(receipt: string, keys: KeySet): Promise<VerifiedReceipt> {
  if (receipt.length > LONGEST) throw new ReceiptError(`it is longer than ${LONGEST} characters`);
  const { typ, kid } = headerOf(receipt);
  if (!isReceiptType(typ)) throw new ReceiptError(`its typ is none of ${RECEIPT_TYPES.join(', ')}`);
  const { key, exp } = await keyNamed(keys, String(kid));
  const { data: claims } = ReceiptClaims.safeParse(await payloadOf(receipt, key));
  if (!claims) throw new ReceiptError('its claims are not those of a receipt');
  if (exp !== undefined && claims.iat > exp + APART)
    throw new ReceiptError('it was signed after the time until which its key signed');
  return { type: typ, kid: String(kid), claims };
}

const wordsOf = (name: string): string => name.toLowerCase().replaceAll('_', ' ');

const textOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(textOf).join(', ') || 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' && value !== null ? listOf(value) : String(value);
};

const listOf = (members: object): string =>
  Object.entries(members)
    .map(([name, value]) => `${name} ${textOf(value)}`)
    .join(', ');

const orNone = (items: readonly string[]): string => items.join(', ') || 'none';

const shareIn = ({ at, sub, recipient, categories }: VerifiedReceipt['claims']): string => {
  const shown = categories.length === 0 ? 'that the person is there' : `${categories.join(', ')} of the person`;
  return `At ${at}, ${recipient} was shown ${shown}. The person is ${sub}.`;
};

const actIn = ({ at, sub, act, record: { consentRecord: _form, ...told } }: VerifiedReceipt['claims']): string => {
  const details = listOf(told);
  return `At ${at}, on the record of the person ${sub}: ${wordsOf(act)}${details && `, with ${details}`}.`;
};

/** The content of a receipt, in lines for people. */
export function tellReceipt({ type, kid, claims }: VerifiedReceipt): string[] {
  const { iss, iat, controller, policyVersion, clauses, categories, purposes, recipient, chain } = claims;
  return [
    `The receipt is good: ${iss} signed it at ${new Date(iat * 1_000).toISOString()}, with the key ${kid}.`,
    type === 'disclosure-receipt+jwt' ? shareIn(claims) : actIn(claims),
    `Policy: of ${controller}, version ${policyVersion ?? 'none'}; clauses ${orNone(clauses)}`,
    `Categories: ${orNone(categories)}`,
    `Purposes: ${orNone(purposes)}`,
    `Recipient: ${recipient ?? 'none'}`,
    `Place in the chain: ${chain.place}, with the hash ${chain.hash}${chain.previous ? ` after ${chain.previous}` : ''}`,
  ].map(printable);
}
