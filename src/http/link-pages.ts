import type { Clock } from '../base/clock.ts';
import { DAY } from '../base/durations.ts';
import { escapeHtml } from '../base/html.ts';
import { type Link, type Links, TIME_TO_ANSWER } from '../features/mail/links.ts';
import { page } from './pages.ts';
import { pathOf } from './path.ts';
import { answerByMethod } from './routes.ts';

export interface LinkRoutesOptions {
  readonly links: Links;
  readonly clock: Clock;
  /** The mail that a preference switches off, a sentence for each kind. */
  readonly mailBehind: (preference: string) => readonly string[];
  /** Carries out a link. A second time changes nothing. */
  readonly follow: (link: Link) => Promise<Followed>;
}

/** The outcome of following a link. */
export type Followed =
  | 'DONE'
  /** The reason for the mail no longer holds. */
  | 'STALE'
  /** The subscription that it was to verify is there no longer. */
  | 'LEFT'
  /** Another account has proven the address before. */
  | 'TAKEN';

/** The text of a page: a heading, and sentences below it. */
interface Text {
  readonly heading: string;
  readonly sentences?: readonly string[];
}

/** The texts on the pages of one link. */
interface Words {
  readonly ask: Text;
  readonly button: string;
  readonly done: Text;
  /** How to get another link, where this one is too old. */
  readonly again?: string;
  /** That the subscription which it was to verify is there no longer. */
  readonly left?: Text;
}

type WordsOf = { readonly [A in Link['action']]: (link: Extract<Link, { action: A }>) => Words };

/** The name of a thread is anybody's text, and stands in quotes. */
const named = (thread: string) => `the blog thread “${thread}”`;

const wordsWith = (mailBehind: LinkRoutesOptions['mailBehind']): WordsOf => ({
  SWITCH_OFF: ({ preference }) => {
    const sentences = mailBehind(preference);
    return {
      ask: { heading: 'Stop this kind of mail?', sentences },
      button: 'Unsubscribe',
      done: { heading: 'You will get no more of this mail.', sentences },
    };
  },
  LEAVE_THREAD: ({ thread }) => ({
    ask: { heading: `Stop mail about ${named(thread)}?` },
    button: 'Unsubscribe',
    done: { heading: `You will get no more mail about ${named(thread)}.` },
  }),
  FORGET_MAILBOX: () => ({
    ask: {
      heading: 'Forget this address?',
      sentences: ['It will follow no blog thread any more. Data of an account stays: erase the account for that.'],
    },
    button: 'Forget it',
    done: { heading: 'The address is forgotten.', sentences: ['It follows no blog thread any more.'] },
  }),
  VERIFY_THREAD: ({ thread }) => ({
    ask: { heading: `Did you ask for mail about ${named(thread)}?` },
    button: 'Yes, send it to me',
    done: { heading: `You get mail about ${named(thread)}.` },
    again: 'Subscribe to the thread again to get another.',
    left: {
      heading: `You do not follow ${named(thread)} any more.`,
      sentences: [
        'The subscription was left, or its account is gone. Nothing is mailed about it.',
        'To follow the thread again, subscribe to it again: another link is then mailed to you.',
      ],
    },
  }),
  PROVE_EMAIL: () => ({
    ask: { heading: 'Is this your address?' },
    button: 'Yes, it is mine',
    done: { heading: 'Your address is proven.' },
    again: 'Sign in and ask for another.',
  }),
});

/** The actions that each route takes. */
const ROUTES: Readonly<Record<string, readonly Link['action'][]>> = {
  unsubscribe: ['SWITCH_OFF', 'LEAVE_THREAD', 'FORGET_MAILBOX'],
  verify: ['VERIFY_THREAD', 'PROVE_EMAIL'],
};

const DAYS_TO_ANSWER = TIME_TO_ANSWER / DAY;

const htmlOf = ({ heading, sentences = [] }: Text) =>
  `<h1>${escapeHtml(heading)}</h1>${sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('')}`;

const mailPage = (text: Text, status?: number, form = '') => page('Mail', htmlOf(text) + form, status);

const NO_LINK: Text = { heading: 'This link does not work.', sentences: ['Perhaps a part of it is missing.'] };
const DEAD = 'This link does not work any more.';
const STALE: Text = { heading: DEAD, sentences: ['The account has another address by now, or is gone.'] };
const tooLate = ({ again = '' }: Words): Text => ({
  heading: DEAD,
  sentences: [`It could be followed for ${DAYS_TO_ANSWER} days.`, again],
});

/**
 * The pages behind links in mails, without signing in. A GET shows a page with a button and changes nothing; a POST, by
 * the button or by a mail program's own (RFC 8058), carries out the link. A page names the mail that it is about, and
 * nobody; but the mailbox that a link was sent to is told whether its address is proven for another account.
 */
export function createLinkRoutes({ links, clock, mailBehind, follow }: LinkRoutesOptions) {
  const words = wordsWith(mailBehind);
  const wordsOf = (link: Link) => (words[link.action] as (link: Link) => Words)(link);

  const isLate = (link: Link) => 'until' in link && clock.now().getTime() >= link.until;

  const act = async (link: Link): Promise<Response> => {
    switch (await follow(link)) {
      case 'DONE':
        return mailPage(wordsOf(link).done);
      case 'TAKEN':
        return mailPage({ heading: 'This address is proven for another account.' }, 409);
      case 'LEFT':
        return mailPage(wordsOf(link).left ?? STALE, 410);
      case 'STALE':
        return mailPage(STALE, 404);
    }
  };

  return async (request: Request): Promise<Response | null> => {
    const [, name = '', token] = /^\/(unsubscribe|verify)\/([^/]+)$/.exec(pathOf(request)) ?? [];
    const route = ROUTES[name];
    if (!route || token === undefined) return null;
    const opened = links.open(token);
    const link = opened && route.includes(opened.action) ? opened : null;
    if (!link || isLate(link)) {
      const fault = link ? tooLate(wordsOf(link)) : NO_LINK;
      return answerByMethod(request, { GET: async () => mailPage(fault), POST: async () => mailPage(fault, 404) });
    }
    const { ask, button } = wordsOf(link);
    const form = `<form method="post"><button>${escapeHtml(button)}</button></form>`;
    return answerByMethod(request, { GET: async () => mailPage(ask, 200, form), POST: () => act(link) });
  };
}
