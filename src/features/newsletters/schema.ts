import { badInput, forbiddenOperation } from '../../base/errors.ts';
import { seeingPartnerOf } from '../../graphql/callers.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { type MailingHeaders, mailingHeadersOf, mailSwitchOf, unsubscribeLinkOf } from './operations.ts';

export function defineNewsletters({ builder, vocabulary }: SchemaPart): void {
  const hasBlog = vocabulary.features.includes('blog');
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
        `is. Null where it may not write to the person now: the person is not on the list${hasBlog ? ', does not follow the thread,' : ''} ` +
        'or has not proven an address.',
      args: {
        user: t.arg.id({ required: true, description: 'The person, by the id that the partner was shown.' }),
        list: t.arg({ type: 'Purpose', required: true, description: 'The list: the purpose of the token.' }),
        ...(hasBlog && { thread: t.arg.id({ description: 'The blog thread, for mail about one.' }) }),
      },
      resolve: async (_root, { user, list, thread }, context) => {
        const partner = seeingPartnerOf(context, 'Mailing headers are for partners that send mail.');
        if (list !== partner.purpose)
          throw forbiddenOperation('The token is for another list than this.', 'WRONG_PURPOSE');
        const { services, subjects, origin } = context;
        const mailSwitch = mailSwitchOf(services.table, list, partner.recipient.kind);
        if (!mailSwitch) throw badInput('list', 'a purpose of mail that a person can switch off');
        if (mailSwitch.preferences.length === 0 && thread == null)
          throw badInput('thread', 'the thread that the mail is about');
        const subject = await subjects.find(user);
        const link = subject?.isMailable
          ? unsubscribeLinkOf(subject, mailSwitch, thread == null ? null : String(thread))
          : null;
        return link && mailingHeadersOf(`${origin}/unsubscribe/${services.links.issue(link)}`);
      },
    }),
  }));
}
