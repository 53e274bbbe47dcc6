import { decodeJwt, decodeProtectedHeader, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReceiptError, readKeys, tellReceipt, verifyReceipt } from '../../src/features/receipts/verify-receipt.ts';
import { createSigningKeys } from '../../src/store/signing-keys.ts';
import { createClock } from '../support/clock.ts';
import { createWorld, KEYS, member, partner, staff, type TestWorld } from '../support/world.ts';

const clock = createClock('2026-11-28T12:00:00Z');
const self = member('u1');
const offers = partner('offers', 'targeted-offers', 'name email');

let world: TestWorld;
beforeAll(async () => {
  const given = { purpose: 'targetedOffers', action: 'GIVEN', at: '2026-01-01T00:00:00Z' };
  const person = (id: string) => ({
    id,
    avatarName: `Avatar ${id}`,
    name: `Name ${id}`,
    country: 'US',
    consents: [given],
  });
  world = await createWorld(
    {
      users: ['u1', 'u2', 'u3'].map(person),
      partners: [
        {
          ...{ clientId: 'offers', name: 'Offers', kind: 'OFFERS', jurisdiction: 'US' },
          contract: { purposes: ['targeted-offers'] },
        },
      ],
    },
    { clock },
  );
  await world.ask(offers, '{ users { edges { node { name } } } }');
  clock.advance(1_000);
  await world.ask(self, 'mutation { updatePreferences(input: { adTargeting: false }) { user { id } } }');
});
afterAll(() => world.close());

const published = async () => {
  const response = await world.gateway.fetch(new Request('http://gateway.test/.well-known/jwks.json'));
  const keys = readKeys(await response.text());
  if (!keys) throw new Error('no key set');
  return keys;
};
const signing = () => createSigningKeys(world.store, KEYS.keyEncryptionKey);

const WITHDRAW =
  'mutation { withdrawConsent(purpose: "targetedOffers") { consent { receipt: ledgerEntry { receipt } } } }';
const withdraw = async (): Promise<string> =>
  (await world.ask(self, WITHDRAW)).data.withdrawConsent.consent.receipt.receipt;

interface Entry {
  readonly number: number;
  readonly type: string;
  readonly hash: string;
  readonly receipt: string;
}
const entriesOf = async (caller = self): Promise<Entry[]> =>
  (await world.ask(caller, '{ me { ledgerEntries { number type hash receipt } } }')).data.me.ledgerEntries;
const sharesOf = async (caller = self) =>
  (await world.ask(caller, '{ me { thirdPartyShares { id categories receipt } } }')).data.me.thirdPartyShares as {
    readonly id: string;
    readonly receipt: string;
  }[];

describe('rights.access: a person keeps a receipt', () => {
  test('of a withdrawal: with the clauses that ask for the consent, and the record of ISO/IEC TS 27560', async () => {
    const receipt = await withdraw();
    expect(decodeProtectedHeader(receipt)).toMatchObject({ alg: 'EdDSA', typ: 'consent-receipt+jwt' });
    const { claims } = await verifyReceipt(receipt, await published());
    expect(claims).toMatchObject({
      ...{ iss: 'http://gateway.test', iat: clock.now().getTime() / 1_000, sub: 'u1' },
      ...{ at: clock.now().toISOString(), act: 'CONSENT', policyVersion: world.table.current.version },
      clauses: ['sharing.opt-in-offers'],
      categories: expect.arrayContaining(['NAME', 'EMAIL', 'POSTAL_ADDRESS', 'GENDER', 'BIRTH_DATE']),
      purposes: ['targeted-offers', 'offer-prefill'],
      record: {
        ...{ purpose: 'targetedOffers', action: 'WITHDRAWN', expression: 'EXPRESS' },
        consentRecord: { '@type': 'dpv:ConsentRecord', 'dpv:hasConsentStatus': 'dpv:ConsentWithdrawn' },
      },
    });
  });

  test('of everything on their ledger, in its place in the chain', async () => {
    const [entries, keys] = [await entriesOf(), await published()];
    expect(new Set(entries.map(({ type }) => type))).toEqual(new Set(['ACCEPTANCE', 'CONSENT', 'PREFERENCES']));
    for (const { number, type, hash, receipt } of entries) {
      const { claims } = await verifyReceipt(receipt, keys);
      expect(claims).toMatchObject({ sub: 'u1', act: type, chain: { place: String(number), hash } });
    }
  });

  test('of a switch: with the clauses that ask for it, and the version that was accepted before', async () => {
    const [switched] = (await entriesOf()).filter(({ type }) => type === 'PREFERENCES');
    const { claims } = await verifyReceipt(switched?.receipt ?? '', await published());
    expect(claims).toMatchObject({
      ...{ policyVersion: world.table.current.version, clauses: ['ads.interaction'] },
      record: { changes: { adTargeting: false } },
    });
  });

  test('of a share, which names nobody else in the same response', async () => {
    const [share] = await sharesOf();
    const receipt = share?.receipt ?? '';
    expect(decodeProtectedHeader(receipt).typ).toBe('disclosure-receipt+jwt');
    const { claims } = await verifyReceipt(receipt, await published());
    expect(claims).toMatchObject({
      ...{ sub: 'u1', act: 'SHARE', recipient: 'offers', categories: ['NAME'], purposes: ['targeted-offers'] },
      ...{ clauses: ['sharing.opt-in-offers'], policyVersion: world.table.current.version },
      chain: { place: share?.id, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const found = await world.store.connection
      .getClient()
      .db(world.store.connection.name)
      .collection('people')
      .find({})
      .toArray();
    const text = JSON.stringify(claims);
    for (const { _id, publicId } of found) {
      expect(text).not.toContain(String(_id));
      if (publicId !== 'u1') expect(text).not.toContain(publicId);
    }
    expect(text).not.toContain('Name u1');
  });

  test('with its hash in the book', async () => {
    const [share] = await sharesOf();
    const [book, n] = share?.id.split('.') ?? [];
    const document = await world.store.connection
      .getClient()
      .db(world.store.connection.name)
      .collection<{ _id: object; hash: string }>('disclosure_books')
      .findOne({ _id: { book, n: Number(n) } });
    expect(decodeJwt(share?.receipt ?? '')).toMatchObject({ chain: { hash: document?.hash } });
  });

  test('page by page, from the newest entry', async () => {
    const all = await entriesOf();
    const query = `{ me { ledgerEntries(first: 2, before: ${all[0]?.number}) { number } } }`;
    expect((await world.ask(self, query)).data.me.ledgerEntries).toEqual(
      all.slice(1, 3).map(({ number }) => ({ number })),
    );
    const { errors } = await world.ask(self, '{ me { ledgerEntries(before: 0) { number } } }');
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_INPUT', argument: 'before' } }]);
  });
});

describe('a receipt is nothing that others can ask for:', () => {
  test.each([
    { name: 'a partner', caller: offers },
    { name: 'another member', caller: member('u2') },
    { name: 'staff without a case', caller: staff('support', 'customer-support') },
  ])('$name', async ({ caller }) => {
    const id = (await world.ask(caller, '{ users(first: 1) { edges { node { id } } } }')).data?.users?.edges[0]?.node
      .id;
    const query = 'query ($id: ID!) { user(id: $id) { ledgerEntries { receipt } thirdPartyShares { receipt } } }';
    const { data } = await world.ask(caller, query, { id: id ?? 'u1' });
    expect(data.user ?? {}).not.toMatchObject({ ledgerEntries: expect.anything() });
    expect(JSON.stringify(data)).not.toContain('eyJ');
  });
});

describe('a receipt is checked by keys alone', () => {
  test('and told in plain words', async () => {
    const [share] = await sharesOf();
    const lines = tellReceipt(await verifyReceipt(share?.receipt ?? '', await published()));
    expect(lines[0]).toMatch(/^The receipt is good: http:\/\/gateway\.test signed it at 2026-11-28T12:00:01\.000Z/);
    expect(lines[1]).toBe('At 2026-11-28T12:00:00.000Z, offers was shown NAME of the person. The person is u1.');
    const [withdrawal] = (await entriesOf()).filter(({ type }) => type === 'CONSENT');
    expect(tellReceipt(await verifyReceipt(withdrawal?.receipt ?? '', await published()))[1]).toMatch(
      /^At 2026-11-28T12:00:01\.000Z, on the record of the person u1: consent, with action WITHDRAWN, expression EXPRESS, /,
    );
  });

  test('also once the key that signed it is retired, but nothing that it signs afterwards', async () => {
    const receipt = (await entriesOf())[0]?.receipt ?? '';
    const [{ jwk } = { jwk: {} as JWK }] = await signing().read();
    await signing().rotate({ now: clock.now(), lostSince: null });
    clock.advance(365 * 86_400_000);
    const keys = await published();
    expect((await verifyReceipt(receipt, keys)).claims.sub).toBe('u1');
    const later = await new SignJWT({ ...decodeJwt(receipt), iat: clock.now().getTime() / 1_000 })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'consent-receipt+jwt', kid: jwk.kid as string })
      .sign(await importJWK(jwk, 'EdDSA'));
    await expect(verifyReceipt(later, keys)).rejects.toThrow('after the time until which its key signed');
    expect((await verifyReceipt((await entriesOf())[0]?.receipt ?? '', keys)).kid).not.toBe(jwk.kid);
  });

  test.each<{ name: string; fault: string; forge: (good: string, key: JWK) => string | Promise<string> }>([
    { name: 'with a changed claim', fault: 'signature', forge: changed },
    {
      name: 'that another key signed under the name of ours',
      fault: 'signature',
      forge: async (good, { kid }) => signed(good, { kid, typ: 'consent-receipt+jwt' }),
    },
    { name: 'of an unknown key', fault: 'not among the keys', forge: (good) => signed(good, { kid: 'another' }) },
    { name: 'of no key', fault: 'not among the keys', forge: (good) => signed(good, {}) },
    { name: 'of another type', fault: 'typ', forge: (good, { kid }) => signed(good, { kid, typ: 'at+jwt' }) },
    { name: 'of no type', fault: 'typ', forge: (good, { kid }) => signed(good, { kid, typ: undefined }) },
    {
      name: 'without a signature',
      fault: 'algorithm|JSON Web Token',
      forge: (good, { kid }) => `${encode({ alg: 'none', typ: 'consent-receipt+jwt', kid })}.${good.split('.')[1]}.`,
    },
    { name: 'that is no token', fault: 'JSON Web Token', forge: () => 'receipt' },
    { name: 'that is too long', fault: 'longer', forge: (good) => good + 'A'.repeat(100_000) },
    {
      name: 'that is an access token of the same key',
      fault: 'typ',
      forge: (good) => signing().sign(decodeJwt(good), 'at+jwt'),
    },
    {
      name: 'without the claims of one',
      fault: 'claims',
      forge: () => signing().sign({ sub: 'u1' }, 'consent-receipt+jwt'),
    },
  ])('and refused where it is one $name', async ({ forge, fault }) => {
    const good = (await entriesOf())[0]?.receipt ?? '';
    const [{ jwk } = { jwk: {} as JWK }] = await signing().read();
    const forged = await forge(good, jwk);
    const refusal = verifyReceipt(forged, await published());
    await expect(refusal).rejects.toThrow(ReceiptError);
    await expect(refusal).rejects.toThrow(new RegExp(fault));
  });
});

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

function changed(good: string): string {
  const [header, , signature] = good.split('.');
  return [header, encode({ ...decodeJwt(good), sub: 'u2' }), signature].join('.');
}

async function signed(good: string, header: { kid?: string | undefined; typ?: string | undefined }): Promise<string> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  return new SignJWT(decodeJwt(good))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'consent-receipt+jwt', ...header } as { alg: string })
    .sign(privateKey);
}
