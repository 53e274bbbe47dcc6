import { forbiddenOperation } from '../../base/errors.ts';
import { createCallerAccess } from '../../enforcement/access.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { registerText } from '../../graphql/category-texts.ts';
import type { Context } from '../../graphql/context.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { inputTypeOf } from '../../graphql/value-types.ts';
import type { Subject } from '../../subject/subject.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';

const registrantOf = ({ caller }: Context): string => {
  if (caller.kind !== 'VISITOR' || caller.registrant === null)
    throw forbiddenOperation('Registering takes a member token of somebody who has no account.', 'NOT_PERMITTED');
  return caller.registrant;
};

const defineSocialOrigin = ({ builder, enums }: Pick<SchemaPart, 'builder' | 'enums'>) =>
  builder.inputType('SocialOriginInput', {
    description: 'A social site that an account is opened from, which links it with the one there.',
    fields: (t) => ({
      partner: t.id({ required: true, description: 'The client id of the site.' }),
      takenIn: t.field({
        type: [enums.DataCategory],
        required: true,
        description: 'The categories that this site takes in from there, by the person’s consent.',
      }),
    }),
  });

export function defineRegistration({ builder, enums, current }: SchemaPart): void {
  // registering accepts the current version, and takes the values that this version asks for
  const { vocabulary } = current;
  const SocialOriginInput = vocabulary.features.includes('social') ? defineSocialOrigin({ builder, enums }) : null;

  const RegisterInput = builder.inputType('RegisterInput', {
    description: 'The data that a person gives to open an account. The identity provider keeps the password.',
    fields: (t) => ({
      ...Object.fromEntries(
        vocabulary.categories.flatMap((category) => {
          const { field, register } = category;
          if (field === undefined || register === undefined) return [];
          const options = { type: inputTypeOf(category), description: registerText(category) };
          return [[field, register === 'required' ? t.field({ ...options, required: true }) : t.field(options)]];
        }),
      ),
      country: t.field({ type: 'CountryCode', description: 'Where they live; nobody has to say.' }),
      ...(SocialOriginInput && {
        from: t.field({ type: SocialOriginInput, description: 'The site that the account is opened from, if any.' }),
      }),
      policyVersion: t.string({
        description: 'The version of the policy that they read; only the current one will do.',
      }),
    }),
  });

  const Payload = builder.objectRef<{ readonly user: Subject }>('RegisterPayload');
  builder.objectType(Payload, {
    description: 'The account that was opened.',
    fields: (t) => ({ user: t.expose('user', { type: 'User', description: 'The person, as they see themself.' }) }),
  });

  builder.mutationFields((t) => ({
    register: t.field({
      type: Payload,
      extensions: notUse(),
      description:
        'Opens an account for the holder of a member token that has none, and accepts the current policy explicitly; ' +
        'for a person in the region that data may not leave without consent, or of unknown residence, that includes this ' +
        'consent. The address is shown to no partner until the link that is mailed there was followed. The answer is ' +
        'the same whether or not the address is somebody’s already: the mailbox alone is told. Of somebody too young ' +
        'nothing is kept.',
      args: {
        input: t.arg({ type: RegisterInput, required: true, description: 'The data that the person gives.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        const { caller, services, subjects, now, optsOut } = context;
        const { registration } = services;
        if (caller.kind === 'MEMBER') {
          const { person } = caller;
          if (args.idempotencyKey == null) throw registration.isThere();
          await once(context, info, args, (making) => registration.registerAgain(person, making));
          return { user: await subjects.adopt(person) };
        }
        const publicId = registrantOf(context);
        // before a key is taken: of somebody too young nothing is kept, not even a mark
        registration.check(args.input);
        const person = await once(context, info, args, (making) =>
          registration.register(args.input, { publicId, optsOut }, making),
        );
        const { toward } = createCallerAccess(services.table, { kind: 'MEMBER', person }, now);
        return { user: await subjects.adopt(person, toward(person._id)) };
      },
    }),
  }));
}
