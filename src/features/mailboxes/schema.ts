import { opaque } from '../../enforcement/card-guard.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { selfOf } from '../../graphql/callers.ts';
import { DENIABLE, fromAccount } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';

export function defineMailboxes(part: SchemaPart): void {
  defineUserFields(part);
  const { builder } = part;
  builder.mutationFields((t) => ({
    requestEmailProof: t.boolean({
      description:
        'Mails the signed-in person, of any status, another link that proves their address; it holds for seven ' +
        'days. A mailbox gets five such mails a day. The answer is the same whether or not anything is mailed.',
      extensions: notUse(),
      resolve: async (_root, _args, context) => {
        await context.services.proofs.askAgain(selfOf(context).sid);
        return true;
      },
    }),
    proveEmail: t.boolean({
      description:
        'Proves an address with the token from the mail that asked for it, without signing in. The answer is the same ' +
        'for a token that is good and one that is not: the person reads `emailProven`.',
      extensions: notUse(),
      args: {
        token: t.arg.string({ required: true, description: 'The token from the mail.', extensions: opaque() }),
      },
      resolve: async (_root, { token }, { services, now }) => {
        const link = services.links.open(token);
        if (link?.action === 'PROVE_EMAIL' && now.getTime() < link.until) await services.proofs.prove(link);
        return true;
      },
    }),
  }));
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  builder.objectFields('User', (t) => ({
    emailProven: t.boolean({
      description:
        'Whether the person has proven the address: a link was mailed there and followed. Null where no address is ' +
        `held. ${DENIABLE}`,
      ...fromAccount(({ mailbox }) => mailbox?.proven),
    }),
  }));
}
