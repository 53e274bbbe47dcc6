import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { textArgument } from '../../graphql/arguments.ts';
import { activeSelfOf, occasionOf, selfOf } from '../../graphql/callers.ts';
import { DENIABLE } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import type { TieWord } from '../../policy/vocabulary.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { TieEnd, TieRecord } from '../../subject/person-ties.ts';
import type { TieCode } from './operations.ts';
import { toldTie } from './told-tie.ts';

/** A tie, seen from one of its ends. */
export interface TieOfPerson {
  readonly tie: TieRecord;
  readonly sid: SubjectId;
}

const LONGEST_CODE = 100;

/** The name of a kind in the schema: `GUARDIAN_OF` for `guardianOf`. */
const enumNameOf = (id: string) => id.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

const rulesOf = ({ symmetric, enteredBy, confirmedBy }: TieWord): string => {
  const entered = symmetric
    ? 'Both people hold it to each other. One makes a code and the other enters it.'
    : enteredBy === 'CODE'
      ? 'The data subject makes a code and the holder enters it.'
      : 'One of the two people makes a code and the other enters it.';
  if (confirmedBy === 'STAFF') return `${entered} Staff confirms it.`;
  return `${entered} ${symmetric ? 'The person who made the code' : 'The data subject'} confirms it.`;
};

const defineEnums = ({ builder, vocabulary }: SchemaPart) => ({
  TieKind: builder.enumType('TieKind', {
    description: 'A kind of tie between two people.',
    values: Object.fromEntries(
      vocabulary.ties.map((word) => [
        enumNameOf(word.id),
        { value: word.id, description: `${word.says} ${rulesOf(word)}` },
      ]),
    ),
  }),
  TieEnd: builder.enumType('TieEnd', {
    description: 'One end of a tie.',
    values: {
      HOLDER: { description: 'The person who holds the tie, such as a guardian, and may see more for it.' },
      SUBJECT: { description: 'The data subject that the tie is held to, such as a child.' },
      PEER: { description: 'Either person, of a kind that both hold to each other.' },
    } satisfies Record<TieEnd, object>,
  }),
  TieState: builder.enumType('TieState', {
    description: 'Whether a tie counts.',
    values: {
      ENTERED: { description: 'It waits to be confirmed, and lets nobody see anything.' },
      CONFIRMED: { description: 'It counts, until one of the two people ends it.' },
    },
  }),
});

export function defineTies(part: SchemaPart): void {
  const { builder } = part;
  const { TieKind, TieEnd, TieState } = defineEnums(part);

  const told = ({ tie, sid }: TieOfPerson, endOf: (tie: TieRecord, sid: SubjectId) => TieEnd) =>
    toldTie(tie, endOf(tie, sid));
  builder.objectType('Tie', {
    description: 'A tie between two people.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.id({
        description: 'For `confirmTie` and `endTie`. Both people have the same.',
        resolve: ({ tie }) => tie._id,
      }),
      kind: t.field({ type: TieKind, description: 'The kind of tie.', resolve: ({ tie }) => tie.kind }),
      end: t.field({
        type: TieEnd,
        description: 'Which end this person is.',
        resolve: (source, _args, { services }) => told(source, services.personTies.endOf).end,
      }),
      state: t.field({
        type: TieState,
        description: 'Whether the tie counts.',
        resolve: (source, _args, { services }) => told(source, services.personTies.endOf).state,
      }),
      since: t.field({
        type: 'DateTime',
        description: 'When the tie was entered, or confirmed.',
        resolve: ({ tie }) => tie.at,
      }),
      other: t.field({
        type: 'User',
        nullable: true,
        description: 'The other person; null where the policy lets the caller see nothing of them.',
        resolve: ({ tie, sid }, _args, { subjects }) => subjects.findBySid(tie.from === sid ? tie.to : tie.from),
      }),
    }),
  });

  builder.objectFields('User', (t) => ({
    ties: t.field({
      type: ['Tie'],
      nullable: true,
      description: `The ties of the person with others, the newest first. ${DENIABLE}`,
      extensions: classified('ACCOUNT'),
      args: { kind: t.arg({ type: TieKind, description: 'Only ties of this kind.' }) },
      resolve: async (subject, { kind }, { tiesOf }) => {
        const { _id: sid } = subject.reveal('ACCOUNT').person;
        const found = await tiesOf.load(sid);
        return found.filter((tie) => kind == null || tie.kind === kind).map((tie) => ({ tie, sid }));
      },
    }),
  }));

  const CreateTieCodePayload = builder.objectRef<TieCode>('CreateTieCodePayload');
  builder.objectType(CreateTieCodePayload, {
    description: 'A code for another person to enter with `enterTie`.',
    fields: (t) => ({
      code: t.exposeString('code', {
        description: 'The code, to hand over by hand. It is told this once, and works once.',
      }),
      kind: t.field({ type: TieKind, description: 'The kind of tie that it makes.', resolve: ({ kind }) => kind }),
      until: t.expose('until', { type: 'DateTime', description: 'From when on it does not work any more.' }),
    }),
  });

  builder.mutationFields((t) => ({
    createTieCode: t.field({
      type: CreateTieCodePayload,
      description:
        'The signed-in person makes a code, good for 24 hours and for one use, by which another person becomes the ' +
        'other end of a tie. Up to 10 codes may be open at a time, else `CONFLICT`.',
      args: {
        kind: t.arg({ type: TieKind, required: true, description: 'The kind of tie.' }),
        as: t.arg({
          type: TieEnd,
          description:
            'The end that the signed-in person is to be: `SUBJECT`, or `PEER` for a kind that both people hold, where ' +
            'it is left out. `HOLDER` only for a kind of which either person may make the code.',
        }),
      },
      resolve: (_root, { kind, as }, context) =>
        context.services.ties.makeCode(activeSelfOf(context).sid, kind, as ?? null),
    }),
    enterTie: t.field({
      type: 'Tie',
      description:
        'The signed-in person enters a tie by the code of another person. The tie counts once it is confirmed, as ' +
        '`TieKind` says; a data subject who enters a code confirms by it. A code that is wrong, used or expired is ' +
        '`BAD_INPUT` alike: if an answer was lost, see `ties` of `me`. Up to 20 tries an hour, else `RATE_LIMITED`.',
      args: { code: t.arg.string({ required: true, description: 'The code from `createTieCode`.' }) },
      resolve: async (_root, { code }, context) => {
        const { sid } = activeSelfOf(context);
        const tie = await context.services.ties.enter(sid, textArgument('code', code, LONGEST_CODE));
        context.subjects.forgetTies();
        return { tie, sid };
      },
    }),
    confirmTie: t.boolean({
      description:
        'Makes a tie count. The data subject, or the person who made the code, confirms it; of some kinds, as ' +
        '`TieKind` says, staff with the power to confirm ties. It is on the ledger of both people before it counts. ' +
        'To confirm it again changes nothing.',
      args: { id: t.arg.id({ required: true, description: 'The id of the tie.' }) },
      resolve: async (_root, { id }, context) => {
        const { ties } = context.services;
        if (context.caller.kind === 'MEMBER') {
          await ties.confirmAsSubject(activeSelfOf(context).sid, id);
          context.subjects.forgetTies();
        } else await ties.confirmAsStaff(id, occasionOf(context, 'confirmTies'));
        return true;
      },
    }),
    endTie: t.boolean({
      extensions: notUse(),
      description:
        'One of the two people ends a tie, whether or not it was confirmed. Once answered, it governs every read that ' +
        'starts afterwards. False where the signed-in person has no such tie, or has it no longer.',
      args: { id: t.arg.id({ required: true, description: 'The id of the tie.' }) },
      resolve: async (_root, { id }, context) => {
        const isEnded = await context.services.ties.end(selfOf(context).sid, id);
        context.subjects.forgetTies();
        return isEnded;
      },
    }),
  }));
}
