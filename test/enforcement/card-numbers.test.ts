import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdsCardNumber } from '../../src/enforcement/card-numbers.ts';
import { createWorld, member, partner, type TestWorld } from '../support/world.ts';

/** A digit of another script for each digit. */
const inScript = (zero: number) => (text: string) =>
  text.replaceAll(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));

describe('security.card: the number of a card is found in every notation', () => {
  test.each([
    ['Visa', '4111111111111111'],
    ['Visa of nineteen digits', '4000000000000000006'],
    ['Visa of thirteen digits', '4222222222222'],
    ['Mastercard', '5555555555554444'],
    ['Mastercard of the new range', '2223003122003222'],
    ['American Express', '378282246310005'],
    ['Diners Club', '30569309025904'],
    ['Diners Club of sixteen digits', '3622720627166700'],
    ['Discover', '6011111111111117'],
    ['JCB', '3530111333300000'],
    ['UnionPay', '6200000000000005'],
    ['Maestro', '6759649826438453'],
    ['Mir', '2200000000000004'],
  ])('%s', (_, number) => {
    expect(holdsCardNumber(number)).toBe(true);
    expect(holdsCardNumber(`pay with ${number}.`)).toBe(true);
  });

  test.each([...'_/.-*,|:;~+#=·–—•\\\u00a0\t\n\u2003'])('separated by %j', (separator) => {
    expect(holdsCardNumber(['4111', '1111', '1111', '1111'].join(separator))).toBe(true);
    expect(holdsCardNumber(['3782', '822463', '10005'].join(` ${separator} `.slice(0, 3)))).toBe(true);
  });

  test.each([
    ['Arabic-Indic', 0x660],
    ['Extended Arabic-Indic', 0x6f0],
    ['Devanagari', 0x966],
    ['Thai', 0xe50],
    ['fullwidth', 0xff10],
    ['mathematical bold', 0x1d7ce],
    ['Adlam', 0x1e950],
  ])('in %s digits', (_, zero) => {
    expect(holdsCardNumber(inScript(zero)('4111 1111 1111 1111'))).toBe(true);
    expect(holdsCardNumber(inScript(zero)('4111 1111 1111 1112'))).toBe(false);
  });

  test.each([
    '\u200b',
    '\u200d',
    '\u2060',
    '\ufeff',
    '\u00ad',
    '\u202e',
    '\u{e0001}',
  ])('with %j between its digits', (hidden) => {
    expect(holdsCardNumber([...'4111111111111111'].join(hidden))).toBe(true);
  });
});

describe('other numbers are no cards', () => {
  test.each([
    ['a numeric id of no issuer', '1234567812345670'],
    ['an id that counts up from a date', '2026112700000009'],
    ['a number of sixteen digits with a wrong check digit', '4111111111111112'],
    ['an issuer’s prefix in a number of another length', '34343434343434343'],
    ['a telephone number of Germany', '4915112345672'],
    ['a telephone number of Austria', '4366412345676'],
    ['a telephone number of Indonesia', '6281234567892'],
    ['a telephone number of China', '8613812345672'],
    ['a telephone number of Malaysia, with spaces', '60 12 345 67895'],
    ['a telephone number with a plus', '+372 5555 5555 555'],
    ['an instant', '2026-11-27T12:31:25.123Z'],
    ['an instant without separators', '20261127123125123'],
    ['an ISBN', '978-0-306-40615-7'],
  ])('%s', (_, text) => {
    expect(holdsCardNumber(text)).toBe(false);
  });

  test('telephone numbers of twelve digits and fewer never are', () => {
    const digits = fc.stringMatching(/^[1-9]\d{6,11}$/);
    fc.assert(fc.property(digits, (phone) => !holdsCardNumber(phone)));
  });
});

describe('security.card: it is refused in text, and not in ids and cursors', () => {
  const CARD = '4111111111111111';
  const self = member('u1');
  let world: TestWorld;
  beforeAll(async () => {
    world = await createWorld({
      users: [{ id: 'u1', avatarName: 'Neko' }],
      partners: [
        {
          ...{ clientId: 'mail', name: 'Mail', kind: 'EMAIL_PROVIDER', jurisdiction: 'US' },
          contract: { purposes: ['service-notice'] },
        },
      ],
    });
  });
  afterAll(() => world.close());

  const placesOf = ({ errors }: Awaited<ReturnType<TestWorld['ask']>>) =>
    errors.flatMap(({ extensions, message }) => (message.includes('card number') ? [extensions.argument] : []));

  test.each([
    ['an id in the document', `{ user(id: "${CARD}") { id } }`, {}],
    ['a number for an id', `{ user(id: ${CARD}) { id } }`, {}],
    ['an id in a variable', 'query ($id: ID) { user(id: $id) { id } }', { id: CARD }],
    ['ids in a list', 'mutation ($ids: [ID!]) { removePhotos(ids: $ids) { id } }', { ids: [CARD] }],
    ['an address', 'mutation ($url: URL!) { addPhoto(url: $url) { id } }', { url: `https://example.com/${CARD}.png` }],
    ['a cursor', 'query ($after: String) { users(after: $after) { edges { cursor } } }', { after: CARD }],
    ['a cursor in the document', `{ users(after: "${CARD}") { edges { cursor } } }`, {}],
    ['a token', `mutation { verifySubscription(token: "${CARD}") }`, {}],
    ['a confirmation', `mutation { eraseAccount(confirmation: "${CARD}") { erasedAt } }`, {}],
  ])('not in %s', async (_, query, variables) => {
    expect(placesOf(await world.ask(self, query, variables))).toEqual([]);
  });

  test.each([
    ['a text in the document', `{ user(avatarName: "${CARD}") { id } }`, {}, 'avatarName'],
    ['a text in a variable', 'query ($name: String) { user(avatarName: $name) { id } }', { name: CARD }, 'name'],
    ['a text and an id', `{ user(id: "${CARD}") { id } other: user(avatarName: "${CARD}") { id } }`, {}, 'avatarName'],
    [
      'a variable that is an id in one operation and text in another',
      'query A ($v: ID) { user(id: $v) { id } } query B ($v: String) { user(avatarName: $v) { id } }',
      { v: CARD },
      'v',
    ],
    ['a variable that is not declared', '{ policy { version } }', { more: CARD }, 'more'],
    ['a comment', `{ policy { version } } # ${CARD}`, {}, 'query'],
    ['an alias', `{ _${CARD}: policy { version } }`, {}, 'query'],
    [
      'a field of an input',
      'mutation ($i: CorrectionInput!) { correctPersonalData(input: $i) { user { id } } }',
      { i: { name: CARD } },
      'i.name',
    ],
    ['an id of a field that is not there', `{ nothing(id: "${CARD}") }`, {}, 'id'],
  ])('in %s', async (_, query, variables, place) => {
    expect(placesOf(await world.ask(self, query, variables))).toEqual([place]);
  });

  test('a partner pages with any cursor that it was given', async () => {
    const { errors } = await world.ask(
      partner('mail', 'service-notice', 'email'),
      '{ users(after: "4111111111111111") { edges { cursor } } }',
    );
    expect(errors[0]?.extensions).toMatchObject({
      code: 'BAD_INPUT',
      argument: 'after',
      expected: 'a cursor of this list',
    });
  });
});
