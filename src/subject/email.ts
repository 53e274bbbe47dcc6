import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** Octets that the parts of an address may have (RFC 5321, section 4.5.3.1); a path adds two brackets. */
const MOST = { local: 64, domain: 253, address: 254 } as const;

/** Beyond ASCII: visible characters that neither hide nor reorder anything. */
const NON_ASCII = String.raw`(?![\p{Default_Ignorable_Code_Point}\p{ASCII}])[\p{L}\p{M}\p{N}\p{P}\p{S}]`;
const ATOM = String.raw`(?:[\w!#$%&'*+\-/=?^\x60{|}~]|${NON_ASCII})+`;
const DOT_STRING = new RegExp(String.raw`^${ATOM}(?:\.${ATOM})*$`, 'u');
const QUOTED_STRING = new RegExp(String.raw`^"(?:[ !#-\[\]-~]|\\[ -~]|${NON_ASCII})+"$`, 'u');
/** Mail programs may show another local part in its place (RFC 2047, section 2). */
const ENCODED_WORD = /=\?[^?]*\?[^?]*\?[^?]*\?=/;

const LABEL = String.raw`[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?`;
/** Two labels or more; the last is no number. */
const DOMAIN = new RegExp(String.raw`^(?:${LABEL}\.)+(?!\d+$)${LABEL}$`);
const PRINTABLE = new RegExp(String.raw`^(?:[\w.-]|${NON_ASCII})+$`, 'u');
const LITERAL = /^\[(?:(?<v4>[\d.]+)|IPv6:(?<v6>[\da-f:.]+))\]$/i;

const octetsOf = (text: string) => Buffer.byteLength(text);

/** The two sides of the last `@`; no domain where there is none. */
function partsOf(address: string) {
  const at = address.lastIndexOf('@');
  return at < 0 ? { local: address, domain: '' } : { local: address.slice(0, at), domain: address.slice(at + 1) };
}

const isLocalPart = (local: string) =>
  octetsOf(local) <= MOST.local &&
  !ENCODED_WORD.test(local) &&
  // also where somebody on the way normalizes it
  [local, local.normalize('NFKC')].every((text) => DOT_STRING.test(text) || QUOTED_STRING.test(text));

function isLiteral(domain: string): boolean {
  const { v4 = '', v6 = '' } = LITERAL.exec(domain)?.groups ?? {};
  return isIPv4(v4) || isIPv6(v6);
}

/** A domain name in the form that the DNS knows, whether it was given in A-labels or U-labels; empty for none. */
const asciiOf = (domain: string): string => (PRINTABLE.test(domain) ? domainToASCII(domain).toLowerCase() : '');

function isDomain(domain: string): boolean {
  const ascii = asciiOf(domain);
  return ascii.length <= MOST.domain && DOMAIN.test(ascii) && ascii.split('.').length === domain.split('.').length;
}

/**
 * Whether a text is one mailbox, without a name to display: a local part, `@`, and a domain with a dot or an address
 * literal. Narrower than the standards, so that no reader is misled: no control, invisible or bidirectional character
 * in the local part, nor an encoded word.
 *
 * @see RFC 5321, section 4.1.2 (`Mailbox`); RFC 6531, section 3.3 (beyond ASCII); RFC 5890 (labels of domains)
 */
export function isEmailAddress(text: string): boolean {
  if (text.length > MOST.address || octetsOf(text) > MOST.address) return false;
  const { local, domain } = partsOf(text);
  return isLocalPart(local) && (isLiteral(domain) || isDomain(domain));
}

/** The local part without the quotes that it can be written with and without. */
const unquoted = (local: string) =>
  QUOTED_STRING.test(local) ? local.slice(1, -1).replaceAll(/\\(.)/gu, '$1') : local;

/**
 * A mailbox as addresses are compared: not by the letter case or width of the local part, nor by whether the domain is in
 * A-labels or U-labels. Mail goes to the address as it was given.
 */
export function mailboxKey(address: string): string {
  const { local, domain } = partsOf(address);
  return `${unquoted(local).normalize('NFKC').toLowerCase()}@${asciiOf(domain) || domain.toLowerCase()}`;
}
