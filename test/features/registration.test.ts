import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newMaking } from '../../src/features/idempotency/operations.ts';
import { createRegistration } from '../../src/features/registration/operations.ts';
import { createServices } from '../../src/gateway/services.ts';
import { isOldEnough } from '../../src/subject/age.ts';
import { createClock } from '../support/clock.ts';
import { commandsFor } from '../support/commands.ts';
import { proveAddress } from '../support/mailboxes.ts';
import { quiet } from '../support/store.ts';
import { createWorld, KEYS, member, partner, staff, type TestWorld } from '../support/world.ts';

const NOW = '2026-03-10T12:00:00.000Z';

const mailer = {
  clientId: 'mailer',
  name: 'Mailer',
  kind: 'EMAIL_PROVIDER',
  jurisdiction: 'US',
  contract: { purposes: ['imvu-newsletter', 'service-notice', 'creator-notification'] },
};
const service = partner('mailer', 'service-notice', 'name email');

let world: TestWorld;
const clock = createClock(NOW);
beforeAll(async () => {
  world = await createWorld(
    {
      users: [
        { id: 'old', avatarName: 'Old Hand', name: 'Olga', email: 'olga@example.com' },
        { id: 'unsure', avatarName: 'Unsure', email: 'unsure@example.com', emailProven: false },
      ],
      partners: [mailer],
    },
    { clock },
  );
});
afterAll(() => world.close());

let registrants = 0;
let forms = 0;
const somebody = () => `new-${++registrants}`;
const form = (input: object = {}) => {
  const id = `person-${++forms}`;
  return { name: 'Nia Ko', email: `${id}@example.com`, avatarName: `Avatar ${id}`, ...input };
};

const REGISTER = `mutation ($input: RegisterInput!) { register(input: $input) { user {
  id avatarName name email gender birthDate country age status
  preferences { imvuNewsletter developerNewsletter friendAdded friendMessage nonFriendMessage creatorNotification adTargeting gpcOptOut }
  consents { purpose action expression inForce } policyAcceptances { version mode }
} } }`;

const register = async (id: string, input: object, headers = {}) => world.ask(member(id), REGISTER, { input }, headers);

const database = () => world.store.connection.getClient().db(world.store.connection.name);
/** Everything in the database but the books' own counts. */
const everything = async () => {
  const held: Record<string, unknown[]> = {};
  const collections = await database().listCollections({}, { nameOnly: true }).toArray();
  for (const { name } of collections.filter(({ name }) => name !== 'book_heads'))
    held[name] = await database().collection(name).find({}).toArray();
  return held;
};

const mailTo = async (address: string) =>
  (await world.mails())
    .filter(({ to }) => to === address)
    .map(({ kind }) => kind)
    .sort();

describe('registration.contact: an account is opened', () => {
  test('somebody is registered with the policy’s defaults and accepts it explicitly', async () => {
    const id = somebody();
    const input = form({ gender: 'female', birthDate: '1990-02-03', country: 'US' });
    const { data, errors } = await register(id, input);
    expect(errors).toEqual([]);
    expect(data.register.user).toEqual({
      id,
      ...input,
      age: 36,
      status: 'ACTIVE',
      preferences: {
        imvuNewsletter: true,
        developerNewsletter: true,
        friendAdded: true,
        friendMessage: true,
        nonFriendMessage: true,
        creatorNotification: false,
        adTargeting: true,
        gpcOptOut: false,
      },
      consents: [],
      policyAcceptances: [{ version: '2014-09-12', mode: 'EXPLICIT' }],
    });
    const toPartner = async () =>
      (await world.ask(service, '{ users { edges { node { name email } } } }')).data.users.edges;
    expect(await toPartner()).toContainEqual({ node: { name: input.name, email: null } });
    const ofVisitor = await world.ask(null, 'query ($id: ID!) { user(id: $id) { avatarName } }', { id });
    expect(ofVisitor.data.user).toEqual({ avatarName: input.avatarName });
    expect(await mailTo(input.email)).toEqual(['ACCOUNT_OPENED']);
    await proveAddress(world, input.email);
    expect(await toPartner()).toContainEqual({ node: { name: input.name, email: input.email } });
  });

  test('a browser’s opt-out signal stands from the start', async () => {
    const { data } = await register(somebody(), form(), { 'sec-gpc': '1' });
    expect(data.register.user.preferences.gpcOptOut).toBe(true);
  });

  test('there is no way to give a password', async () => {
    const { errors } = await register(somebody(), form({ password: 'secret' }));
    expect(errors[0]?.extensions.code).toBe('BAD_INPUT');
    expect(JSON.stringify(errors)).not.toContain('secret');
  });

  test.each([
    { name: 'nobody', caller: null, code: 'FORBIDDEN' },
    { name: 'a partner', caller: service, code: 'FORBIDDEN' },
    { name: 'staff', caller: staff('support', 'customer-support'), code: 'FORBIDDEN' },
    { name: 'a person with an account', caller: member('old'), code: 'CONFLICT' },
  ])('$name can not register', async ({ caller, code }) => {
    const { data, errors } = await world.ask(caller, REGISTER, { input: form() });
    expect(data).toBeNull();
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([code]);
  });

  test('of two registrations of one token at once one opens the account', async () => {
    const id = somebody();
    const answers = await Promise.all([register(id, form()), register(id, form())]);
    const codes = answers.map(({ data, errors }) => (data ? 'OPEN' : errors[0]?.extensions.code)).sort();
    expect(codes).toEqual(['CONFLICT', 'OPEN']);
    expect(await database().collection('people').countDocuments({ publicId: id })).toBe(1);
  });

  test.each([
    { field: 'name', value: ' ' },
    { field: 'name', value: 'x'.repeat(201) },
    { field: 'avatarName', value: 'two\nlines' },
    { field: 'avatarName', value: '\u200b\u3164\u2800' },
    { field: 'avatarName', value: 'Ne\u202eko' },
    { field: 'name', value: 'Nia\u2028Ko' },
    { field: 'name', value: '\u200d' },
    { field: 'gender', value: 'x'.repeat(33) },
    { field: 'policyVersion', value: '1999-01-01' },
  ])('a $field of the wrong form is refused, without its value, and nothing is kept', async ({ field, value }) => {
    const before = await everything();
    const { data, errors } = await register(somebody(), form({ [field]: value }));
    expect(data).toBeNull();
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: `input.${field}` });
    if (value.trim()) expect(JSON.stringify(errors)).not.toContain(value);
    expect(await everything()).toEqual(before);
  });
});

describe('registration.contact: an address that a person gives', () => {
  test('an address that is another’s is answered just as one that is free, and is proven for nobody', async () => {
    const [taken, free] = [somebody(), somebody()];
    const atTaken = await register(taken, { ...form({ email: 'OLGA@example.com' }), avatarName: 'Second A' });
    const atFree = await register(free, { ...form({ email: 'FREE@example.com' }), avatarName: 'Second B' });
    const shape = (answer: typeof atTaken) =>
      JSON.stringify({ data: answer.data, errors: answer.errors, status: answer.status })
        .replaceAll(taken, 'id')
        .replaceAll(free, 'id')
        .replaceAll('OLGA', 'FREE')
        .replace(/Second ./, '');
    expect(shape(atTaken)).toBe(shape(atFree));
    expect((await world.ask(member(taken), '{ me { email } }')).data.me).toEqual({ email: 'OLGA@example.com' });
    // nor does anything that they do with it tell
    const FOLLOW = 'mutation { subscribeToThread(thread: "welcome") }';
    const WRITE = 'mutation ($text: String!) { submitPost(forum: "f", text: $text) { warnings } }';
    for (const [id, name] of [
      [taken, 'olga'],
      [free, 'free'],
    ] as const) {
      expect((await world.ask(member(id), FOLLOW)).data).toEqual({ subscribeToThread: true });
      expect((await world.ask(member(id), '{ me { emailProven } }')).data.me).toEqual({ emailProven: false });
      const { data } = await world.ask(member(id), WRITE, { text: `I am ${name} example com` });
      expect(data.submitPost.warnings).toEqual(['EMAIL']);
    }

    const { data } = await world.ask(service, '{ users { edges { node { email } } } }');
    const addresses = data.users.edges.map(({ node }: { node: { email: string } }) => node.email);
    expect(addresses).toContain('olga@example.com');
    expect(addresses).not.toContain('OLGA@example.com');
    expect(addresses).not.toContain('FREE@example.com');
    const support = staff('support', 'customer-support');
    for (const id of [taken, free])
      expect((await world.ask(support, 'query ($id: ID!) { user(id: $id) { email } }', { id })).data.user).toEqual({
        email: null,
      });
    expect([await mailTo('OLGA@example.com'), await mailTo('FREE@example.com')]).toEqual([
      ['ADDRESS_TAKEN', 'VERIFY_SUBSCRIPTION'],
      ['ACCOUNT_OPENED', 'VERIFY_SUBSCRIPTION'],
    ]);
  });

  test.each([
    { name: 'one that another has proven', email: 'Olga@example.com' },
    { name: 'one that another has given and not proven', email: 'unsure@example.com' },
    { name: 'one with a domain in A-labels', email: 'olga@xn--bcher-kva.example' },
  ])('an address costs the same commands as a free one: $name', async ({ email }) => {
    const commands = (input: object) => commandsFor(world.store, () => register(somebody(), form(input)));
    expect(await commands({ email })).toEqual(await commands({}));
  });

  test.each([
    { fault: 'two mailboxes', email: 'a@example.com, b@example.com' },
    { fault: 'a name to display', email: 'Nia <nia@example.com>' },
    { fault: 'a domain without a dot', email: 'nowhere@nothing' },
    { fault: 'an invisible character', email: 'ni\u200ba@example.com' },
  ])('anything but a single mailbox is refused and not repeated, and nothing is kept: $fault', async ({ email }) => {
    const before = await everything();
    const { errors } = await register(somebody(), form({ email }));
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'input.email' });
    expect(JSON.stringify(errors)).not.toContain(email);
    expect(await everything()).toEqual(before);
  });
});

describe('registration.demographic: nobody has to say', () => {
  test.each(['gender', 'birthDate', 'country'])('without %s the account is opened', async (left) => {
    const input: Record<string, unknown> = form({ gender: 'x', birthDate: '1990-02-03', country: 'US' });
    delete input[left];
    const { data, errors } = await register(somebody(), input);
    expect(errors).toEqual([]);
    expect(data.register.user[left]).toBeNull();
  });
});

describe('europe.transfer: explicit acceptance brings the consent along', () => {
  test.each([
    { name: 'somebody in France', country: 'FR', consents: ['GIVEN'] },
    { name: 'somebody without a country', country: undefined, consents: ['GIVEN'] },
    { name: 'somebody in the United States', country: 'US', consents: [] },
  ])('$name', async ({ country, consents }) => {
    const { data } = await register(somebody(), form({ ...(country && { country }) }));
    const told = data.register.user.consents;
    expect(told.map(({ action }: { action: string }) => action)).toEqual(consents);
    for (const consent of told)
      expect(consent).toEqual({ purpose: 'euTransfer', action: 'GIVEN', expression: 'BUNDLED', inForce: true });
  });
});

describe('children.age-limit: nobody too young is registered', () => {
  const BORN = '2013-06-15';
  test.each([
    { name: 'on the eve, in the first zone to reach it', at: '2026-06-13T10:00:00.000Z', old: false },
    { name: 'on the day, in the first zone to reach it', at: '2026-06-14T10:00:00.000Z', old: false },
    { name: 'on the eve in UTC', at: '2026-06-14T23:59:59.999Z', old: false },
    { name: 'on the eve in the last zone, a millisecond before midnight', at: '2026-06-15T11:59:59.999Z', old: false },
    { name: 'on the day everywhere', at: '2026-06-15T12:00:00.000Z', old: true },
    { name: 'a day later', at: '2026-06-16T12:00:00.000Z', old: true },
  ])('a thirteenth birthday: $name', async ({ at, old }) => {
    clock.set(at);
    const before = await everything();
    const { data, errors } = await register(somebody(), form({ birthDate: BORN }));
    clock.set(NOW);
    if (old) return expect(errors).toEqual([]);
    expect(data).toBeNull();
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'input.birthDate' });
    expect(await everything()).toEqual(before);
  });

  test.each([
    { country: 'KI', eve: '2026-06-14T11:59:59.999Z', day: '2026-06-14T12:00:00.000Z', zone: 'Pacific/Kiritimati' },
    { country: 'JP', eve: '2026-06-14T14:59:59.999Z', day: '2026-06-14T15:00:00.000Z', zone: 'Asia/Tokyo' },
    { country: 'FR', eve: '2026-06-14T21:59:59.999Z', day: '2026-06-14T22:00:00.000Z', zone: 'Europe/Paris' },
    { country: 'US', eve: '2026-06-15T09:59:59.999Z', day: '2026-06-15T10:00:00.000Z', zone: 'Pacific/Honolulu' },
    { country: undefined, eve: '2026-06-15T11:59:59.999Z', day: '2026-06-15T12:00:00.000Z', zone: 'Etc/GMT+12' },
  ])('in $country: refused on the eve and let in on the day, in any time zone of the gateway', async (row) => {
    const { country, eve, day, zone } = row;
    const zoneOfTests = process.env.TZ;
    try {
      for (const TZ of ['UTC', 'Pacific/Kiritimati', 'Etc/GMT+12', zone]) {
        process.env.TZ = TZ;
        expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(TZ);
        clock.set(eve);
        const { errors } = await register(somebody(), form({ birthDate: BORN, country }));
        expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'input.birthDate' });
        clock.set(day);
        expect((await register(somebody(), form({ birthDate: BORN, country }))).errors).toEqual([]);
      }
    } finally {
      if (zoneOfTests === undefined) delete process.env.TZ;
      else process.env.TZ = zoneOfTests;
      clock.set(NOW);
    }
  });

  test.each([
    { born: '2012-02-29', eve: '2025-02-28T23:00:00Z', day: '2025-03-01T12:00:00Z' },
    { born: '2013-01-01', eve: '2025-12-31T23:59:59Z', day: '2026-01-01T12:00:00Z' },
  ])('a birthday of $born is not before its day', ({ born, eve, day }) => {
    expect([isOldEnough(born, 13, new Date(eve)), isOldEnough(born, 13, new Date(day))]).toEqual([false, true]);
  });

  test.each(['2030-01-01', '1850-01-01'])('a birth date of %s is nobody’s', async (birthDate) => {
    const { errors } = await register(somebody(), form({ birthDate }));
    expect(errors[0]?.extensions.code).toBe('BAD_INPUT');
  });
});

test('a registration that waits while the same account is opened and erased opens nothing', async () => {
  const id = somebody();
  const input = form();
  const services = createServices({ store: world.store, table: world.table, clock, log: quiet, ...KEYS });
  const openAndErase = async () => {
    await register(id, input);
    const asked = await world.ask(member(id), 'mutation { requestErasure { confirmation } }');
    const { confirmation } = asked.data.requestErasure;
    const erased = await world.ask(
      member(id),
      'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }',
      { confirmation },
    );
    expect(erased.errors).toEqual([]);
  };
  let sids: readonly string[] = [];
  const slow = createRegistration({
    ...services,
    keys: {
      ...services.keys,
      obtain: async (asked) => {
        sids = asked;
        await openAndErase();
        return services.keys.obtain(asked);
      },
    },
  });
  const attempt = slow.register(input, { publicId: id, optsOut: false }, newMaking(clock.now()));
  await expect(attempt).rejects.toMatchObject({ code: 'CONFLICT' });
  await services.changes.idle();
  expect(sids).toHaveLength(1);
  for (const name of ['people', 'person_keys'])
    expect(
      await database()
        .collection(name)
        .countDocuments({ _id: { $in: sids } } as never),
    ).toBe(0);
  expect(
    await database()
      .collection('public_ids')
      .countDocuments({ sid: { $in: sids } }),
  ).toBe(0);
});
