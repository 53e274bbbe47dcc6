import { beforeEach, describe, expect, test } from 'vitest';
import { unavailable, withHeaders } from '../../../src/base/errors.ts';
import { createTokenGuard } from '../../../src/http/guards/failed-tokens.ts';

const MOST = 5;

/** Every token that was read. */
let read: string[];
let isReachable: boolean;
let guard: ReturnType<typeof createTokenGuard<string | null>>;
beforeEach(() => {
  read = [];
  isReachable = true;
  guard = createTokenGuard(verify, MOST);
});

const verify = async ({ headers }: Pick<Request, 'headers'>) => {
  const token = headers.get('authorization');
  if (token === null) return null;
  read.push(token);
  if (!isReachable) throw unavailable();
  if (!token.startsWith('good')) throw withHeaders('UNAUTHENTICATED', 'No.', {});
  return token;
};

/** The outcome of a token shown from an address. */
const show = (token: string | null, address: string) =>
  guard({ headers: new Headers(token === null ? {} : { authorization: token }) }, address).catch(({ code }) => code);

const flood = async (address: string) => {
  for (let times = 0; times < MOST + 3; times++) await show(`bad ${times}`, address);
};

describe('an address that shows bad tokens', () => {
  test('has as many read as a caller may send requests, and no more', async () => {
    await flood('192.0.2.1');
    expect(read).toHaveLength(MOST);
    expect(await show('bad', '192.0.2.1')).toBe('RATE_LIMITED');
  });

  test('is told when to try again', async () => {
    await flood('192.0.2.1');
    const error = await guard({ headers: new Headers({ authorization: 'bad' }) }, '192.0.2.1').catch((error) => error);
    expect(error.extensions).toEqual({ code: 'RATE_LIMITED', http: { headers: { 'retry-after': '1' } } });
  });

  test('is one in either form, and in a network of IPv6', async () => {
    await flood('192.0.2.1');
    await flood('2001:db8::1');
    expect(await show('bad', '::ffff:192.0.2.1')).toBe('RATE_LIMITED');
    expect(await show('bad', '2001:db8:0:0:ffff::2')).toBe('RATE_LIMITED');
  });

  test('takes nothing from another', async () => {
    await flood('192.0.2.1');
    expect(await show('bad', '192.0.2.2')).toBe('UNAUTHENTICATED');
    expect(await show('good', '192.0.2.2')).toBe('good');
  });

  test('takes nothing from a good token shown before, from any address, or from a request without one', async () => {
    await show('good', '192.0.2.7');
    await flood('192.0.2.1');
    expect(await show('good', '192.0.2.1')).toBe('good');
    expect(await show(null, '192.0.2.1')).toBe(null);
    expect(await show('good, but not seen before', '192.0.2.1')).toBe('RATE_LIMITED');
  });

  test('is listened to again in the next second', async () => {
    await flood('192.0.2.1');
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await show('good, but not seen before', '192.0.2.1')).toBe('good, but not seen before');
  });

  test('may show as many good ones as it likes', async () => {
    for (let times = 0; times < MOST * 3; times++) expect(await show(`good ${times}`, '192.0.2.1')).toMatch('good');
    expect(await show('bad', '192.0.2.1')).toBe('UNAUTHENTICATED');
  });
});

test('that the keys can not be learnt is no fault of a token', async () => {
  isReachable = false;
  await flood('192.0.2.1');
  isReachable = true;
  expect(await show('good', '192.0.2.1')).toBe('good');
});

test('any number of bad tokens is read where nothing is limited', async () => {
  guard = createTokenGuard(verify, 0);
  await flood('192.0.2.1');
  expect(read).toHaveLength(MOST + 3);
});
