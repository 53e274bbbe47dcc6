import { forbiddenOperation } from '../../base/errors.ts';
import { createCallerAccess } from '../../enforcement/access.ts';
import { notUse } from '../../enforcement/site-use.ts';
import type { Context } from '../../graphql/context.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { serves } from '../../policy/serves.ts';
import type { Subject } from '../../subject/subject.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';

const registrantOf = ({ caller }: Context): string => {
  if (caller.kind !== 'VISITOR' || caller.registrant === null)
    throw forbiddenOperation('Registering takes a member token of somebody who has no account.', 'NOT_PERMITTED');
  return caller.registrant;
};

export function defineRegistration({ builder, enums }: SchemaPart): void {
  const SocialOriginInput = builder.inputType('SocialOriginInput', {
    description: 'A social site that an account is opened from, which links it with the one there.',
    fields: (t) => ({
      partner: t.id({ required: true, description: 'The client id of the site.' }),
      takenIn: t.field({
        type: [enums.DataCategory],
        required: true,
        description: 'What this site takes in from there, by the person’s consent.',
      }),
    }),
  });

  const RegisterInput = builder.inputType('RegisterInput', {
    description: 'What somebody says of themself to open an account. The identity provider keeps the password.',
    fields: (t) => ({
      name: t.string({ required: true, description: 'The legal name.' }),
      email: t.field({
        type: 'EmailAddress',
        required: true,
        description: 'Where they receive mail. The address is unproven until its mailbox has answered.',
      }),
      avatarName: t.string({
        required: true,
        description: 'The public pseudonym: no name that another person has or had, nor one that looks like it.',
      }),
      gender: t.string({ description: 'The gender, in their own words; nobody has to say.' }),
      birthDate: t.field({
        type: 'Date',
        description:
          'The date of birth; nobody has to say. A birthday counts once it has begun everywhere in the `country`, and ' +
          'without one everywhere on Earth, at noon UTC.',
      }),
      country: t.field({ type: 'CountryCode', description: 'Where they live; nobody has to say.' }),
      from: t.field({ type: SocialOriginInput, description: 'The site that the account is opened from, if any.' }),
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
      extensions: {
        ...notUse(),
        ...serves(
          'registration.contact',
          'registration.demographic',
          'newsletters.default-in',
          'children.age-limit',
          'europe.transfer',
          'social.connect',
        ),
      },
      description:
        'Opens an account for the holder of a member token that has none, and accepts the current policy explicitly; ' +
        'for who lives in the region that data may not leave without consent, or does not say, that includes this ' +
        'consent. The address is shown to no partner until the link that is mailed there was followed. The answer is ' +
        'the same whether or not the address is somebody’s already: the mailbox alone is told. Of somebody too young ' +
        'nothing is kept.',
      args: {
        input: t.arg({ type: RegisterInput, required: true, description: 'What they say of themself.' }),
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
