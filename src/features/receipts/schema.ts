import { badInput } from '../../base/errors.ts';
import { classified } from '../../enforcement/classification.ts';
import { DENIABLE, newest, newestWanted } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { findActs } from '../../subject/acts.ts';
import type { SubjectId } from '../../subject/identifiers.ts';

const SIGNED =
  'signed with a key of `/.well-known/jwks.json`, for the person to keep: a compact JWS that anybody can check without ' +
  'this gateway. It names nobody else.';

export function defineReceipts({ builder }: SchemaPart): void {
  builder.objectFields('LedgerEntry', (t) => ({
    receipt: t.string({
      nullable: true,
      description: `The content of the entry (\`consent-receipt+jwt\`), ${SIGNED} Null once the person is erased.`,
      resolve: async (entry, _args, { acts, receiptHolders, services, origin, now }) => {
        const person = await receiptHolders.load(entry.sid as SubjectId);
        return person && services.receipts.ofAct({ person, entry, acts: await acts.load(person) }, { origin, now });
      },
    }),
  }));

  builder.objectFields('ThirdPartyShare', (t) => ({
    receipt: t.string({
      nullable: true,
      description: `The disclosure (\`disclosure-receipt+jwt\`), ${SIGNED} Null once the person is erased.`,
      resolve: async (share, _args, { receiptHolders, services, origin, now }) => {
        const person = await receiptHolders.load(share.sid as SubjectId);
        return person && services.receipts.ofShare(person, share, { origin, now });
      },
    }),
  }));

  builder.objectFields('User', (t) => ({
    ledgerEntries: t.field({
      type: ['LedgerEntry'],
      nullable: true,
      description: `Everything that the person did, or that was done in their name, newest first. ${DENIABLE}`,
      extensions: classified('ACCOUNT'),
      args: { ...newest(t), before: t.arg.int({ description: 'The `number` of an entry: only older ones.' }) },
      resolve: async (subject, { first, before }, { services }) => {
        const { person } = subject.reveal('ACCOUNT');
        if (before != null && before < 1) throw badInput('before', 'the `number` of an entry, from 1');
        const asked = { limitPerPerson: newestWanted(first), ...(before != null && { before }) };
        const [entries = []] = await findActs(services.ledger, [person], asked);
        return entries;
      },
    }),
  }));
}
