/** An address of IPv4 in an address of IPv6, as the URL standard writes 127.0.0.0/8 there. */
const MAPPED_LOOPBACK = /^\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\]$/;
const LOOPBACK = /^(?:(?:.+\.)?localhost\.?|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Whether a request names a host that belongs to this gateway alone: a name of this machine's loopback, or that of
 * `PUBLIC_URL`. Anybody can point a name of their own at this machine. For a browser, a page under that name has the
 * same origin as this gateway's answers under it, so the page could read all of them.
 *
 * @see RFC 6761, 6.3 (localhost)
 */
export function createDevelopmentHosts(publicUrl: string | undefined) {
  const own = publicUrl === undefined ? null : new URL(publicUrl).hostname;
  return ({ url }: Pick<Request, 'url'>): boolean => {
    const { hostname } = new URL(url);
    return LOOPBACK.test(hostname) || MAPPED_LOOPBACK.test(hostname) || hostname === own;
  };
}
