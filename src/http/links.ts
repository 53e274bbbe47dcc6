import type { Clock } from '../clock.ts';
import type { Link, Links } from '../domain/mail/links.ts';
import { page } from './pages.ts';
import { answerByMethod } from './routes.ts';

export interface LinkRoutesOptions {
  readonly links: Links;
  readonly clock: Clock;
  /** Does what a link is for. Doing it again changes nothing. */
  readonly follow: (link: Link) => Promise<Followed>;
}

/** What came of following a link. */
export type Followed =
  | 'DONE'
  /** What it was mailed for is no longer so. */
  | 'STALE'
  /** Another account has proven the address before. */
  | 'TAKEN';

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
const PROVE: Words = {
  ask: 'Is this your address?',
  button: 'Yes, it is mine',
  done: 'Your address is proven.',
};
const VERIFY: Words = {
  ask: 'Did you ask for mail about this thread?',
  button: 'Yes, send it to me',
  done: 'You will get mail about this thread.',
};

/** The actions that each route takes, with their words; the first are shown of a link that can't be read. */
const ROUTES: Readonly<Record<string, Readonly<Partial<Record<Link['action'], Words>>>>> = {
  unsubscribe: { SWITCH_OFF: UNSUBSCRIBE, LEAVE_THREAD: UNSUBSCRIBE },
  verify: { VERIFY_THREAD: VERIFY, PROVE_EMAIL: PROVE },
};

const mailPage = (body: string, status?: number) => page('Mail', body, status);

const staleLink = () => mailPage('<h1>This link does not work any more.</h1>', 404);

/**
 * What links in mails lead to, without signing in. A GET shows a page with a button and changes nothing; a POST, by the
 * button or by a mail program's own (RFC 8058), does the one thing that the link is for. No answer tells of anybody, but
 * the mailbox that a link was sent to is told whether its address is proven for another account.
 */
export const createLinkRoutes =
  ({ links, clock, follow }: LinkRoutesOptions) =>
  async (request: Request): Promise<Response | null> => {
    const [, name = '', token] = /^\/(unsubscribe|verify)\/([^/]+)$/.exec(new URL(request.url).pathname) ?? [];
    const route = ROUTES[name];
    if (!route || token === undefined) return null;
    const link = links.open(token);
    const words = link && route[link.action];
    const { ask, button } = words ?? (Object.values(route)[0] as Words);
    const act = async () => {
      if (!words || ('until' in link && clock.now().getTime() >= link.until)) return staleLink();
      switch (await follow(link)) {
        case 'DONE':
          return mailPage(`<h1>${words.done}</h1>`);
        case 'TAKEN':
          return mailPage('<h1>This address is proven for another account.</h1>', 409);
        case 'STALE':
          return staleLink();
      }
    };
    return answerByMethod(request, {
      GET: async () => mailPage(`<h1>${ask}</h1><form method="post"><button>${button}</button></form>`),
      POST: act,
    });
  };
