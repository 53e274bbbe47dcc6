import { BlockList, isIP } from 'node:net';
import { parseUrl } from './url.ts';

// Partners choose these addresses. The gateway connects to public addresses alone, so that nobody can use it to reach a
// host inside a network.

/** @see https://www.iana.org/assignments/iana-ipv4-special-registry */
const SPECIAL_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
];

/**
 * All public addresses are assigned from this range. Outside of it lie unspecified, loopback, link-local, private and
 * multicast addresses, and addresses that hold one of IPv4 (mapped, translated by NAT64).
 */
const GLOBAL_IPV6 = ['2000::/3'];

/** Parts of the range that are not public, or hold an address of IPv4: protocols and Teredo, documentation, 6to4. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

const familyOf = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    list.addSubnet(network, Number(prefix), familyOf(network));
  }
  return list;
}

const special = listOf([...SPECIAL_IPV4, ...SPECIAL_IPV6]);
const globalIpv6 = listOf(GLOBAL_IPV6);
const loopback = listOf(LOOPBACK);

/** Addresses besides public ones that the gateway may connect to. */
export interface Reach {
  /** This machine itself, without TLS too: for development. */
  readonly loopback: boolean;
}

// a list of IPv4 holds mapped addresses too
const isLoopback = (address: string) =>
  isIP(address) !== 0 && !address.toLowerCase().startsWith('::ffff:') && loopback.check(address, familyOf(address));

/** Whether the gateway may connect to an address of IPv4 or IPv6; false for any other text, and one with a zone. */
export function mayReach(address: string, reach: Reach): boolean {
  if (address.includes('%') || isIP(address) === 0) return false;
  if (reach.loopback && isLoopback(address)) return true;
  const family = familyOf(address);
  return (family === 'ipv4' || globalIpv6.check(address, family)) && !special.check(address, family);
}

/** The host of an address as sockets take it: that of IPv6 without brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

const FIRST_FREE_PORT = 1_024;

/**
 * The port of https, or a port above the range of system services, so that no request ever goes to a mail server.
 */
const isFreePort = (port: string) => port === '' || Number(port) >= FIRST_FREE_PORT;

/**
 * An address that the gateway may send to: https, no user name or password, port 443 or 1024 and more, and a literal
 * address only if it is public. A host name proves nothing: the caller checks its resolved addresses as well.
 *
 * @returns null for any other text. The URL parser has normalised odd forms by then: `0x7f.1` is `127.0.0.1`
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
 */
export function outboundUrlOf(text: string, reach: Reach): URL | null {
  const url = parseUrl(text);
  if (url === null) return null;
  // the dot of the DNS root: no certificate holds it
  url.hostname = url.hostname.replace(/\.$/, '');
  if (url.username !== '' || url.password !== '' || !isFreePort(url.port)) return null;
  const host = hostOf(url);
  const isLocal = reach.loopback && (host === 'localhost' || isLoopback(host));
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)) return null;
  return isIP(host) === 0 || mayReach(host, reach) ? url : null;
}
