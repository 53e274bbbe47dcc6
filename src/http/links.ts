import type { Clock } from '../clock.ts';
import type { Link, Links } from '../domain/mail/links.ts';

export interface LinkRoutesOptions {
  readonly links: Links;
  readonly clock: Clock;
  /** Does what a link is for. Doing it again changes nothing. */
  readonly follow: (link: Link) => Promise<void>;
}

/** What a page says before and after its button is pressed. */
interface Words {
  readonly ask: string;
  readonly button: string;
  readonly done: string;
}

const UNSUBSCRIBE: Words = {
  ask: 'Stop this kind of mail?',
  button: 'Unsubscribe',
  done: 'You will get no more of this mail.',
};
const VERIFY: Words = {
  ask: 'Did you ask for mail about this thread?',
  button: 'Yes, send it to me',
  done: 'You will get mail about this thread.',
};

const ROUTES: Readonly<Record<string, { readonly words: Words; readonly actions: readonly Link['action'][] }>> = {
  unsubscribe: { words: UNSUBSCRIBE, actions: ['SWITCH_OFF', 'LEAVE_THREAD'] },
  verify: { words: VERIFY, actions: ['VERIFY_THREAD'] },
};

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // The token is in the address: it must not travel on to anywhere.
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
};

const STYLE =
  ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:30rem;margin:4rem auto;padding:0 1rem}' +
  'button{font:inherit;padding:.5rem 1rem}';

const page = (body: string, status = 200) =>
  new Response(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<meta name="robots" content="noindex"><title>Mail</title><style>${STYLE}</style></head><body>${body}</body></html>`,
    { status, headers: HEADERS },
  );

/**
 * What links in mails lead to, without signing in. A GET shows a page with a button and changes nothing; a POST, by the
 * button or by a mail program's own (RFC 8058), does the one thing that the link is for. No answer tells of anybody.
 */
export const createLinkRoutes =
  ({ links, clock, follow }: LinkRoutesOptions) =>
  async (request: Request): Promise<Response | null> => {
    const [, name = '', token] = /^\/(unsubscribe|verify)\/([^/]+)$/.exec(new URL(request.url).pathname) ?? [];
    const route = ROUTES[name];
    if (!route || token === undefined) return null;
    const { words, actions } = route;
    if (request.method === 'GET')
      return page(`<h1>${words.ask}</h1><form method="post"><button>${words.button}</button></form>`);
    if (request.method !== 'POST') return new Response(null, { status: 405, headers: { allow: 'GET, POST' } });
    const link = links.open(token);
    const good =
      link !== null && actions.includes(link.action) && !('until' in link && clock.now().getTime() >= link.until);
    if (!good) return page('<h1>This link does not work any more.</h1>', 404);
    await follow(link);
    return page(`<h1>${words.done}</h1>`);
  };
