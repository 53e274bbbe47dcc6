import { isDeepStrictEqual } from 'node:util';
import { createBlindIndex } from '../store/derive.ts';
import { createPersonKeys } from '../store/keys.ts';
import { collectionOf, PEOPLE } from '../store/mongo/collections.ts';
import { createMailboxes } from '../subject/mailboxes.ts';
import type { PersonDocument } from '../subject/model.ts';
import { createNameClaims, type Named } from '../subject/name-claims.ts';
import { fold } from '../subject/names.ts';
import { createVault, openValue, type Vault } from '../subject/vault.ts';
import { dropCollection, dropIndex } from './drop.ts';
import type { MigrationTools, Step } from './step.ts';

const BATCH = 500;
/** The unique values of people, in the earlier form. */
const CLAIMS = 'claims';
const NAMES_AS_WRITTEN = 'avatarName_1';

/** A person's document in the earlier form: without the folded name and the mark of the mailbox. */
type Before = Omit<PersonDocument, 'foldedName'> & Pick<Partial<PersonDocument>, 'foldedName'>;

/** Everybody on record, in batches, each with the vault of their values; null for an erased person. */
async function* everybody({ store, keyEncryptionKey }: MigrationTools) {
  const keys = createPersonKeys(store, keyEncryptionKey);
  const people = collectionOf<Before>(store.connection, PEOPLE);
  for (let after = ''; ; ) {
    const found = await people
      .find({ _id: { $gt: after } }, { ...store.read, sort: { _id: 1 }, limit: BATCH })
      .toArray();
    const last = found.at(-1);
    if (!last) return;
    const dataKeys = await keys.find(found.map(({ _id }) => _id));
    yield found.map((person) => {
      const key = dataKeys.get(person._id);
      return { person, vault: key ? createVault(person._id, key) : null };
    });
    after = last._id;
  }
}

/** The former names of a person, as far as the record holds them. */
const formerNames = ({ publicId, corrections = [] }: Before, vault: Vault | null): Named[] =>
  corrections.flatMap(({ id, category, previousValue }) =>
    vault && category === 'AVATAR_NAME'
      ? [{ name: String(vault.open(`CORRECTED_VALUE/${id}`, previousValue)), publicId }]
      : [],
  );

/** An address that was in force counts as proven; any other address still needs a proof. */
export const foldNamesAndMarkMailboxes: Step = {
  id: 'names-and-mailboxes-2026-12',
  says: 'People are found by their folded names, names stay with the first person that had them, and proven addresses are marked.',
  run: async (tools) => {
    const { store, sharedSecret } = tools;
    const settings = { writeConcern: store.write, ordered: false };
    const blindIndex = createBlindIndex(sharedSecret);
    const nameClaims = createNameClaims(store, blindIndex);
    const mailboxes = createMailboxes(store, blindIndex);
    const people = collectionOf<PersonDocument>(store.connection, PEOPLE);
    let changed = 0;

    for await (const some of everybody(tools)) {
      const opened = some.map(({ person, vault }) => {
        const { EMAIL, UNPROVEN_EMAIL } = person.values;
        const values = {
          ...(vault && EMAIL !== undefined && { EMAIL: openValue(vault, person.values, 'EMAIL') as string }),
          ...(vault &&
            UNPROVEN_EMAIL !== undefined && {
              UNPROVEN_EMAIL: openValue(vault, person.values, 'UNPROVEN_EMAIL') as string,
            }),
        };
        return { person, values, foldedName: fold(person.avatarName), mailbox: mailboxes.of(values) };
      });
      await nameClaims.takeFree(
        opened
          .filter(({ foldedName }) => foldedName !== '')
          .map(({ person: { avatarName, publicId } }) => ({ name: avatarName, publicId })),
      );
      await mailboxes.takeFree(
        opened.flatMap(({ person, values: { EMAIL } }) =>
          EMAIL === undefined ? [] : [{ address: EMAIL, sid: person._id }],
        ),
      );
      const operations = opened
        .filter(
          ({ person, foldedName, mailbox }) =>
            person.foldedName !== foldedName || !isDeepStrictEqual(person.mailbox, mailbox),
        )
        .map(({ person: { _id }, foldedName, mailbox }) => ({
          updateOne: { filter: { _id }, update: { $set: { foldedName, ...(mailbox && { mailbox }) } } },
        }));
      if (operations.length > 0) await people.bulkWrite(operations, settings);
      changed += operations.length;
    }
    // present names take precedence over former ones
    for await (const some of everybody(tools))
      await nameClaims.takeFree(some.flatMap(({ person, vault }) => formerNames(person, vault)));

    await dropIndex(collectionOf(store.connection, PEOPLE), NAMES_AS_WRITTEN);
    await dropCollection(collectionOf(store.connection, CLAIMS), settings);
    return changed;
  },
};
