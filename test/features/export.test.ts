import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DATA_CATEGORIES } from '../support/words.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const self = member('u1');
const offers = partner('offers', 'targeted-offers', 'name email');

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({
    users: [
      {
        id: 'u1',
        avatarName: 'Neko',
        name: 'Nia Ko',
        email: 'neko@example.com',
        gender: 'female',
        birthDate: '1990-02-03',
        country: 'FR',
        postalAddress: { city: 'Lyon' },
        billingAddress: { city: 'Nice' },
        cellPhone: '+33 1 00 00 00 00',
        paymentCard: { brand: 'VISA', lastFour: '4242', expiry: '2027-09', processorToken: 'tok-never-shown' },
        photos: [{ id: 'p', url: 'https://example.com/p.png' }],
        posts: [{ id: 'b', text: 'a post' }],
        recentActivity: [{ id: 'a', text: 'an activity' }],
        transactions: [{ id: 't', good: 'a hat' }],
        orders: [
          { id: 'open-order', processor: 'pay' },
          { id: 'filled-order', processor: 'pay', status: 'FILLED' },
        ],
        consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
      },
      { id: 'sealed', avatarName: 'Small', name: 'Sue', status: 'SEALED' },
    ],
    partners: [
      {
        clientId: 'offers',
        name: 'Offers',
        kind: 'OFFERS',
        jurisdiction: 'US',
        contract: { purposes: ['targeted-offers'] },
      },
      { clientId: 'pay', name: 'Pay', kind: 'PAYMENT_PROCESSOR', jurisdiction: 'US' },
    ],
    legalProcesses: [{ id: 'lp', authority: 'A quiet court', subject: 'u1', categories: ['EMAIL'] }],
  });
  await world.ask(self, 'mutation { correctPersonalData(input: { name: "Nia Kowalski" }) { user { id } } }');
  await world.ask(offers, '{ users { edges { node { email } } } }');
});
afterAll(() => world.close());

const exportOf = async (caller: Parameters<TestWorld['ask']>[0]) => world.ask(caller, 'mutation { requestExport }');

describe('rights.access: people see everything that is held of them', () => {
  test('orders are shown, those that are settled too', async () => {
    const { data } = await world.ask(self, '{ me { orders { id status processor { clientId } } } }');
    expect(data.me.orders).toEqual([
      { id: 'open-order', status: 'OPEN', processor: { clientId: 'pay' } },
      { id: 'filled-order', status: 'FILLED', processor: { clientId: 'pay' } },
    ]);
    const toStaff = await world.ask(staff('support', 'customer-support'), '{ user(id: "u1") { orders { id } } }');
    expect(toStaff.data.user.orders).toBeNull();
  });

  test('an export holds every category that the person may see, with its term', async () => {
    const { data, errors } = await exportOf(self);
    expect(errors).toEqual([]);
    const document = data.requestExport;
    const exported = new Map(
      document['dpv:hasPersonalData'].map((item: { category: string; value: unknown }) => [item.category, item.value]),
    );
    expect([...exported.keys()].sort()).toEqual(DATA_CATEGORIES.filter((name) => name !== 'PROCESSOR_TOKEN').sort());
    expect(document.notExported).toEqual([{ '@type': 'pd:AccountIdentifier', category: 'PROCESSOR_TOKEN' }]);
    expect(exported.get('NAME')).toBe('Nia Kowalski');
    expect(exported.get('POSTS')).toMatchObject([{ id: 'b', text: 'a post' }]);
    expect(exported.get('CORRECTED_VALUE')).toMatchObject([{ category: 'NAME', previousValue: 'Nia Ko' }]);
    expect(exported.get('ACCOUNT')).toMatchObject({
      country: 'FR',
      orders: [{ id: 'open-order' }, { id: 'filled-order' }],
    });
    for (const { '@type': term } of document['dpv:hasPersonalData']) expect(term).toMatch(/^(dpv|pd):[A-Za-z]+$/);
    expect(document['@context']).toMatchObject({ dpv: 'https://w3id.org/dpv#', pd: 'https://w3id.org/dpv/pd#' });
  });

  test('it holds the ledger and the shares with third parties, and nothing internal or deferred', async () => {
    const document = (await exportOf(self)).data.requestExport;
    expect(document.ledger.map(({ type }: { type: string }) => type)).toEqual(
      expect.arrayContaining(['ACCEPTANCE', 'PREFERENCES', 'CONSENT', 'CORRECTION']),
    );
    expect(document.disclosures).toMatchObject([{ recipient: 'offers', categories: ['EMAIL'] }]);
    expect(document.disclosures[0]['dpv:hasPersonalData']).toEqual(['pd:EmailAddress']);
    const person = await world.store.connection
      .getClient()
      .db(world.store.connection.name)
      .collection('people')
      .findOne({ publicId: 'u1' });
    const text = JSON.stringify(document);
    for (const secret of [String(person?._id), 'tok-never-shown', 'A quiet court']) expect(text).not.toContain(secret);
  });

  test('it is open to a sealed person, and to nobody else', async () => {
    const { data } = await exportOf(member('sealed'));
    expect(JSON.stringify(data.requestExport)).toContain('Sue');
    for (const caller of [null, offers, staff('privacy', 'privacy-request')]) {
      const answer = await exportOf(caller);
      expect(answer.data).toBeNull();
      expect(answer.errors[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });
});

describe('europe.transfer: a consent bundled with acceptance is no express consent', () => {
  test('a consent of its own is given; the bundled one is implied, and no preference is a consent', async () => {
    const { consentRecords } = (await exportOf(self)).data.requestExport;
    const told = consentRecords.map((record: Record<string, unknown>) => {
      const [event] = record.events as Record<string, unknown>[];
      return [record['@id'], record['dpv:hasConsentStatus'], event?.['@type'], event?.['dpv:hasConsentStatus']];
    });
    expect(told.sort()).toEqual([
      ['urn:assent:consent:u1:euTransfer', 'dpv:ConsentUnknown', 'dpv:ImpliedConsent', 'dpv:ConsentUnknown'],
      [
        'urn:assent:consent:u1:targetedOffers',
        'dpv:ConsentGiven',
        'dpv:ExplicitlyExpressedConsent',
        'dpv:ConsentGiven',
      ],
    ]);
    expect(JSON.stringify(consentRecords)).not.toMatch(/newsletter/i);
  });

  test('a record is a consent record of the standard, with purposes, data and recipients from the policy', async () => {
    const { consentRecords } = (await exportOf(self)).data.requestExport;
    const record = consentRecords.find((one: Record<string, unknown>) => String(one['@id']).endsWith('targetedOffers'));
    expect(record).toMatchObject({
      '@type': 'dpv:ConsentRecord',
      'dct:conformsTo': 'https://w3id.org/dpv/schema/dpv-27560#record',
      'dpv:hasDataSubject': 'u1',
      'dpv:hasDataController': 'IMVU, Inc.',
      'dpv:hasProcess': [
        { 'dpv:hasRecipient': 'OFFERS', 'dpv:hasPurpose': ['dpv:DirectMarketing', 'dpv:DirectMarketing'] },
      ],
    });
    expect(record['dpv:hasProcess'][0]['dpv:hasPersonalData']).toContain('pd:EmailAddress');
  });
});
