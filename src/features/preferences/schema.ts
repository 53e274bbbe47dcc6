import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { present } from '../../graphql/adopt.ts';
import { selfOf } from '../../graphql/callers.ts';
import { OBJECT_ID } from '../../graphql/object-ids.ts';
import { DENIABLE, fromAccount } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { NULL_ONLY_BY_ERROR } from '../../graphql/semantic-nullability.ts';
import type { PersonEntry } from '../../ledger/chain/person-chain.ts';
import type { PersonDocument } from '../../subject/model.ts';
import type { Subject } from '../../subject/subject.ts';
import type { PreferenceChanges } from './operations.ts';

const OPT_OUT =
  'Whether a Global Privacy Control opt-out stands. A browser’s signal sets it; only the person clears it. Cleared on a ' +
  'request that carries the signal, it stays cleared; cleared on any other, the next signal sets it again.';

/** The switches to set, as a caller sends them: preferences by name, and `gpcOptOut`. */
export type PreferencesInput = Readonly<Record<string, boolean | null | undefined>>;

const isSaid = (entry: readonly [string, boolean | null | undefined]): entry is [string, boolean] =>
  typeof entry[1] === 'boolean';

/** Null is "not said", as leaving it out is. */
export const changesIn = ({ gpcOptOut, ...input }: PreferencesInput): PreferenceChanges => ({
  preferences: Object.fromEntries(Object.entries(input).filter(isSaid)),
  ...(typeof gpcOptOut === 'boolean' && { standingOptOut: gpcOptOut }),
});

/** Switching off is withdrawing, which is always open and accepts nothing. */
export const onlyWithdraws = ({ gpcOptOut, ...switches }: PreferencesInput) =>
  gpcOptOut !== false && Object.values(switches).every((value) => value !== true);

export function definePreferences(part: SchemaPart) {
  defineUserFields(part);
  const { builder, vocabulary } = part;
  builder.objectType('Preferences', {
    description: 'The switches that a person holds. Null where there is no usable record, which permits nothing.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ _id }, _args, { objectIds }) => objectIds('Preferences', _id),
      }),
      ...Object.fromEntries(
        vocabulary.preferences.map(({ id, says }) => [
          id,
          t.boolean({
            nullable: true,
            description: says,
            resolve: ({ facts }) => booleanOrNull((facts.preferences as Record<string, unknown> | undefined)?.[id]),
          }),
        ]),
      ),
      gpcOptOut: t.boolean({
        nullable: true,
        description: OPT_OUT,
        resolve: ({ facts }) => booleanOrNull(facts.standingOptOut),
      }),
    }),
  });

  builder.inputType('PreferencesInput', {
    description: 'The switches to set. Those left out stay as they are.',
    fields: (t) => ({
      ...Object.fromEntries(vocabulary.preferences.map(({ id, says }) => [id, t.boolean({ description: says })])),
      gpcOptOut: t.boolean({ description: OPT_OUT }),
    }),
  });

  const Payload = builder.objectRef<{
    readonly user: Subject;
    readonly person: PersonDocument;
    readonly entry: PersonEntry | null;
  }>('UpdatePreferencesPayload');
  builder.objectType(Payload, {
    description: 'The switches as they are now.',
    fields: (t) => ({
      user: t.expose('user', { type: 'User', description: 'The person, decided anew.' }),
      preferences: t.expose('person', { type: 'Preferences', description: 'All switches.' }),
      ledgerEntry: t.expose('entry', {
        type: 'LedgerEntry',
        nullable: true,
        description: 'The entry in the ledger for the latest change; null where nothing was ever changed.',
      }),
      outlastsSignals: t.boolean({
        description:
          'Whether a Global Privacy Control opt-out that the person cleared stays cleared when their browser signals again.',
        resolve: ({ person }) => person.facts.outlastsSignals === true,
      }),
    }),
  });

  builder.mutationFields((t) => ({
    updatePreferences: t.field({
      type: Payload,
      extensions: {
        ...notUse(({ input }) => onlyWithdraws(input as PreferencesInput)),
      },
      description:
        'Sets switches of the signed-in person. A switch that already stands so changes nothing. Once answered, it governs ' +
        'every read that starts afterwards.',
      args: { input: t.arg({ type: 'PreferencesInput', required: true, description: 'The switches to set.' }) },
      resolve: async (_root, { input }, context) => {
        const { sid, person } = selfOf(context);
        const change = { ...changesIn(input), withSignal: context.optsOut };
        const outcome = present(await context.services.preferences.update(sid, change, person));
        const user = await context.subjects.adopt(outcome.document);
        return { user, person: outcome.document, entry: outcome.entry };
      },
    }),
  }));
}

const booleanOrNull = (value: unknown) => (typeof value === 'boolean' ? value : null);

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  builder.objectFields('User', (t) => ({
    preferences: t.field({
      type: 'Preferences',
      description: `The switches that the person holds. ${DENIABLE}`,
      ...fromAccount((person) => person),
      extensions: { ...classified('ACCOUNT'), ...NULL_ONLY_BY_ERROR },
    }),
  }));
}
