import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { importJWK, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/process/config.ts';
import { type GatewayProcess, openCluster } from '../support/processes.ts';
import { roundsOf } from '../support/rounds.ts';
import { member, partner } from '../support/world.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const RACES = roundsOf(12, 4);
const EVERY_SHIFT = [-5 * SECOND, 20 * HOUR, 5 * SECOND, HOUR, -HOUR, -20 * HOUR];
/** A little behind and far ahead, and all of them in the long form. */
const SHIFTS = EVERY_SHIFT.slice(0, roundsOf(EVERY_SHIFT.length, 2));
const nameOf = (shift: number) =>
  `${shift < 0 ? '-' : '+'}${Math.abs(shift) / (Math.abs(shift) < HOUR ? SECOND : HOUR)}${Math.abs(shift) < HOUR ? ' s' : ' h'}`;

const idOf = (shift: number, role: string) => `${role}${shift}`;
const WORLD = {
  users: SHIFTS.flatMap((shift) =>
    ['own', 'other', 'told'].map((role) => ({
      id: idOf(shift, role),
      avatarName: `Avatar ${role} ${shift}`,
      email: `${role}${shift}@example.com`,
      gender: 'female',
      country: 'US',
    })),
  ),
  partners: [
    {
      ...{ clientId: 'offers', name: 'Offers', kind: 'OFFERS', jurisdiction: 'US' },
      contract: { purposes: ['targeted-offers'] },
    },
  ],
};

const consentTo = (action: 'give' | 'withdraw') =>
  `mutation { ${action}Consent(purpose: "targetedOffers") { consent { inForce at } } }`;
const READ = 'query ($id: ID!) { user(id: $id) { email gender } }';
const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { user { avatarName } } }';
const NOTICES = '{ erasureNotices { id asked personId categories } }';

let cluster: Awaited<ReturnType<typeof openCluster>>;
let right: GatewayProcess;
beforeAll(async () => {
  cluster = await openCluster(WORLD);
  right = cluster.gateways[0] as GatewayProcess;
}, 120_000);
afterAll(() => cluster.close());

const offers = () => cluster.token(partner('offers', 'targeted-offers', 'email gender'));
const tokenOf = (id: string) => cluster.token(member(id));
const read = async (gateway: GatewayProcess, id: string) => {
  const { data, errors } = await gateway.ask(await offers(), READ, { id: cluster.partnerId('offers', id) });
  expect(errors).toEqual([]);
  return data.user === null ? 'NOT_FOUND' : 'SHOWN';
};

/** A token with times so many seconds from now. */
async function timed(times: { readonly iat: number; readonly nbf?: number; readonly exp: number }): Promise<string> {
  const { auth } = readConfig({});
  const jwk = JSON.parse(await readFile(path.join(cluster.dataDir, 'signing-key.jwk'), 'utf8')) as JWK;
  const now = cluster.clock.now().getTime() / SECOND;
  const at = Object.fromEntries(Object.entries(times).map(([claim, seconds]) => [claim, now + seconds]));
  return new SignJWT({
    ...at,
    kind: 'member',
    sub: idOf(SHIFTS[0] as number, 'own'),
    jti: 'timed',
    iss: auth.issuer,
    aud: auth.audience,
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
    .sign(await importJWK(jwk, 'EdDSA'));
}
const statusOf = async (gateway: GatewayProcess, token: string) => (await gateway.ask(token, '{ __typename }')).status;

describe.each(SHIFTS.map((shift) => ({ shift, off: nameOf(shift) })))('beside a gateway on a machine off by $off', ({
  shift,
  off,
}) => {
  let wrong: GatewayProcess;
  beforeAll(async () => {
    wrong = await cluster.start(`off${shift}`, { shiftMs: shift });
  }, 60_000);
  afterAll(() => wrong.stop());

  test.each([
    { role: 'own', name: 'given through the right one, withdrawn through the wrong one', swapped: false },
    { role: 'other', name: 'given through the wrong one, withdrawn through the right one', swapped: true },
  ])('a withdrawal is acknowledged at once and governs the next read: $name', async ({ role, swapped }) => {
    const [giving, withdrawing] = swapped ? [wrong, right] : [right, wrong];
    const id = idOf(shift, role);
    const token = await tokenOf(id);
    for (let round = 0; round < 3; round++) {
      const given = await giving.ask(token, consentTo('give'));
      expect(given.data.giveConsent.consent.inForce).toBe(true);
      expect([await read(right, id), await read(wrong, id)]).toEqual(['SHOWN', 'SHOWN']);
      const begun = performance.now();
      const { data, errors } = await withdrawing.ask(token, consentTo('withdraw'));
      const took = performance.now() - begun;
      expect([errors, data.withdrawConsent.consent.inForce]).toEqual([[], false]);
      expect([await read(right, id), await read(wrong, id)]).toEqual(['NOT_FOUND', 'NOT_FOUND']);
      // far less than the clocks are apart, however busy the machine is
      expect(took).toBeLessThan(4 * SECOND);
    }
  });

  test('two people never get one avatar name', async () => {
    const winners = await Promise.all(
      Array.from({ length: RACES }, async (_, race) => {
        const avatarName = `Race ${race} of ${off}`;
        const answers = await Promise.all(
          [right, wrong, right, wrong].map(async (gateway, n) => {
            const input = { name: 'Nia Ko', email: `r${race}.${n}.${shift}@example.com`, avatarName };
            return gateway.ask(await tokenOf(`racer${race}-${n}${shift}`), REGISTER, { input });
          }),
        );
        return answers.filter(({ data }) => data?.register?.user.avatarName === avatarName).length;
      }),
    );
    expect(winners).toEqual(Array.from({ length: RACES }, () => 1));
  });

  test('a second erasure notice comes, whichever gateway showed and deleted', async () => {
    const id = idOf(shift, 'told');
    const token = await tokenOf(id);
    const remove = 'mutation { deletePersonalData(categories: [GENDER]) { deleted } }';
    const set = 'mutation { correctPersonalData(input: { gender: "female" }) { ledgerEntry { number } } }';
    const personId = cluster.partnerId('offers', id);
    const pending = async () =>
      (await right.ask(await offers(), NOTICES)).data.erasureNotices.filter(
        (notice: { asked: string; personId: string }) => notice.asked === 'ERASE' && notice.personId === personId,
      );
    await right.ask(token, consentTo('give'));
    for (const [showing, deleting] of [
      [right, wrong],
      [wrong, right],
      [right, right],
      [wrong, wrong],
    ] as const) {
      expect(await read(showing, id)).toBe('SHOWN');
      expect((await deleting.ask(token, remove)).errors).toEqual([]);
      const [notice, ...others] = await pending();
      expect([notice?.categories, others]).toEqual([['GENDER'], []]);
      const said = await right.ask(await offers(), 'mutation ($id: ID!) { acknowledgeErasure(id: $id) }', notice);
      expect(said.data).toEqual({ acknowledgeErasure: true });
      expect(await pending()).toEqual([]);
      expect((await deleting.ask(token, set)).errors).toEqual([]);
    }
  });

  test.each([
    { name: 'issued 9 s ahead', times: { iat: 9, exp: 60 }, status: 200 },
    { name: 'that counts in 9 s', times: { iat: 0, nbf: 9, exp: 60 }, status: 200 },
    { name: 'issued 12 s ahead', times: { iat: 12, exp: 60 }, status: 401 },
    { name: 'that counts in 12 s', times: { iat: 0, nbf: 12, exp: 60 }, status: 401 },
    { name: 'that ended a second ago', times: { iat: -60, exp: -1 }, status: 401 },
    { name: 'that ends in 30 s', times: { iat: -60, exp: 30 }, status: 200 },
  ])('a token $name is answered with $status by both', async ({ times, status }) => {
    const token = await timed(times);
    expect([await statusOf(right, token), await statusOf(wrong, token)]).toEqual([status, status]);
  });
});
