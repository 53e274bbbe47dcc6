import { describe, expect, test } from 'vitest';
import { DEFAULT_RATES } from '../../../src/http/guards/limits.ts';
import { addressOf, type Counted, createRateLimit } from '../../../src/http/guards/rate.ts';

const member = (sub: string): Counted => ({ kind: 'member', sub });
const partner = (sub: string): Counted => ({ kind: 'partner', sub });
const visitor = (address: string): Counted => ({ address });

/** How many of `times` requests at once are let through. */
async function passed(admit: (counted: Counted) => Promise<unknown>, times: number, counted: Counted): Promise<number> {
  const outcomes = await Promise.allSettled(Array.from({ length: times }, () => admit(counted)));
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

describe('a caller', () => {
  test('gets 200 requests a second and more where nothing is configured', async () => {
    const admit = createRateLimit(DEFAULT_RATES);
    for (const caller of [member('u1'), partner('c1'), visitor('192.0.2.1')])
      expect(await passed(admit, 200, caller)).toBe(200);
  });

  test('is told the limit and when to try again', async () => {
    const admit = createRateLimit({ caller: 1, partner: 1 });
    await admit(member('u1'));
    const error = await admit(member('u1')).catch((error) => error);
    const headers = { 'ratelimit-policy': '"caller";q=1;w=1', ratelimit: '"caller";r=0;t=1', 'retry-after': '1' };
    expect(error.extensions).toEqual({ code: 'RATE_LIMITED', http: { headers } });
  });

  test.each([
    { name: 'another person', one: member('u1'), other: member('u2') },
    { name: 'a partner of the same name', one: member('a'), other: partner('a') },
    { name: 'a visitor', one: member('u1'), other: visitor('192.0.2.1') },
    { name: 'a visitor from elsewhere', one: visitor('192.0.2.1'), other: visitor('192.0.2.2') },
    { name: 'a visitor from elsewhere over IPv6', one: visitor('2001:db8::1'), other: visitor('2001:db8:0:1::1') },
    { name: 'a visitor over both families', one: visitor('::ffff:192.0.2.1'), other: visitor('::ffff:192.0.2.2') },
  ])('takes nothing from $name', async ({ one, other }) => {
    const admit = createRateLimit({ caller: 3, partner: 3 });
    expect(await passed(admit, 5, one)).toBe(3);
    expect(await passed(admit, 5, other)).toBe(3);
  });

  test.each([
    { name: 'a partner, over all its tokens', one: partner('c1'), other: { ...partner('c1'), jti: 'another' } },
    { name: 'a network of IPv6', one: visitor('2001:db8::1'), other: visitor('2001:DB8:0:0:ffff::2') },
    { name: 'an address in either form', one: visitor('192.0.2.1'), other: visitor('::ffff:192.0.2.1') },
    { name: 'the visitors without a known address', one: visitor(''), other: visitor('') },
  ])('is $name', async ({ one, other }) => {
    const admit = createRateLimit({ caller: 3, partner: 3 });
    await passed(admit, 3, one);
    expect(await passed(admit, 1, other)).toBe(0);
  });

  test('is a partner with a number of its own', async () => {
    const admit = createRateLimit({ caller: 1, partner: 4 });
    expect([await passed(admit, 9, member('u1')), await passed(admit, 9, partner('c1'))]).toEqual([1, 4]);
  });

  test('is told how much of the second is left', async () => {
    const admit = createRateLimit({ caller: 3, partner: 5 });
    await admit(partner('c1'));
    expect((await admit(partner('c1'))).standing).toEqual({
      'ratelimit-policy': '"partner";q=5;w=1',
      ratelimit: '"partner";r=3;t=1',
    });
  });

  test('is told of no limit where there is none', async () =>
    expect((await createRateLimit({ caller: 0, partner: 0 })(member('u1'))).standing).toEqual({}));

  test('is let through without number where it is 0', async () => {
    expect(await passed(createRateLimit({ caller: 0, partner: 0 }), 5_000, member('u1'))).toBe(5_000);
  });

  test('has all of it again in the next second', async () => {
    const admit = createRateLimit({ caller: 2, partner: 2 });
    await passed(admit, 5, member('u1'));
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await passed(admit, 5, member('u1'))).toBe(2);
  });
});

describe('the address of a visitor', () => {
  const CHAIN = '203.0.113.9, 198.51.100.7 , 192.0.2.3';
  test.each([
    { name: 'is the other end of the connection', hops: 0, chain: CHAIN, is: '10.0.0.1' },
    { name: 'is the entry of the one proxy', hops: 1, chain: CHAIN, is: '192.0.2.3' },
    { name: 'is the entry of the first of two proxies', hops: 2, chain: CHAIN, is: '198.51.100.7' },
    { name: 'is not known where the proxies say nothing', hops: 1, chain: undefined, is: '' },
    { name: 'is not known where too few have said something', hops: 4, chain: CHAIN, is: '' },
  ])('$name', ({ hops, chain, is }) => {
    const request = new Request('http://gateway.test/graphql', { headers: chain ? { 'x-forwarded-for': chain } : {} });
    expect(addressOf(request, '10.0.0.1', hops)).toBe(is);
  });
});
