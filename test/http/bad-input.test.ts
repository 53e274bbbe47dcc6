import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({
    users: [{ id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'neko@example.com' }],
    partners: [
      {
        clientId: 'wall',
        name: 'Wall',
        kind: 'OFFER_WALL',
        jurisdiction: 'US',
        contract: { purposes: ['offer-completion'] },
      },
    ],
  });
});
afterAll(() => world.close());

const self = member('u1');
const legal = staff('legal', 'legal-process');
const SECRET = 'Canary';

describe('a misfit is told by the path of its argument and the expected form, never by its value', () => {
  test.each([
    {
      name: 'an address in a document',
      caller: null,
      query: `mutation { subscribeToThread(thread: "t", email: "${SECRET}") }`,
      argument: 'email',
    },
    {
      name: 'an address in a variable',
      caller: null,
      query: 'mutation ($email: EmailAddress!) { subscribeToThread(thread: "t", email: $email) }',
      variables: { email: SECRET },
      argument: 'email',
    },
    {
      name: 'an address within a variable',
      caller: member('new'),
      query: 'mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }',
      variables: { input: { name: 'A', avatarName: 'A', email: SECRET } },
      argument: 'input.email',
    },
    {
      name: 'a number in place of a text, in a document',
      caller: member('new'),
      query:
        'mutation { register(input: { name: 20261124, avatarName: "A", email: "a@example.com" }) { user { id } } }',
      argument: 'input.name',
      secret: '20261124',
    },
    {
      name: 'a time in a document',
      caller: legal,
      query: `mutation { openLegalProcess(input: { kind: STATUTE, authority: "A", reference: "R", subject: "u1", categories: [EMAIL], until: "${SECRET}" }) }`,
      argument: 'input.until',
    },
    {
      name: 'a category in a list of a document',
      caller: self,
      query: `mutation { deletePersonalData(categories: [GENDER, ${SECRET}]) { deleted } }`,
      argument: 'categories.1',
    },
    {
      name: 'a category in a list of a variable',
      caller: self,
      query: 'mutation ($categories: [DataCategory!]!) { deletePersonalData(categories: $categories) { deleted } }',
      variables: { categories: ['GENDER', SECRET] },
      argument: 'categories.1',
    },
    {
      name: 'a text in place of a switch',
      caller: self,
      query: 'mutation ($input: PreferencesInput!) { updatePreferences(input: $input) { user { id } } }',
      variables: { input: { adTargeting: SECRET } },
      argument: 'input.adTargeting',
    },
    {
      name: 'a variable that pretends to say where it stands',
      caller: self,
      query: 'mutation ($input: PreferencesInput!) { updatePreferences(input: $input) { user { id } } }',
      variables: { input: { adTargeting: [` at "${SECRET}" at "input.${SECRET}"; `] } },
      argument: 'input.adTargeting',
    },
    {
      name: 'a field that an input does not have, in a document',
      caller: self,
      query: `mutation { updatePreferences(input: { ${SECRET}: true }) { user { id } } }`,
      argument: 'input',
    },
    {
      name: 'a field that an input does not have, in a variable',
      caller: self,
      query: 'mutation ($input: PreferencesInput!) { updatePreferences(input: $input) { user { id } } }',
      variables: { input: { [SECRET]: true } },
      argument: 'input',
    },
    {
      name: 'a consent that the policy does not know',
      caller: self,
      query: `mutation { giveConsent(purpose: "${SECRET}") { user { id } } }`,
      argument: 'purpose',
    },
    {
      name: 'a number out of range, in a document',
      caller: partner('wall', 'offer-completion', ''),
      query:
        'mutation { submitOfferCompletion(input: { completionId: "1", name: "A", email: "a@example.com", credits: 99999999999 }) { received } }',
      argument: 'input.credits',
      secret: '99999999999',
    },
    {
      name: 'a report of no credits',
      caller: partner('wall', 'offer-completion', ''),
      query: 'mutation ($input: OfferCompletionInput!) { submitOfferCompletion(input: $input) { received } }',
      variables: { input: { completionId: '1', name: SECRET, email: 'a@example.com', credits: 0 } },
      argument: 'input.credits',
    },
    {
      name: 'an interest without end',
      caller: null,
      query: 'mutation ($input: DeviceInput!) { createDevice(input: $input) { id } }',
      variables: { input: { interests: ['x', SECRET.repeat(20)] } },
      argument: 'input.interests.1',
    },
  ])('$name', async ({ caller, query, variables, argument, secret = SECRET }) => {
    const { errors, data } = await world.ask(caller, query, variables);
    expect(data ?? null).toBeNull();
    expect(errors).toHaveLength(1);
    const expected = expect.any(String);
    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_INPUT', argument, expected } });
    expect(errors[0]?.message).toBe(`${argument}: expected ${errors[0]?.extensions.expected}.`);
    expect(JSON.stringify(errors)).not.toContain(secret);
  });
});

describe('security.card: a card number is refused in any place and spelling, and told nowhere', () => {
  const NUMBER = '4242424242424242';
  const POST = 'mutation ($text: String!) { submitPost(forum: "Lobby", text: $text) { post { id } } }';

  test.each([
    {
      name: 'as a number where a text belongs',
      query: `{ user(avatarName: ${NUMBER}) { id } }`,
      argument: 'avatarName',
    },
    { name: 'as an alias', query: `{ me { c${NUMBER}: avatarName } }`, argument: 'query' },
    { name: 'as a field', query: `{ me { c${NUMBER} } }`, argument: 'query' },
    { name: 'in a comment', query: `{ me { id } } # ${NUMBER}`, argument: 'query' },
    { name: 'in a text that is no GraphQL', query: `{ me { id } ) "${NUMBER}"`, argument: 'query' },
    {
      name: 'in escaped characters',
      query: `mutation { submitPost(forum: "Lobby", text: "\\u0034${NUMBER.slice(1)}") { post { id } } }`,
      argument: 'text',
    },
    { name: 'as the name of a variable', query: POST, variables: { text: 'x', [NUMBER]: 'y' }, argument: 'variables' },
    { name: 'in points', query: POST, variables: { text: '4242.4242.4242.4242' }, argument: 'text' },
    {
      name: 'with spaces that do not break',
      query: POST,
      variables: { text: '4242\u00a04242\u00a04242\u00a04242' },
      argument: 'text',
    },
    {
      name: 'with dashes among spaces',
      query: POST,
      variables: { text: '4242 – 4242 – 4242 – 4242' },
      argument: 'text',
    },
    { name: 'in wide digits', query: POST, variables: { text: '４２４２４２４２４２４２４２４２' }, argument: 'text' },
  ])('$name', async ({ query, variables, argument }) => {
    const { errors, data } = await world.ask(self, query, variables);
    expect(data).toBeUndefined();
    expect(errors.map(({ extensions }) => extensions)).toMatchObject([{ code: 'BAD_INPUT', argument }]);
    expect(JSON.stringify(errors)).not.toMatch(/4242|４２/);
  });

  test('a telephone number is none', async () => {
    // its check digit is that of a card
    const { errors } = await world.ask(self, POST, { text: 'call +49 1512 3456 788' });
    expect(errors).toEqual([]);
  });
});
