import { badInput, forbiddenOperation } from '../../base/errors.ts';
import type { SchemaPart } from '../../graphql/refs.ts';
import { serves } from '../../policy/serves.ts';
import { follows } from '../../subject/subscriptions.ts';
import type { Link } from '../mail/links.ts';
import { isOn } from '../preferences/operations.ts';
import { mailSwitchOf } from './operations.ts';

interface MailingHeaders {
  readonly listUnsubscribe: string;
  readonly listUnsubscribePost: string;
}

/** The value that mail programs send when their own unsubscribe button is pressed. @see RFC 8058 */
const ONE_CLICK = 'List-Unsubscribe=One-Click';

export function defineNewsletters({ builder }: SchemaPart): void {
  const Headers = builder.objectRef<MailingHeaders>('MailingHeaders');
  builder.objectType(Headers, {
    description: 'The two headers that let a mail program unsubscribe with one click (RFC 8058). Sign them with DKIM.',
    fields: (t) => ({
      listUnsubscribe: t.exposeString('listUnsubscribe', { description: 'The value of `List-Unsubscribe`.' }),
      listUnsubscribePost: t.exposeString('listUnsubscribePost', {
        description: 'The value of `List-Unsubscribe-Post`.',
      }),
    }),
  });

  builder.queryFields((t) => ({
    mailingHeaders: t.field({
      type: Headers,
      nullable: true,
      description:
        'For the email provider: the unsubscribe headers of a mail to one person, for the list that the token’s purpose ' +
        'is. Null where it may not write to the person now: the person is not on the list, does not follow the ' +
        'thread, or has not proven an address.',
      extensions: serves('newsletters.opt-out', 'communications.social', 'blog.unsubscribe'),
      args: {
        user: t.arg.id({ required: true, description: 'The person, by the id that the partner was shown.' }),
        list: t.arg({ type: 'Purpose', required: true, description: 'The list: the purpose of the token.' }),
        thread: t.arg.id({ description: 'The blog thread, for mail about one.' }),
      },
      resolve: async (_root, { user, list, thread }, context) => {
        const { caller, services, origin } = context;
        if (caller.kind !== 'PARTNER')
          throw forbiddenOperation('Mailing headers are for partners that send mail.', 'NOT_PERMITTED');
        const refusal = context.access.others.refusal();
        if (refusal) throw forbiddenOperation('This token could see nothing of anyone.', refusal);
        if (list !== caller.purpose)
          throw forbiddenOperation('The token is for another list than this.', 'WRONG_PURPOSE');
        const mailSwitch = mailSwitchOf(services.table, list, caller.recipient.kind);
        if (!mailSwitch) throw badInput('list', 'a purpose whose mail a person can switch off');
        const { preferences, subscription } = mailSwitch;
        if (preferences.length === 0 && thread == null) throw badInput('thread', 'the thread that the mail is about');
        const subject = await context.subjects.find(user);
        if (!subject?.isMailable) return null;
        const { sid, facts } = subject;
        const preference = preferences.find((name) => isOn(facts, name));
        const link: Link | null =
          subscription && thread != null && follows(facts, String(thread))
            ? { action: 'LEAVE_THREAD', subscriber: sid, thread: String(thread) }
            : preference !== undefined
              ? { action: 'SWITCH_OFF', sid, preference }
              : null;
        if (!link) return null;
        const token = services.links.issue(link);
        return { listUnsubscribe: `<${origin}/unsubscribe/${token}>`, listUnsubscribePost: ONE_CLICK };
      },
    }),
  }));
}
