import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { createClock, HOUR } from '../support/clock.ts';
import { draftOfReference, parsePolicy } from '../support/policy.ts';
import { createWorld, member, partner, type TestWorld } from '../support/world.ts';

const MAIL = {
  ...{ clientId: 'mail', name: 'Mail', kind: 'EMAIL_PROVIDER', jurisdiction: 'US' },
  contract: { purposes: ['imvu-newsletter'] },
};
const clock = createClock('2026-03-10T12:00:00.000Z');
let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({ partners: [MAIL] }, { clock });
});
afterAll(() => world.close());

let people = 0;
/** A new person; of the United States, unless `more` names another country. */
async function newcomer(more: object = { country: 'US' }, where = world): Promise<string> {
  people += 1;
  const id = `person-${people}`;
  await where.load({ users: [{ id, avatarName: id, email: `${id}@mail.example`, ...more }] });
  clock.advance(HOUR);
  return id;
}
const ask = async (caller: CallerClaims, query: string, variables: Record<string, unknown> = {}, where = world) => {
  const { data, errors } = await where.ask(caller, query, variables);
  expect(errors).toEqual([]);
  return data;
};
const CORRECT =
  'mutation ($input: CorrectionInput!) { correctPersonalData(input: $input) { requestedConsents { purpose } user { requestedConsents { purpose } } } }';
type Requests = readonly { readonly purpose: string }[];
const purposesOf = (requests: Requests) => requests.map(({ purpose }) => purpose);
/** The consents that the answer to a correction asks for; the person in it says the same. */
const correct = async (id: string, input: object, where = world) => {
  const { requestedConsents, user } = (await ask(member(id), CORRECT, { input }, where)).correctPersonalData;
  expect(user.requestedConsents).toEqual(requestedConsents);
  return purposesOf(requestedConsents);
};
const requestsOf = async (id: string, where = world) =>
  purposesOf((await ask(member(id), '{ me { requestedConsents { purpose } } }', {}, where)).me.requestedConsents);
const mailsOf = async (id: string, where = world) =>
  (await where.mails()).filter(({ kind, to }) => kind === 'CONSENT_REQUESTED' && to === `${id}@mail.example`);
const isMailed = async (id: string, where = world) => {
  const { users } = await ask(
    partner('mail', 'imvu-newsletter', 'email'),
    '{ users(first: 100) { edges { node { email } } } }',
    {},
    where,
  );
  return users.edges.some(({ node }: { node: { email: string } }) => node.email === `${id}@mail.example`);
};
const act = (id: string, name: 'giveConsent' | 'withdrawConsent', purpose = 'euTransfer', where = world) =>
  ask(member(id), `mutation { ${name}(purpose: "${purpose}") { consent { inForce } } }`, {}, where);

describe('europe.transfer: a person who comes to reside in the region is asked for the consent', () => {
  const address = (country: string) => ({ city: 'Emberfold', country });
  test.each([
    { name: 'by another country', move: (id: string) => correct(id, { country: 'FR' }) },
    { name: 'into a part of a member state', move: (id: string) => correct(id, { country: 'RE' }) },
    {
      name: 'by a postal address, where no country is held',
      more: { postalAddress: address('US') },
      move: (id: string) => correct(id, { postalAddress: address('DE') }),
    },
    {
      name: 'by the address of a program, where no country is held',
      more: { postalAddress: address('US') },
      move: (id: string) =>
        ask(member(id), 'mutation { joinCreatorNotification(postalAddress: { country: "DE" }) { id } }'),
    },
    {
      name: 'since nothing says any more that they live elsewhere',
      more: { postalAddress: address('US') },
      move: (id: string) =>
        ask(member(id), 'mutation { deletePersonalData(categories: [POSTAL_ADDRESS]) { deleted } }'),
    },
  ])('$name', async ({ more, move }) => {
    const id = await newcomer(more);
    expect(await requestsOf(id)).toEqual([]);
    expect(await isMailed(id)).toBe(true);
    await move(id);
    expect(await isMailed(id)).toBe(false);
    expect(await requestsOf(id)).toEqual(['euTransfer']);
    expect((await mailsOf(id)).map(({ data }) => data)).toEqual([{ consents: ['euTransfer'] }]);
  });

  test('the answer to the move says so, in the words of the policy', async () => {
    const id = await newcomer();
    expect(await correct(id, { country: 'FR' })).toEqual(['euTransfer']);
    const { description } = world.table.current.consents.find((consent) => consent.id === 'euTransfer') ?? {};
    expect(
      (await ask(member(id), '{ me { requestedConsents { purpose description } } }')).me.requestedConsents,
    ).toEqual([{ purpose: 'euTransfer', description }]);
  });

  test('a consent given ends the question, and shows again the data that was held back', async () => {
    const id = await newcomer();
    await correct(id, { country: 'FR' });
    await act(id, 'giveConsent');
    expect(await requestsOf(id)).toEqual([]);
    expect(await isMailed(id)).toBe(true);
  });

  test('declined, the question ends, and nothing is shown', async () => {
    const id = await newcomer();
    await correct(id, { country: 'FR' });
    await act(id, 'withdrawConsent');
    expect(await requestsOf(id)).toEqual([]);
    expect(await isMailed(id)).toBe(false);
    expect(await correct(id, { name: 'Nia Ko' })).toEqual([]);
  });

  test('moving out again ends the question; moving in anew asks it anew', async () => {
    const id = await newcomer();
    await correct(id, { country: 'FR' });
    expect(await correct(id, { country: 'US' })).toEqual([]);
    expect(await isMailed(id)).toBe(true);
    clock.advance(HOUR);
    expect(await correct(id, { country: 'DE' })).toEqual(['euTransfer']);
    expect(await mailsOf(id)).toHaveLength(2);
  });

  test('moving within the region, or back and forth within an hour, sends no other mail', async () => {
    const id = await newcomer();
    for (const country of ['FR', 'DE', 'US', 'IT']) await correct(id, { country });
    expect(await requestsOf(id)).toEqual(['euTransfer']);
    expect(await mailsOf(id)).toHaveLength(1);
  });

  test.each([
    { name: 'gave the consent before', action: 'GIVEN' },
    { name: 'withdrew it before', action: 'WITHDRAWN' },
  ])('a person who $name is not asked again', async ({ action }) => {
    const consents = [{ purpose: 'euTransfer', action, at: '2026-01-01T00:00:00Z' }];
    const id = await newcomer({ country: 'US', consents });
    expect(await correct(id, { country: 'FR' })).toEqual([]);
    expect(await mailsOf(id)).toEqual([]);
  });

  test('a person who registered in the region consented by accepting, and is not asked', async () => {
    expect(await requestsOf(await newcomer({ country: 'FR' }))).toEqual([]);
  });

  test('a person in the region that accepted the policy by use alone is asked', async () => {
    expect(await requestsOf(await newcomer({ country: 'FR', acceptedPolicy: { mode: 'DEEMED' } }))).toEqual([
      'euTransfer',
    ]);
  });

  test('an address that is not proven gets no mail, and the person sees the question all the same', async () => {
    const id = await newcomer({ country: 'US', emailProven: false });
    expect(await correct(id, { country: 'FR' })).toEqual(['euTransfer']);
    expect(await mailsOf(id)).toEqual([]);
  });

  test('a person who refused the policy is asked nothing', async () => {
    const id = await newcomer({ country: 'US', status: 'REFUSED' });
    expect(await correct(id, { country: 'FR' })).toEqual([]);
    expect(await mailsOf(id)).toEqual([]);
  });

  test('nobody else is told of the question', async () => {
    const id = await newcomer();
    await correct(id, { country: 'FR' });
    const { errors } = await world.ask(
      member(await newcomer()),
      'query ($id: ID!) { user(id: $id) { requestedConsents { purpose } } }',
      { id },
    );
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', category: 'ACCOUNT' });
  });
});

test('which consent is asked for, and where, is for the policy to say', async () => {
  const draft = draftOfReference();
  draft.version = '2026-01-01';
  draft.transferRegion.countries = ['JP'];
  draft.consents = draft.consents.flatMap((consent) =>
    consent.givenBy === 'EXPLICIT_ACCEPTANCE'
      ? [
          { ...consent, givenBy: 'EXPRESS' as const },
          { ...consent, id: 'leaveJapan' },
        ]
      : [consent],
  );
  const policy = parsePolicy(JSON.stringify(draft), 'another policy');
  const where = await createWorld({ partners: [MAIL] }, { clock, policy });
  try {
    const id = await newcomer({ country: 'US' }, where);
    expect(await correct(id, { country: 'FR' }, where)).toEqual([]);
    expect(await correct(id, { country: 'JP' }, where)).toEqual(['leaveJapan']);
    expect((await mailsOf(id, where)).map(({ data }) => data)).toEqual([{ consents: ['leaveJapan'] }]);
    await act(id, 'giveConsent', 'leaveJapan', where);
    expect(await requestsOf(id, where)).toEqual([]);
  } finally {
    await where.close();
  }
});
