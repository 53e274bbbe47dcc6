import type { Clock } from '../clock.ts';
import type { Link, Links } from '../domain/mail/links.ts';
import { page } from './pages.ts';
import { answerByMethod } from './routes.ts';

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

const mailPage = (body: string, status?: number) => page('Mail', body, status);

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
    const ask = async () =>
      mailPage(`<h1>${words.ask}</h1><form method="post"><button>${words.button}</button></form>`);
    const act = async () => {
      const link = links.open(token);
      const good =
        link !== null && actions.includes(link.action) && !('until' in link && clock.now().getTime() >= link.until);
      if (!good) return mailPage('<h1>This link does not work any more.</h1>', 404);
      await follow(link);
      return mailPage(`<h1>${words.done}</h1>`);
    };
    return answerByMethod(request, { GET: ask, POST: act });
  };
