import { badInput, forbiddenOperation, rateLimited } from '../../base/errors.ts';
import { textArgument } from '../../graphql/arguments.ts';
import type { Context } from '../../graphql/context.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';
import type { DeviceProfile, DeviceSettings } from './operations.ts';

/** A request that carries both a person's token and a device's id would link the two. */
const refuseTokens = ({ caller }: Context) => {
  if (caller.kind !== 'VISITOR' || caller.registrant !== null)
    throw forbiddenOperation('A device is never linked with a person: ask without a token.', 'NOT_PERMITTED');
};

interface Input {
  readonly sessionOnly?: boolean | null | undefined;
  readonly persistent?: boolean | null | undefined;
  readonly interestTracking?: boolean | null | undefined;
  readonly interests?: readonly string[] | null | undefined;
  readonly volume?: number | null | undefined;
  readonly highScore?: number | null | undefined;
}

/** A profile ends with the session or persists: two words for one switch, as people may refuse either kind. */
const sessionOnlyIn = ({ sessionOnly, persistent }: Input) => {
  if (sessionOnly != null && persistent === sessionOnly)
    throw badInput('input.persistent', 'the opposite of sessionOnly, or one of the two alone');
  return sessionOnly ?? (persistent == null ? undefined : !persistent);
};

const settingsIn = ({ persistent, ...input }: Input): DeviceSettings => {
  const sessionOnly = sessionOnlyIn({ persistent, ...input });
  if (input.volume != null && (input.volume < 0 || input.volume > 100))
    throw badInput('input.volume', 'a number from 0 to 100');
  for (const [index, interest] of (input.interests ?? []).entries())
    textArgument(`input.interests.${index}`, interest, 64);
  return Object.fromEntries(Object.entries({ ...input, sessionOnly }).filter(([, value]) => value != null));
};

export function defineDevices({ builder }: SchemaPart): void {
  const Device = builder.objectRef<DeviceProfile>('DeviceProfile');
  builder.objectType(Device, {
    description:
      'The profile of a device under a random id: settings such as cookies and local objects hold. It has no name in ' +
      'it, and no way to a person.',
    fields: (t) => ({
      id: t.exposeID('_id', { description: 'The random id. Anybody that has it can read and erase the profile.' }),
      sessionOnly: t.exposeBoolean('sessionOnly', { description: 'Whether the profile ends with the session.' }),
      persistent: t.boolean({
        description: 'Whether it stays when the session ends.',
        resolve: ({ sessionOnly }) => !sessionOnly,
      }),
      interestTracking: t.exposeBoolean('interestTracking', { description: 'Whether interests may be kept.' }),
      interests: t.exposeStringList('interests', {
        description: 'The interests seen so far; empty where not tracked.',
      }),
      volume: t.exposeInt('volume', { nullable: true, description: 'The volume, 0 to 100.' }),
      highScore: t.exposeInt('highScore', { nullable: true, description: 'The best score in a game.' }),
    }),
  });

  const DeviceInput = builder.inputType('DeviceInput', {
    description: 'Settings of a device. Those left out stay as they are.',
    fields: (t) => ({
      sessionOnly: t.boolean({ description: 'Whether the profile ends with the session; on until switched off.' }),
      persistent: t.boolean({ description: 'Whether it stays when the session ends: the opposite of `sessionOnly`.' }),
      interestTracking: t.boolean({ description: 'Whether interests may be kept; off until switched on.' }),
      interests: t.stringList({ description: 'Interests to add; kept only where tracking is on.' }),
      volume: t.int({ description: 'The volume, 0 to 100.' }),
      highScore: t.int({ description: 'The best score in a game.' }),
    }),
  });

  const id = { required: true, description: 'The random id of the device.' } as const;

  builder.queryFields((t) => ({
    device: t.field({
      type: Device,
      nullable: true,
      description: 'The profile of a device; null where there is none. Ask without a token.',
      args: { id: t.arg.id(id) },
      resolve: (_root, args, context) => {
        refuseTokens(context);
        return context.services.devices.find(args.id);
      },
    }),
  }));

  builder.mutationFields((t) => ({
    createDevice: t.field({
      type: Device,
      description:
        'Keeps settings for a device under a new random id. Nobody has to: the site works without. Beyond the limits of ' +
        'one request and one network it is `RATE_LIMITED`, and nothing is kept.',
      args: {
        input: t.arg({ type: DeviceInput, required: true, description: 'The settings.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        refuseTokens(context);
        const settings = settingsIn(args.input);
        if (!(await context.mayStore('DEVICE'))) throw rateLimited('More devices than one caller may have kept.');
        return once(context, info, args, (making) => context.services.devices.create(settings, making));
      },
    }),
    updateDevice: t.field({
      type: Device,
      nullable: true,
      description: 'Changes the settings of a device; null where nothing is kept for it.',
      args: { id: t.arg.id(id), input: t.arg({ type: DeviceInput, required: true, description: 'The settings.' }) },
      resolve: (_root, args, context) => {
        refuseTokens(context);
        return context.services.devices.update(args.id, settingsIn(args.input));
      },
    }),
    eraseDevice: t.boolean({
      description: 'Nothing is kept for the device any more. Erasing it twice is no error.',
      args: { id: t.arg.id(id) },
      resolve: async (_root, args, context) => {
        refuseTokens(context);
        await context.services.devices.erase(args.id);
        return true;
      },
    }),
  }));
}
