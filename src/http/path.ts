import { parseUrl } from '../base/url.ts';

const paths = new WeakMap<Request, string>();

/**
 * The path of a request; empty where its address can't be read. Several parts of the gateway look at it, and the address
 * is parsed once for all of them.
 */
export function pathOf(request: Request): string {
  const known = paths.get(request);
  if (known !== undefined) return known;
  const path = parseUrl(request.url)?.pathname ?? '';
  paths.set(request, path);
  return path;
}
