import { badInput } from '../../base/errors.ts';
import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { selfOf } from '../../graphql/callers.ts';
import { defineConnection, pageOf, paging } from '../../graphql/connections.ts';
import type { Context } from '../../graphql/context.ts';
import { OBJECT_ID, ofPerson } from '../../graphql/object-ids.ts';
import { DENIABLE, newest, newestWanted } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { NULL_ONLY_BY_ERROR } from '../../graphql/semantic-nullability.ts';
import type { ConsentName } from '../../subject/consents.ts';
import type { Subject } from '../../subject/subject.ts';
import type { Outcome } from '../preferences/operations.ts';
import { type ConsentAct, type ConsentAction, consentsOf, type StandingConsent } from './operations.ts';
import { consentsRequestedOf } from './requests.ts';

const TIE = 'The id of the tie by which the signed-in person is the guardian.';

export function defineConsents(part: SchemaPart): void {
  defineUserFields(part);
  const { builder, policies } = part;
  const known = policies.flatMap(({ consents }) => consents);
  const isGivenForRecipients = known.some(({ per }) => per === 'RECIPIENT');
  const endsByItself = known.some(({ endsAfterDays }) => endsAfterDays !== undefined);
  const isGivenByGuardians = known.some(({ under }) => under !== undefined);
  const Action = builder.enumType('ConsentAction', {
    description: 'The act of a person on a consent.',
    values: { GIVEN: { description: 'Gave it.' }, WITHDRAWN: { description: 'Withdrew it.' } },
  });
  const Expression = builder.enumType('ConsentExpression', {
    description: 'How a consent was expressed.',
    values: {
      EXPRESS: { description: 'By an act of its own.' },
      BUNDLED: { description: 'By accepting the policy as a whole, which is no express consent.' },
    },
  });

  builder.objectType('LedgerEntry', {
    description:
      'An entry of a person’s own ledger. Each seals the one before it, so that none can be changed or lost.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ sid, n }, _args, { objectIds }) => objectIds('LedgerEntry', sid, n),
      }),
      number: t.exposeInt('n', { description: 'Its place in the person’s chain, from 1.' }),
      type: t.exposeString('type', { description: 'The kind of act.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When the act was done.' }),
      hash: t.exposeString('hash', { description: 'SHA-256, hexadecimal, over the hash before it and the entry.' }),
      previousHash: t.exposeString('prev', { description: 'The hash of the entry before it; zeros for the first.' }),
    }),
  });

  builder.objectType('Consent', {
    description: 'An act of consent: the person gave it or withdrew it.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ sid, n }, _args, { objectIds }) => objectIds('Consent', sid, n),
      }),
      purpose: t.expose('purpose', { type: 'ConsentPurpose', description: 'The purpose consented to.' }),
      action: t.field({ type: Action, description: 'The act.', resolve: ({ action }) => action }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was done.' }),
      policyVersion: t.exposeString('policyVersion', {
        description: 'The version of the policy that the person had accepted.',
      }),
      expression: t.field({
        type: Expression,
        description: 'How it was expressed.',
        resolve: ({ expression }) => expression,
      }),
      inForce: t.exposeBoolean('inForce', { description: 'Whether it is a consent that stands now.' }),
      ...(isGivenForRecipients && {
        recipient: t.field({
          type: 'Partner',
          nullable: true,
          description: 'The partner that it is for; null for a consent that is not given for each partner.',
          resolve: ({ recipient }, _args, { partners }) => (recipient === undefined ? null : partners.load(recipient)),
        }),
      }),
      ...(endsByItself && {
        endsAt: t.expose('endsAt', {
          type: 'DateTime',
          nullable: true,
          description: 'When it ends by itself; giving it again before makes that later. Null where it does not end.',
        }),
      }),
      ...(isGivenByGuardians && {
        byGuardian: t.boolean({
          description: 'Whether a guardian did it, or the end of the tie to one; otherwise the person did.',
          resolve: ({ tie }) => tie !== undefined,
        }),
      }),
      ledgerEntry: t.field({
        type: 'LedgerEntry',
        description: 'Its entry in the person’s ledger.',
        resolve: (consent) => consent,
      }),
    }),
  });

  builder.objectType('ConsentRequest', {
    description:
      'A consent that the policy asks for where the person resides. Until it is given, data of theirs goes to no partner ' +
      'outside of the region. `giveConsent` gives it, `withdrawConsent` declines it.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ sid, id }, _args, { objectIds }) => objectIds('ConsentRequest', sid, id),
      }),
      purpose: t.expose('id', { type: 'ConsentPurpose', description: 'The consent.' }),
      description: t.exposeString('description', { description: 'The purpose, in the words of the policy.' }),
    }),
  });

  const Payload = builder.objectRef<{ readonly user: Subject; readonly consent: StandingConsent }>('ConsentPayload');
  builder.objectType(Payload, {
    description: 'The consent as it stands now.',
    fields: (t) => ({
      user: t.expose('user', { type: 'User', description: 'The person, decided anew.' }),
      consent: t.expose('consent', { type: 'Consent', description: 'The latest act on this consent.' }),
      ledgerEntry: t.expose('consent', { type: 'LedgerEntry', description: 'Its entry in the person’s ledger.' }),
    }),
  });

  const PayloadFor = builder.objectRef<StandingConsent>('ConsentForPayload');
  if (isGivenByGuardians)
    builder.objectType(PayloadFor, {
      description: 'The latest act on a consent of another person, as their guardian is told of it.',
      fields: (t) => ({
        purpose: t.expose('purpose', { type: 'ConsentPurpose', description: 'The purpose consented to.' }),
        action: t.field({ type: Action, description: 'The act.', resolve: ({ action }) => action }),
        at: t.expose('at', { type: 'DateTime', description: 'When it was done.' }),
        inForce: t.exposeBoolean('inForce', { description: 'Whether it is a consent that stands now.' }),
      }),
    });

  interface ConsentArguments {
    readonly purpose: string;
    readonly recipient?: string | null | undefined;
  }

  /** @throws {ApiError} BAD_INPUT for a recipient of a consent that is given for everybody, and for none of another */
  const nameOf = async (
    { purpose, recipient }: ConsentArguments,
    action: ConsentAction,
    { counterparts }: Context['services'],
  ): Promise<ConsentName> => {
    const isForRecipient = known.some(({ id, per }) => id === purpose && per === 'RECIPIENT');
    if (!isForRecipient) {
      if (recipient != null) throw badInput('recipient', 'nothing for a consent that is not given for each partner');
      return { purpose };
    }
    if (recipient == null) throw badInput('recipient', 'the client id of the partner that the consent is for');
    // a consent that was given can always be withdrawn, also after the partner has left
    const partner = await (action === 'GIVEN'
      ? counterparts.findFor({ recipientConsent: purpose }, recipient, 'recipient')
      : counterparts.findOnRecord(recipient, 'recipient'));
    return { purpose, recipient: partner._id };
  };

  /** An act that was just acknowledged, as it stands. */
  const acted = (outcome: Outcome<ConsentAct> | null, { services: { table }, now }: Context) => {
    const [consent] = outcome?.entry ? consentsOf([outcome.entry], outcome.document.facts, { table, now }) : [];
    if (!outcome || !consent) throw new Error('The act that was just acknowledged is not on record.');
    return { document: outcome.document, consent };
  };

  const act = async (context: Context, args: ConsentArguments, action: ConsentAction) => {
    const { sid, person } = selfOf(context);
    const { services, subjects } = context;
    const name = await nameOf(args, action, services);
    const { document, consent } = acted(await services.consents.act(sid, name, action, person), context);
    return { user: await subjects.adopt(document), consent };
  };

  const actFor = async (context: Context, args: ConsentArguments & { readonly tie: string }, action: ConsentAction) => {
    const { sid } = selfOf(context);
    const name = await nameOf(args, action, context.services);
    return acted(await context.services.consents.actFor(sid, args.tie, name, action), context).consent;
  };

  builder.mutationFields((t) => {
    const args = () => ({
      purpose: t.arg({ type: 'ConsentPurpose', required: true, description: 'The purpose consented to.' }),
      ...(isGivenForRecipients && {
        recipient: t.arg.id({
          description: 'The client id of the partner, for a consent that is given for each partner, and only there.',
        }),
      }),
    });
    return {
      giveConsent: t.field({
        type: Payload,
        description: 'The signed-in person gives a consent. To give it again changes nothing.',
        args: args(),
        resolve: (_root, given, context) => act(context, given, 'GIVEN'),
      }),
      withdrawConsent: t.field({
        type: Payload,
        extensions: notUse(),
        description:
          'The signed-in person withdraws a consent. Withdrawing twice changes nothing. Once answered, it governs ' +
          'every read that starts afterwards, through any gateway. Partners that were shown data because of it are told to ' +
          'use it no more.',
        args: args(),
        resolve: (_root, given, context) => act(context, given, 'WITHDRAWN'),
      }),
      ...(isGivenByGuardians && {
        giveConsentFor: t.field({
          type: PayloadFor,
          description:
            'The signed-in person gives a consent of another person, as their guardian: while that person is under the age ' +
            'that the policy says, or of unknown age, else `CONFLICT`. It holds until the person or a guardian withdraws it, ' +
            'or the tie ends. Both accounts have to be in use.',
          args: { tie: t.arg.id({ required: true, description: TIE }), ...args() },
          resolve: (_root, given, context) => actFor(context, given, 'GIVEN'),
        }),
        withdrawConsentFor: t.field({
          type: PayloadFor,
          extensions: notUse(),
          description:
            'The signed-in person withdraws a consent of another person, as their guardian, whichever guardian gave it. ' +
            'From the age on that the policy says the person alone does, else `CONFLICT`. Once answered, it governs every ' +
            'read that starts afterwards.',
          args: { tie: t.arg.id({ required: true, description: TIE }), ...args() },
          resolve: (_root, given, context) => actFor(context, given, 'WITHDRAWN'),
        }),
      }),
    };
  });
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  const Pages = defineConnection(builder, 'Consent', 'An act of consent');
  builder.objectFields('User', (t) => ({
    consents: t.field({
      type: ['Consent'],
      nullable: true,
      description: `Every consent that the person gave or withdrew, newest first. ${DENIABLE}`,
      extensions: classified('ACCOUNT'),
      args: newest(t),
      resolve: async (subject, { first }, { acts, services: { table }, now }) => {
        const { person } = subject.reveal('ACCOUNT');
        const limit = newestWanted(first);
        return consentsOf(await acts.load(person), person.facts, { table, now }, limit);
      },
    }),
    consentsConnection: t.field({
      type: Pages,
      nullable: true,
      description: `The same as \`consents\`, in pages. ${DENIABLE}`,
      extensions: { ...classified('ACCOUNT'), ...NULL_ONLY_BY_ERROR },
      args: paging(t),
      resolve: (subject, args, { acts, listCursors, services: { table }, now }) => {
        const { person } = subject.reveal('ACCOUNT');
        return pageOf(args, {
          positions: listCursors<number>('consents', subject.sid),
          positionOf: ({ n }) => n,
          find: async (count, after) => {
            const entries = (await acts.load(person)).filter(({ n }) => after === null || n < after);
            return consentsOf(entries, person.facts, { table, now }, count);
          },
        });
      },
    }),
    requestedConsents: t.field({
      type: ['ConsentRequest'],
      nullable: true,
      description:
        'Consents that the person is asked for because of where they reside, until they give or decline them or ' +
        `move away. ${DENIABLE}`,
      extensions: classified('ACCOUNT'),
      resolve: (subject, _args, { services }) => {
        const { person } = subject.reveal('ACCOUNT');
        return ofPerson(person, consentsRequestedOf(services.table, person.facts));
      },
    }),
  }));
}
