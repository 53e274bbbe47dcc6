import { describe, expect, test } from 'vitest';
import { type Finding, lint } from '../../src/policy/lint.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { clauseOf, type Draft, parsePolicy, referencePolicy, revise } from '../support/policy.ts';

const line = ({ severity, clause, message }: Finding) => `${severity} ${clause ? `${clause} ` : ''}${message}`;
const linesOf = (change: (draft: Draft) => void) => lint(revise(change)).map(line);

const REFERENCE = [
  'NOTE PROCESSOR_TOKEN is not revealed to the person it is about',
  'NOTE CORRECTED_VALUE is revealed to the person it is about alone',
  'NOTE offers.inbound lets OFFER_WALL for offer-completion see nothing',
  'NOTE registration.demographic is of kind reveal, and reveals nothing to a caller by itself',
  'NOTE sharing.suspicious-activity is of kind reveal, and reveals nothing to a caller by itself',
  'NOTE europe.transfer is of kind reveal, and reveals nothing to a caller by itself',
  'NOTE photos.visibility contradicts sharing.successor; settled so: Photos are for members; a successor that takes the place of the company takes over what it holds, after its notice.',
  'NOTE aggregate.transactions contradicts sharing.successor; settled so: The text keeps this from every partner; a successor is no partner but takes the place of the company, after its notice.',
  'NOTE cookies.kinds contradicts cookies.unlinked; settled so: A cookie that remembers a user name would link a device to a person, so a device keeps preferences and interests but no name.',
  'NOTE registration.contact reveals NAME to STAFF_SUPPORT for customer-support, as does aggregate.transactions',
  'NOTE photos.visibility reveals AVATAR_NAME to MEMBER, as does forums.public',
];

test('the reference policy has no error and nothing idle, and its contradictions are told', () =>
  expect(lint(referencePolicy).map(line)).toEqual(REFERENCE));

const revealOf = (draft: Draft, id: string) => {
  const [reveal] = clauseOf(draft, id).reveals ?? [];
  if (!reveal) throw new Error(`The clause ${id} reveals nothing.`);
  return reveal;
};

describe('beside those, a spoilt policy is found out', () => {
  test.each<{ name: string; change: (draft: Draft) => void; findings: string[] }>([
    {
      name: 'a category that no caller sees',
      change: (draft) => {
        revealOf(draft, 'rights.access').categories = { except: ['PROCESSOR_TOKEN', 'CORRECTED_VALUE'] };
      },
      findings: ['ERROR no clause reveals CORRECTED_VALUE to anybody'],
    },
    {
      name: 'a condition that nothing fulfils',
      change: (draft) => {
        revealOf(draft, 'social.activity').when = { any: [] };
      },
      findings: ['ERROR social.activity reveals to SOCIAL on a condition that can never hold'],
    },
    {
      name: 'a condition that asks for a thing and its opposite',
      change: (draft) => {
        revealOf(draft, 'social.activity').when = {
          all: [
            { any: [{ preference: 'adTargeting' }, { fact: 'standingOptOut' }] },
            { not: { preference: 'adTargeting' } },
            { not: { fact: 'standingOptOut' } },
          ],
        };
      },
      findings: ['ERROR social.activity reveals to SOCIAL on a condition that can never hold'],
    },
    {
      name: 'a condition that contradicts the requirements of partners',
      change: (draft) => {
        revealOf(draft, 'social.activity').when = { not: { fact: 'personActive' } };
      },
      findings: ['ERROR social.activity reveals to SOCIAL on a condition that can never hold'],
    },
    {
      name: "a fact about a recipient, asked of our own staff's sight",
      change: (draft) => {
        revealOf(draft, 'contact.privacy-officer').when = { fact: 'relationshipWithRecipient' };
      },
      findings: ['ERROR contact.privacy-officer reveals to STAFF_PRIVACY on a condition that can never hold'],
    },
    {
      name: 'an unknown fact about the caller, negated',
      change: (draft) => {
        revealOf(draft, 'contact.privacy-officer').when = { not: { fact: 'noticeElapsed' } };
      },
      findings: ['ERROR contact.privacy-officer reveals to STAFF_PRIVACY on a condition that can never hold'],
    },
    {
      name: 'a condition that no jurisdiction of a partner fulfils',
      change: (draft) => {
        draft.transferRegion.countries = [];
        revealOf(draft, 'social.activity').when = { fact: 'recipientInTransferRegion' };
      },
      findings: [
        'ERROR social.activity reveals to SOCIAL on a condition that can never hold',
        'ERROR the transfer region holds no country, so that its rule protects nobody',
      ],
    },
    {
      name: 'a reveal for no purpose',
      change: (draft) => {
        revealOf(draft, 'social.activity').purposes = [];
      },
      findings: [
        'ERROR social.activity reveals to SOCIAL for no purpose, and so never',
        'WARNING no clause reveals anything for activity-posting',
      ],
    },
    {
      name: 'a purpose asked of callers without one',
      change: (draft) => {
        revealOf(draft, 'forums.public').purposes = ['customer-support'];
      },
      findings: [
        'ERROR forums.public reveals to MEMBER for a purpose, which such a caller never has',
        'NOTE photos.visibility reveals AVATAR_NAME to MEMBER for customer-support, as does forums.public',
      ],
    },
    {
      name: 'a purpose that callers may name in vain',
      change: (draft) => {
        draft.purposes.push({ id: 'sale', description: 'Selling data.', use: 'CALLER', dpv: 'dpv:SellProducts' });
      },
      findings: ['WARNING no clause reveals anything for sale'],
    },
    {
      name: 'an own use that no clause tells of',
      change: (draft) => {
        draft.purposes.push({ id: 'sale', description: 'Selling data.', use: 'OWN', dpv: 'dpv:SellProducts' });
      },
      findings: ['WARNING no clause names the own use sale'],
    },
    {
      name: 'a partner kind without a clause',
      change: (draft) => {
        draft.partnerKinds.push({ id: 'BROKER', description: 'Trades in data.' });
      },
      findings: ['WARNING no clause reveals anything to BROKER'],
    },
    {
      name: 'a consent that nothing depends on',
      change: (draft) => {
        draft.consents.push({ id: 'sale', description: 'Selling data.', dpv: 'dpv:SellProducts', givenBy: 'EXPRESS' });
      },
      findings: ['WARNING no condition asks for the consent sale'],
    },
    {
      name: 'a consent that acceptance gives and no partner needs',
      change: (draft) => {
        for (const consent of draft.consents) consent.givenBy = 'EXPLICIT_ACCEPTANCE';
      },
      findings: ['WARNING no partner requirement asks for targetedOffers, though accepting the policy gives it'],
    },
    {
      name: 'a list that no index serves',
      change: (draft) => {
        clauseOf(draft, 'contact.privacy-officer').judgedUnder = 'CURRENT';
        revealOf(draft, 'contact.privacy-officer').when = {
          any: [{ fact: 'openPrivacyCase' }, { fact: 'personActive' }],
        };
      },
      findings: [
        'WARNING contact.privacy-officer no index finds the people that STAFF_PRIVACY for privacy-request may see under contact.privacy-officer',
      ],
    },
    {
      name: 'a list that asks for nothing',
      change: (draft) => {
        clauseOf(draft, 'contact.privacy-officer').judgedUnder = 'CURRENT';
        delete revealOf(draft, 'contact.privacy-officer').when;
      },
      findings: [
        'ERROR contact.privacy-officer reveals to STAFF_PRIVACY without asking for personActive, which every decision asks for',
        'WARNING contact.privacy-officer no index finds the people that STAFF_PRIVACY for privacy-request may see under contact.privacy-officer',
      ],
    },
    {
      name: 'a version that use does not accept, without a clause that says how to accept it',
      change: (draft) => {
        draft.acceptance = 'EXPLICIT';
        for (const clause of draft.clauses) delete clause.servedBy;
      },
      findings: ['WARNING no clause is served by Mutation.acceptPolicy, though nothing else accepts this version'],
    },
    {
      name: 'a version that stands posted, without a clause that says where',
      change: (draft) => {
        draft.announceDays = 30;
        for (const clause of draft.clauses) delete clause.servedBy;
      },
      findings: [
        'WARNING no clause is served by Query.notices, though this version stands posted there before it holds',
      ],
    },
    {
      name: 'two clauses that say the same',
      change: (draft) => {
        clauseOf(draft, 'europe.transfer').reveals = [
          {
            to: 'OFFERS',
            categories: ['EMAIL', 'PHOTOS'],
            purposes: ['offer-prefill'],
            when: { consent: 'targetedOffers' },
          },
        ];
      },
      findings: ['NOTE sharing.opt-in-offers reveals EMAIL to OFFERS for offer-prefill, as does europe.transfer'],
    },
  ])('$name', ({ change, findings }) =>
    expect(linesOf(change).filter((finding) => !REFERENCE.includes(finding))).toEqual(findings));

  test('errors come first, then warnings, then notes', () => {
    const severities = lint(
      revise((draft) => {
        draft.partnerKinds.push({ id: 'BROKER', description: 'Trades in data.' });
        revealOf(draft, 'social.activity').when = { any: [] };
      }),
    ).map(({ severity }) => severity);
    expect(severities).toEqual(['ERROR', 'WARNING', ...REFERENCE.map(() => 'NOTE')]);
  });
});

test('lint tells of a time in the vocabulary that no clause promises', async () => {
  const shop = JSON.parse((await loadPolicy('policies/corner-shop')).canonical);
  for (const category of shop.vocabulary.categories) if (category.id === 'ALLERGIES') category.keep = '1 month';
  const { policy } = parsePolicy(JSON.stringify(shop), 'shop');
  expect(lint(policy).map(line)).toContain('WARNING no clause says that ALLERGIES is kept for 1 month');
  expect(lint(policy).map(line)).not.toContainEqual(expect.stringContaining('DOOR_CODE is kept'));
});

test('lint tells of a role of staff that is to write and finds nobody', async () => {
  const shop = JSON.parse((await loadPolicy('policies/corner-shop')).canonical);
  shop.vocabulary.staff.push({ id: 'baker', says: 'Bakes.' });
  for (const category of shop.vocabulary.categories)
    if (category.id === 'TASTINGS') category.write = ['counter', 'baker'];
  const found = lint(parsePolicy(JSON.stringify(shop), 'shop').policy).map(line);
  expect(found.filter((finding) => finding.includes('to write'))).toEqual([
    'WARNING no clause reveals anybody to STAFF_BAKER, which is to write TASTINGS',
  ]);
});

describe('a category that is not held', () => {
  const shopWith = async (change: (shop: Draft & { vocabulary: Loose }) => void) => {
    const shop = JSON.parse((await loadPolicy('policies/corner-shop')).canonical);
    shop.vocabulary.categories.push({ id: 'FINGERPRINT', says: 'A fingerprint.' });
    shop.vocabulary.notHeld = ['FINGERPRINT'];
    change(shop);
    return lint(parsePolicy(JSON.stringify(shop), 'shop').policy).map(line);
  };
  type Loose = { categories: object[]; notHeld?: string[] };

  test('needs no caller to see it, and "all but some categories" does not include it', async () =>
    expect((await shopWith(() => {})).filter((finding) => finding.includes('FINGERPRINT'))).toEqual([]));

  test('is an error where a clause names it', async () =>
    expect(
      await shopWith((shop) => {
        revealOf(shop, 'shop.nickname').categories = ['NICKNAME', 'FINGERPRINT'];
      }),
    ).toContain('ERROR shop.nickname reveals to MEMBER FINGERPRINT, though listed in notHeld'));
});

describe('lint tells of a word for conditions that no condition uses', () => {
  test.each([
    { key: 'regions', word: { id: 'FAR', says: 'Far away.', countries: ['NZ'] }, told: 'the region FAR' },
    {
      key: 'recipientAttributes',
      word: { id: 'audited', says: 'Was audited.' },
      told: 'the attribute audited of recipients',
    },
  ])('of the policy: $told', ({ key, word, told }) =>
    expect(linesOf((draft) => Object.assign(draft, { [key]: [word] }))).toContain(
      `WARNING no condition asks for ${told}`,
    ));

  test('of the vocabulary: a tie', async () => {
    const shop = JSON.parse((await loadPolicy('policies/corner-shop')).canonical);
    shop.vocabulary.ties = [{ id: 'friendOf', says: 'A friend.', enteredBy: 'CODE', confirmedBy: 'SUBJECT' }];
    expect(lint(parsePolicy(JSON.stringify(shop), 'shop').policy).map(line)).toContain(
      'WARNING no condition asks for the tie friendOf',
    );
  });
});

test('lint tells of a time that two clauses promise', async () => {
  const shop = JSON.parse((await loadPolicy('policies/corner-shop')).canonical);
  const [kept] = shop.vocabulary.categories.filter(({ keep }: { keep?: string }) => keep);
  const [first, second] = shop.clauses;
  for (const clause of shop.clauses) delete clause.keeps;
  for (const clause of [first, second]) Object.assign(clause, { kind: [...clause.kind, 'limit'], keeps: [kept.id] });
  expect(lint(parsePolicy(JSON.stringify(shop), 'shop').policy).map(line)).toContain(
    `NOTE ${second.id} says how long ${kept.id} is kept, as does ${first.id}`,
  );
});
