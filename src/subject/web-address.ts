import { parseUrl } from '../base/url.ts';
/** The most characters of an address, which browsers and proxies carry as well. */
export const LONGEST_ADDRESS = 2_048;

/** Blanks and controls, which the standard's parser drops without a word. */
const DROPPED = /[\p{Z}\p{Cc}]/u;

/**
 * An absolute web address as it is kept: parsed and written anew, so that every reader takes it for the same.
 *
 * @returns null for anything but an http or https address of at most 2,048 characters without a user name or password
 * @see WHATWG URL Standard, section 4.4
 */
export function webAddressOf(text: string): string | null {
  if (text.length > LONGEST_ADDRESS || DROPPED.test(text) || !/^https?:\/\//i.test(text)) return null;
  const url = parseUrl(text);
  if (!url) return null;
  const { protocol, username, password, href } = url;
  const isWeb = protocol === 'http:' || protocol === 'https:';
  return isWeb && username === '' && password === '' && href.length <= LONGEST_ADDRESS ? href : null;
}
