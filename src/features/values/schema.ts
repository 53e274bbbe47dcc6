import { badInput } from '../../base/errors.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { adopt } from '../../graphql/adopt.ts';
import { activeSelfOf, occasionToWrite, selfOf } from '../../graphql/callers.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { inputTypeOf, itemInputTypeOf } from '../../graphql/value-types.ts';
import { type Category, isListShape } from '../../policy/vocabulary.ts';
import type { Subject } from '../../subject/subject.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';
import type { WriteOutcome } from './operations.ts';

/** The most items that one call removes. */
const MOST_IDS = 100;

interface Written extends Pick<WriteOutcome, 'written'> {
  readonly user: Subject | null;
}

/** The writes that the current version of the policy gives to people and to staff. */
export function defineWrites(part: SchemaPart): void {
  const { categories } = part.current.vocabulary;
  for (const category of categories) {
    if (category.own?.includes('add')) defineAdding(part, category);
    if (category.own?.includes('remove')) defineRemoving(part, category);
  }
  const writable = categories.filter(({ write }) => write !== undefined);
  if (writable.length > 0) defineWriting(part, writable);
}

const capitalized = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

function defineAdding({ builder }: SchemaPart, category: Category): void {
  const { field = '', says } = category;
  builder.mutationField(`addTo${capitalized(field)}`, (t) =>
    t.field({
      type: 'User',
      description: `The signed-in person adds an item to \`User.${field}\`. ${says}`,
      args: {
        item: t.arg({ type: itemInputTypeOf(category), required: true, description: 'The item.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        const { sid } = activeSelfOf(context);
        const given = { category, argument: 'item', input: args.item };
        const { values } = context.services;
        return adopt(context, await once(context, info, args, (making) => values.add(sid, given, making)));
      },
    }),
  );
}

function defineRemoving({ builder }: SchemaPart, category: Category): void {
  const { field = '' } = category;
  builder.mutationField(`removeFrom${capitalized(field)}`, (t) =>
    t.field({
      type: 'User',
      description:
        `The signed-in person removes items of \`User.${field}\`. They are gone on the next read, everywhere; partners ` +
        'that were shown some are told to erase them. An item that is gone already is no error.',
      extensions: notUse(),
      args: { ids: t.arg.idList({ required: true, description: `The ids of the items, ${MOST_IDS} at the most.` }) },
      resolve: async (_root, { ids }, context) => {
        const { sid } = selfOf(context);
        if (ids.length > MOST_IDS) throw badInput('ids', `at most ${MOST_IDS} ids`);
        return adopt(context, await context.services.values.remove(sid, category, ids));
      },
    }),
  );
}

function defineWriting({ builder, enums }: SchemaPart, categories: readonly Category[]): void {
  const lists = categories.filter(({ value }) => value !== undefined && isListShape(value));
  const Input = builder.inputType('WritePersonalDataInput', {
    description: 'The values to write. A category that is left out stays as it is.',
    fields: (t) =>
      Object.fromEntries(
        categories.map((category) => [
          category.field,
          t.field({
            type: inputTypeOf(category),
            description: `${category.says} Written by ${category.write?.join(', ')}.`,
          }),
        ]),
      ),
  });
  const Payload = builder.objectRef<Written>('WritePersonalDataPayload');
  builder.objectType(Payload, {
    description: 'The written values.',
    fields: (t) => ({
      user: t.expose('user', {
        type: 'User',
        nullable: true,
        description:
          'The person, decided anew: writing shows nothing. Null where the new values take them out of sight.',
      }),
      written: t.field({
        type: [enums.DataCategory],
        description:
          'The categories that changed; empty where everything was so already, and where the account is closed to use.',
        resolve: ({ written }) => [...written],
      }),
    }),
  });
  builder.mutationField('writePersonalData', (t) =>
    t.field({
      type: Payload,
      nullable: true,
      description:
        'Staff of the roles that the vocabulary names writes data of a person. It is on the audit log, and on the ' +
        'person’s own. It lets nobody read: the policy alone decides that. Null for a person out of their sight.',
      args: {
        user: t.arg.id({ required: true, description: 'The id of the person.' }),
        input: t.arg({ type: Input, required: true, description: 'The values.' }),
        ...(lists.length > 0 && {
          replace: t.arg.boolean({
            description:
              'Whether lists take the place of those that are held. Otherwise their items come to those that are.',
          }),
        }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        const { user, input, replace } = args as typeof args & { readonly replace?: boolean | null };
        const form = input as Readonly<Record<string, unknown>>;
        const given = categories.flatMap((category) => {
          const value = form[category.field ?? ''];
          return value == null ? [] : [{ category, argument: `input.${category.field}`, input: value }];
        });
        if (given.length === 0) throw badInput('input', 'at least one value');
        const occasion = occasionToWrite(
          context,
          given.map(({ category }) => category),
        );
        const subject = await context.subjects.find(user);
        if (!subject) return null;
        const { values } = context.services;
        const outcome = await once(context, info, args, (making) =>
          values.write(subject.sid, given, { replace: replace === true, occasion, making }),
        );
        return outcome && { user: await context.subjects.renew(outcome.document), written: outcome.written };
      },
    }),
  );
}
