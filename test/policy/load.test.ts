import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadPolicy, PolicyError } from '../../src/policy/load.ts';
import { draftOfReference, parsePolicy, REFERENCE_FILE, referencePolicy, referenceText } from '../support/policy.ts';

const SMALL = `version: v1
title: A policy
publisher: Somebody
processedIn: US
minimumAge: 13
minimumCell: 5
noticeHours: 24
transferRegion: { name: Union, countries: [FR, DE] }
defaults:
  preferences:
    imvuNewsletter: true
    developerNewsletter: true
    friendAdded: true
    friendMessage: true
    nonFriendMessage: true
    creatorNotification: false
    adTargeting: true
  autoPost: true
consents:
  - { id: targetedOffers, description: Offers., dpv: dpv:Marketing, givenBy: EXPRESS }
purposes:
  - { id: offers, description: Offers., use: CALLER, promotional: true, dpv: dpv:Marketing }
  - { id: billing, description: Bills., use: CALLER, dpv: dpv:Payment }
  - { id: analysis, description: Studies., use: OWN, dpv: dpv:Analysis }
partnerKinds:
  - { id: OFFERS, description: Offers. }
  - { id: PROCESSOR, description: Charges., serviceProvider: true }
partnerRequirements: { fact: personActive }
clauses:
  - id: sharing.offers
    section: Sharing
    summary: Offers on request.
    kind: [reveal]
    reading: LITERAL
    legalBasis: CONSENT
    ownUse: [analysis]
    reveals:
      - to: OFFERS
        purposes: [offers]
        categories: [EMAIL]
        when: { consent: targetedOffers }
  - id: rights.access
    section: Rights
    summary: People see their data.
    kind: [reveal]
    reading: LITERAL
    legalBasis: LEGAL_OBLIGATION
    reveals:
      - to: SELF
        categories: { except: [] }
`;

const faultsOf = (text: string): readonly string[] => {
  try {
    parsePolicy(text, 'p.yaml');
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.faults;
    throw error;
  }
};

const spoilt = (good: string, bad: string) => {
  if (!SMALL.includes(good)) throw new Error(`The policy does not say: ${good}`);
  return SMALL.replace(good, () => bad);
};

test('the small policy of these tests has no fault', () => expect(faultsOf(SMALL)).toEqual([]));

describe('a fault is told with its line, its column, its path and the expected form', () => {
  test.each<[good: string, bad: string, ...faults: string[]]>([
    ['version: v1', 'version: 1', 'p.yaml:1:1 version: expected a text, not 1'],
    ['version: v1', 'version: ../v1', 'p.yaml:1:1 version: expected a version such as 2014-09-12, not "../v1"'],
    ['title: A policy', 'title: "  "', 'p.yaml:2:1 title: expected a text that is not empty, not ""'],
    ['title: A policy\n', '', 'p.yaml:1:1 title: is missing; expected a text'],
    [
      'title: A policy',
      'titel: A policy',
      'p.yaml:1:1 title: is missing; expected a text',
      'p.yaml:2:1 titel: expected no such key; did you mean title?',
    ],
    [
      'processedIn: US',
      'processedIn: USA',
      'p.yaml:4:1 processedIn: expected an ISO 3166-1 alpha-2 country code, not "USA"; did you mean US?',
    ],
    [
      'processedIn: US',
      'acceptance: SILENCE\nprocessedIn: US',
      'p.yaml:4:1 acceptance: expected one of DEEMED, EXPLICIT, not "SILENCE"',
    ],
    ['processedIn: US', 'announceDays: 400\nprocessedIn: US', 'p.yaml:4:1 announceDays: expected 366 or less, not 400'],
    ['minimumAge: 13', 'minimumAge: 13.5', 'p.yaml:5:1 minimumAge: expected a whole number, not 13.5'],
    ['minimumCell: 5', 'minimumCell: 1', 'p.yaml:6:1 minimumCell: expected 2 or more, not 1'],
    [
      '[FR, DE]',
      '[FR, XX]',
      'p.yaml:8:48 transferRegion.countries[1]: expected an ISO 3166-1 alpha-2 country code, not "XX"',
    ],
    ['    friendAdded: true\n', '', 'p.yaml:10:3 defaults.preferences.friendAdded: is missing; expected true or false'],
    ['autoPost: true', 'autoPost: on', 'p.yaml:18:3 defaults.autoPost: expected true or false, not "on"'],
    [
      'givenBy: EXPRESS',
      'givenBy: SILENCE',
      'p.yaml:20:69 consents[0].givenBy: expected one of EXPRESS, EXPLICIT_ACCEPTANCE, not "SILENCE"',
    ],
    [
      'id: billing',
      'id: Billing',
      'p.yaml:23:7 purposes[1].id: expected lower-case words joined by dashes, not "Billing"',
    ],
    ['id: billing', 'id: offers', 'p.yaml:23:7 purposes[1].id: expected an id of its own; offers is defined above'],
    [
      'id: PROCESSOR',
      'id: STAFF_LEGAL',
      'p.yaml:27:7 partnerKinds[1].id: expected a partner kind; STAFF_LEGAL is one of our own callers',
    ],
    [
      'partnerRequirements: { fact: personActive }\n',
      '',
      'p.yaml:1:1 partnerRequirements: is missing; expected a condition: one of all, any, not, preference, consent, recipientConsent, recipient, recipientIn, resides, tie, age, held, restriction, process, fact',
    ],
    [
      '{ fact: personActive }',
      '{ consent: euTransfer }',
      'p.yaml:28:24 partnerRequirements.consent: expected a consent that the policy defines, not "euTransfer"',
    ],
    [
      '{ fact: personActive }',
      '{ not: { fact: openPrivacyCase } }',
      "p.yaml:28:31 partnerRequirements.not.fact: the fact openPrivacyCase can't be negated: no index finds people without a list element",
    ],
    [
      'id: sharing.offers',
      'id: sharing',
      'p.yaml:30:5 clauses[0].id: expected a clause id such as newsletters.opt-out, not "sharing"',
    ],
    [
      'id: rights.access',
      'id: sharing.offers',
      'p.yaml:42:5 clauses[1].id: expected an id of its own; sharing.offers is defined above',
    ],
    ['    section: Sharing\n', '', 'p.yaml:30:5 clauses[0].section: is missing; expected a text'],
    [
      '    summary: Offers',
      '    remark: Offers',
      'p.yaml:30:5 clauses[0].summary: is missing; expected a text',
      'p.yaml:32:5 clauses[0].remark: expected no such key; there are id, section, summary, kind, reading, narrowing, inference, legalBasis, judgedUnder, servedBy, ownUse, reveals, forbids, keeps, conflict',
    ],
    [
      '    kind: [reveal]',
      '    kind: [promise]',
      'p.yaml:33:12 clauses[0].kind[0]: expected one of reveal, control, duty, limit, not "promise"',
    ],
    [
      '    kind: [reveal]',
      '    kind: [duty]',
      'p.yaml:33:5 clauses[0].kind: expected the kind reveal on a clause that reveals',
    ],
    [
      '    reading: LITERAL',
      '    reading: NARROWED',
      'p.yaml:30:5 clauses[0].narrowing: expected one line why, on NARROWED clauses and only there',
    ],
    [
      '    reading: LITERAL',
      '    reading: LITERAL\n    narrowing: So.',
      'p.yaml:35:5 clauses[0].narrowing: expected one line why, on NARROWED clauses and only there',
    ],
    [
      '    reading: LITERAL',
      '    reading: INFERRED',
      'p.yaml:30:5 clauses[0].inference: expected one line why, on INFERRED clauses and never on LITERAL ones',
    ],
    [
      '    reading: LITERAL',
      '    reading: LITERAL\n    inference: So.',
      'p.yaml:35:5 clauses[0].inference: expected one line why, on INFERRED clauses and never on LITERAL ones',
    ],
    [
      'legalBasis: CONSENT',
      'legalBasis: HABIT',
      'p.yaml:35:5 clauses[0].legalBasis: expected one of CONSENT, CONTRACT, LEGAL_OBLIGATION, LEGITIMATE_INTEREST, not "HABIT"',
    ],
    [
      'ownUse: [analysis]',
      'ownUse: [analysis, billing]',
      'p.yaml:36:24 clauses[0].ownUse[1]: expected a purpose with use: OWN, not "billing"',
    ],
    [
      'ownUse: [analysis]',
      'conflict: { with: rights.none, settledBy: So. }',
      'p.yaml:36:17 clauses[0].conflict.with: expected the id of a clause of this policy, not "rights.none"',
    ],
    [
      'to: OFFERS',
      'to: EVERYBODY',
      'p.yaml:38:9 clauses[0].reveals[0].to: expected one of SELF, VISITOR, MEMBER, STAFF_SUPPORT, STAFF_ANALYST, STAFF_PRIVACY, STAFF_LEGAL, OFFERS, PROCESSOR, not "EVERYBODY"',
    ],
    [
      'to: OFFERS',
      'to: PROCESSOR',
      'p.yaml:39:20 clauses[0].reveals[0].purposes[0]: offers is promotional, which no service provider may serve',
    ],
    [
      '        purposes: [offers]\n',
      '',
      'p.yaml:38:9 clauses[0].reveals[0]: expected the purposes for which a partner may see this',
    ],
    [
      'purposes: [offers]',
      'purposes: [analysis]',
      'p.yaml:39:20 clauses[0].reveals[0].purposes[0]: expected a purpose with use: CALLER, not "analysis"',
    ],
    [
      'categories: [EMAIL]',
      'categories: [E_MAIL]',
      'p.yaml:40:22 clauses[0].reveals[0].categories[0]: expected a data category, not "E_MAIL"; did you mean EMAIL?',
    ],
    [
      '{ consent: targetedOffers }',
      '{ consent: everything }',
      'p.yaml:41:17 clauses[0].reveals[0].when.consent: expected a consent that the policy defines, not "everything"',
    ],
    [
      '{ consent: targetedOffers }',
      '{ recipientConsent: targetedOffers }',
      'p.yaml:41:17 clauses[0].reveals[0].when.recipientConsent: expected { consent: targetedOffers }, as the consent is given',
    ],
    [
      '{ consent: targetedOffers }',
      '{ resides: EEA }',
      'p.yaml:41:17 clauses[0].reveals[0].when.resides: expected a region that the policy defines, not "EEA"',
    ],
    [
      '{ consent: targetedOffers }',
      '{ recipient: certified }',
      'p.yaml:41:17 clauses[0].reveals[0].when.recipient: expected an attribute of recipients that the policy defines, not "certified"',
    ],
    ...['{ age: 18 }', '{ age: { atLeast: 0 } }', '{ age: { atLeast: 18, below: 65 } }', '{ age: { over: 18 } }'].map(
      (bad): [string, string, string] => [
        '{ consent: targetedOffers }',
        bad,
        `p.yaml:41:17 clauses[0].reveals[0].when.age: expected { atLeast: ... } or { below: ... }, in whole years, not ${bad === '{ age: 18 }' ? '18' : 'a map'}`,
      ],
    ),
    [
      '{ consent: targetedOffers }',
      '{ consent: 7 }',
      'p.yaml:41:17 clauses[0].reveals[0].when.consent: expected the id of a consent, not 7',
    ],
    [
      '{ consent: targetedOffers }',
      '{ preference: spam }',
      'p.yaml:41:17 clauses[0].reveals[0].when.preference: expected one of the preferences imvuNewsletter, developerNewsletter, friendAdded, friendMessage, nonFriendMessage, creatorNotification, adTargeting, not "spam"',
    ],
    [
      '{ consent: targetedOffers }',
      '{ all: { fact: personActive } }',
      'p.yaml:41:17 clauses[0].reveals[0].when.all: expected a list of conditions, not a map',
    ],
    [
      '{ consent: targetedOffers }',
      '{ any: [{ fact: personActive }, {}] }',
      'p.yaml:41:47 clauses[0].reveals[0].when.any[1]: expected a condition: one of all, any, not, preference, consent, recipientConsent, recipient, recipientIn, resides, tie, age, held, restriction, process, fact',
    ],
    [
      '{ consent: targetedOffers }',
      '{ all: [], any: [] }',
      'p.yaml:41:9 clauses[0].reveals[0].when: expected a condition: one of all, any, not, preference, consent, recipientConsent, recipient, recipientIn, resides, tie, age, held, restriction, process, fact',
    ],
    [
      '{ consent: targetedOffers }',
      '{ not: { not: [] } }',
      'p.yaml:41:24 clauses[0].reveals[0].when.not.not: expected a condition: one of all, any, not, preference, consent, recipientConsent, recipient, recipientIn, resides, tie, age, held, restriction, process, fact',
    ],
    [
      'title: A policy',
      'version: v2',
      'p.yaml:1:1 title: is missing; expected a text',
      'p.yaml:2:1 expected a key of its own; the same key stands above',
    ],
    ['[FR, DE]', '[FR, DE', 'p.yaml:8:51 expected the closing ]'],
    [
      'title: A policy\npublisher: Somebody',
      'title: &title A policy\npublisher: *title',
      'p.yaml:3:12 expected a value, not an alias',
    ],
    [
      'id: targetedOffers',
      'id: ?',
      'p.yaml:20:12 expected a sign that closes or separates: a quote, a bracket, a brace, a comma or a colon',
    ],
    [
      'to: SELF',
      'to: SELFF',
      'p.yaml:49:9 clauses[1].reveals[0].to: expected an audience, not "SELFF"; did you mean SELF?',
    ],
    [
      '{ consent: targetedOffers }',
      '{ consnt: targetedOffers }',
      'p.yaml:41:17 clauses[0].reveals[0].when.consnt: expected a condition: one of all, any, not, preference, consent, recipientConsent, recipient, recipientIn, resides, tie, age, held, restriction, process, fact, not "consnt"; did you mean consent?',
    ],
    [
      '{ consent: targetedOffers }',
      '{ consent: targetedOfers }',
      'p.yaml:41:17 clauses[0].reveals[0].when.consent: expected a consent that the policy defines, not "targetedOfers"; did you mean targetedOffers?',
    ],
    [
      '{ consent: targetedOffers }',
      '{ fact: openCase }',
      'p.yaml:41:17 clauses[0].reveals[0].when.fact: expected a fact, not "openCase"; did you mean openPrivacyCase?',
    ],
    [
      '{ consent: targetedOffers }',
      '{ preference: adTargetting }',
      'p.yaml:41:17 clauses[0].reveals[0].when.preference: expected a preference, not "adTargetting"; did you mean adTargeting?',
    ],
    [
      '        categories: [EMAIL]\n',
      '',
      'p.yaml:38:9 clauses[0].reveals[0].categories: is missing; expected a list of data categories, { except: [...] } or { namedBy: legalProcess, except: [...] }',
    ],
    [
      '{ except: [] }',
      '{ excpt: [] }',
      'p.yaml:50:9 clauses[1].reveals[0].categories.except: is missing; expected a list of data categories',
      'p.yaml:50:23 clauses[1].reveals[0].categories.excpt: expected no such key; did you mean except?',
    ],
    [
      '{ except: [] }',
      '{ except: [MAIL, EMIAL] }',
      'p.yaml:50:32 clauses[1].reveals[0].categories.except[0]: expected a data category, not "MAIL"; did you mean EMAIL?',
      'p.yaml:50:38 clauses[1].reveals[0].categories.except[1]: expected a data category, not "EMIAL"; did you mean EMAIL?',
    ],
    [
      '{ except: [] }',
      '{ namedBy: order, except: [] }',
      'p.yaml:50:23 clauses[1].reveals[0].categories.namedBy: expected the fact legalProcess, not "order"',
    ],
    [
      'legalBasis: CONSENT',
      'legalBasis: CONSENTS',
      'p.yaml:35:5 clauses[0].legalBasis: expected another word, not "CONSENTS"; did you mean CONSENT?',
    ],
    [
      'purposes: [offers]',
      'purposes: [ofers]',
      'p.yaml:39:20 clauses[0].reveals[0].purposes[0]: expected a purpose with use: CALLER, not "ofers"; did you mean offers?',
    ],
    ['publisher: Somebody', 'publisher: "Somebody', 'p.yaml:3:12 expected the closing "'],
    [
      'publisher: Somebody',
      'publisher: Some: body',
      'p.yaml:3:12 expected one key on this line; a text that holds a colon and a space stands between quotes',
    ],
    ['publisher: Somebody', 'publisher: @body', 'p.yaml:3:12 expected quotes around a text that begins with this sign'],
    ['  autoPost: true', '\tautoPost: true', 'p.yaml:18:1 expected spaces before this line, not a tab'],
    [
      'dpv: dpv:Payment',
      'dpv: Payment',
      'p.yaml:23:54 purposes[1].dpv: expected a term of the Data Privacy Vocabulary such as dpv:DirectMarketing, not "Payment"',
    ],
    ['minimumAge: 13', 'minimumAge: 99', 'p.yaml:5:1 minimumAge: expected 21 or less, not 99'],
    [
      'countries: [FR, DE]',
      'contries: [FR, DE]',
      'p.yaml:8:1 transferRegion.countries: is missing; expected a list',
      'p.yaml:8:32 transferRegion.contries: expected no such key; did you mean countries?',
    ],
  ])('%j instead of %j', (good, bad, ...faults) => expect(faultsOf(spoilt(good, bad))).toEqual(faults));

  test.each([
    ['', 'p.yaml:1:1 policy: expected a map, not nothing'],
    ['[]', 'p.yaml:1:1 policy: expected a map, not a list'],
    ['version: a\n---\nb: 2', 'p.yaml:2:1 expected one document; a second one begins here'],
  ])('%j as the whole file', (text, fault) => expect(faultsOf(text)).toEqual([fault]));

  test('every fault is told at once, and unknown facts with the known ones', () => {
    const faults = faultsOf(
      spoilt('{ consent: targetedOffers }', '{ any: [{ fact: [personActive] }, { fact: toString }] }'),
    );
    const path = 'clauses[0].reveals[0].when.any';
    const start = 'expected one of the facts personActive, standingOptOut, ';
    expect(faults).toHaveLength(2);
    expect(faults[0]).toContain(`p.yaml:41:25 ${path}[0].fact: ${start}`);
    expect(faults[1]).toContain(`p.yaml:41:51 ${path}[1].fact: ${start}`);
  });
});

describe('a file with many faults', () => {
  const MANY = [
    ['title: A policy', 'title: A policy\ntitle: Another'],
    ['publisher: Somebody', 'publsher: Somebody'],
    ['processedIn: US', 'processedIn: USA'],
    ['minimumCell: 5', 'minimumCell: few'],
    ['name: Union', 'name: *union'],
    ['givenBy: EXPRESS', 'givenBy: EXPRES'],
    ['id: billing', 'id: offers'],
    ['legalBasis: CONSENT', 'legalBasis: CONCENT'],
    ['ownUse: [analysis]', 'ownUse: [analisys]'],
    ['to: OFFERS', 'to: OFERS'],
    ['categories: [EMAIL]', 'categories: [EMAL]'],
    ['{ consent: targetedOffers }', '{ all: [{ consent: targetdOffers }, { not: { fact: openPrivacyCase } }] }'],
    ['{ except: [] }', '{ exept: [] }'],
  ] as const;
  const text = MANY.reduce((policy, [good, bad]) => {
    expect(policy).toContain(good);
    return policy.replace(good, () => bad);
  }, SMALL);

  test('tells all of them in one pass, of its YAML, its shape and its names, in the order of the lines', () => {
    expect(faultsOf(text)).toEqual([
      'p.yaml:1:1 publisher: is missing; expected a text',
      'p.yaml:3:1 expected a key of its own; the same key stands above',
      'p.yaml:4:1 publsher: expected no such key; did you mean publisher?',
      'p.yaml:5:1 processedIn: expected an ISO 3166-1 alpha-2 country code, not "USA"; did you mean US?',
      'p.yaml:7:1 minimumCell: expected a number, not "few"',
      'p.yaml:9:25 expected a value, not an alias',
      'p.yaml:21:69 consents[0].givenBy: expected another word, not "EXPRES"; did you mean EXPRESS?',
      'p.yaml:24:7 purposes[1].id: expected an id of its own; offers is defined above',
      'p.yaml:36:5 clauses[0].legalBasis: expected another word, not "CONCENT"; did you mean CONSENT?',
      'p.yaml:37:14 clauses[0].ownUse[0]: expected a purpose with use: OWN, not "analisys"; did you mean analysis?',
      'p.yaml:39:9 clauses[0].reveals[0].to: expected an audience, not "OFERS"; did you mean OFFERS?',
      'p.yaml:41:22 clauses[0].reveals[0].categories[0]: expected a data category, not "EMAL"; did you mean EMAIL?',
      'p.yaml:42:25 clauses[0].reveals[0].when.all[0].consent: expected a consent that the policy defines, not "targetdOffers"; did you mean targetedOffers?',
      "p.yaml:42:60 clauses[0].reveals[0].when.all[1].not.fact: the fact openPrivacyCase can't be negated: no index finds people without a list element",
      'p.yaml:51:9 clauses[1].reveals[0].categories.except: is missing; expected a list of data categories',
      'p.yaml:51:23 clauses[1].reveals[0].categories.exept: expected no such key; did you mean except?',
    ]);
  });

  test('that can not be read to its end tells the faults before that place, and guesses none behind it', () => {
    const broken = text.replace('kind: [reveal]', 'kind: [reveal').replace('    summary: Offers', '    remark: Offers');
    expect(faultsOf(broken)).toEqual([
      'p.yaml:3:1 expected a key of its own; the same key stands above',
      'p.yaml:4:1 publsher: expected no such key; did you mean publisher?',
      'p.yaml:5:1 processedIn: expected an ISO 3166-1 alpha-2 country code, not "USA"; did you mean US?',
      'p.yaml:7:1 minimumCell: expected a number, not "few"',
      'p.yaml:9:25 expected a value, not an alias',
      'p.yaml:21:69 consents[0].givenBy: expected another word, not "EXPRES"; did you mean EXPRESS?',
      expect.stringMatching(/^p\.yaml:33:5 clauses\[0\]\.remark: expected no such key; there are id, /),
      'p.yaml:35:5 expected the closing ]',
      expect.stringMatching(/^p\.yaml:36:17 expected /),
    ]);
  });

  test('has its words cut where they are long', () => {
    const [fault = ''] = faultsOf(spoilt('processedIn: US', `processedIn: ${'U'.repeat(500)}`));
    expect(fault.length).toBeLessThan(200);
  });
});

describe('for any text', () => {
  const outcome = (text: string) => {
    faultsOf(text);
    return true;
  };
  test('nothing but a PolicyError is thrown for strings', () =>
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), outcome), { numRuns: 500 }));

  test.each([
    ['? [&x a]\n: b'],
    ['{[a]: b}'],
    ['? {a: b}\n: c\n? {a: b}\n: d'],
  ])('a key that is no text is a fault of its own: %j', (text) => {
    expect(faultsOf(text)).toContainEqual(expect.stringMatching(/^p\.yaml:\d+:\d+ expected a text as a key$/));
  });

  test('nor for a key that is a map, and has an anchor that can not be written again', () => {
    expect(faultsOf('? : >? &x ')).toEqual(['p.yaml:1:6 expected YAML; this sign has no place here']);
  });

  test('nor for YAML, well formed or nearly', () => {
    const pieces = fc.constantFrom(
      ...[
        'a',
        ': ',
        '- ',
        '\n',
        '  ',
        '[',
        ']',
        '{',
        '}',
        ',',
        '&x ',
        '*x',
        '!!set ',
        '<<',
        '? ',
        '|',
        '>',
        '#',
        '"',
        "'",
      ],
      ...['%YAML 1.1\n---\n', '---\n', '...\n', '2014-09-12', '.nan', '0o7', 'null', '__proto__', 'clauses:\n'],
    );
    return fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
        outcome,
      ),
      { numRuns: 1_000 },
    );
  });

  test.each([
    '%YAML 1.1\n---\n<<: ',
    '%YAML 1.1\n---\nversion: no\n',
  ])('another version of YAML is refused: %j', (text) => {
    expect(faultsOf(text)).toContain('p.yaml:1:1 expected YAML 1.2, not another version of it');
  });

  test.each([
    ['!!set\n? a', 'p.yaml:1:1 expected a value without a tag'],
    ['version: !!binary aGVsbG8=', 'p.yaml:1:10 expected a value without a tag'],
    ['!!omap\n- a: b', 'p.yaml:1:1 expected a value without a tag'],
    ['version: !own word', 'p.yaml:1:10 expected a value without a tag'],
  ])('a kind of value that JSON has not is refused: %j', (text, fault) => {
    expect(faultsOf(text)).toContain(fault);
  });

  test('nor for JSON', () => fc.assert(fc.property(fc.json({ maxDepth: 6 }), outcome), { numRuns: 300 }));

  test('nor for a policy with anything in any place', () => {
    const draft = draftOfReference();
    const places = placesOf(draft);
    const anything = fc.oneof(
      fc.anything({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value) ?? 'null')),
      fc.constantFrom('personActive', { toString: 1 }, { fact: 'legalProcess' }, { not: { fact: 'legalProcess' } }),
      fc.constantFrom([], {}, null, '', '__proto__', { __proto__: null }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), anything, (place, value) => {
        const spoiled = structuredClone(draft);
        putAt(spoiled, place, value);
        return outcome(JSON.stringify(spoiled));
      }),
      { numRuns: 100 },
    );
  });

  test.each([500, 5_000])('nor for %i levels', (levels) => {
    const deep = `${'{ not: '.repeat(levels)}{ fact: personActive }${' }'.repeat(levels)}`;
    expect(outcome(spoilt('{ consent: targetedOffers }', deep))).toBe(true);
    expect(outcome('['.repeat(levels))).toBe(true);
  });
});

type Place = readonly (string | number)[];
const placesOf = (value: unknown, at: Place = []): Place[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => {
        const place = [...at, Array.isArray(value) ? Number(key) : key];
        return [place, ...placesOf(inner, place)];
      })
    : [];
const putAt = (root: unknown, place: Place, value: unknown) => {
  const holder = place
    .slice(0, -1)
    .reduce<unknown>((inner, step) => (inner as Record<string | number, unknown>)[step], root);
  (holder as Record<string | number, unknown>)[place.at(-1) ?? ''] = value;
};

describe('the canonical form', () => {
  const reference = parsePolicy(referenceText, 'reference');
  const { canonical, hash } = reference;

  test('of a policy is the same policy', () => expect(parsePolicy(canonical, 'canonical')).toEqual(reference));

  test('does not depend on comments, order and layout', () => {
    const reordered = Object.fromEntries(Object.entries(draftOfReference()).reverse());
    expect(parsePolicy(`# another edition\n${stringify(reordered)}`, 'reordered').hash).toBe(hash);
  });

  test('changes with every word', () =>
    expect(parsePolicy(SMALL, 'small').hash).not.toBe(parsePolicy(spoilt('Offers on', 'Gifts on'), 'small').hash));
});

test('a policy is loaded from its file', async () =>
  expect((await loadPolicy(REFERENCE_FILE)).policy).toEqual(referencePolicy));

test('a file that cannot be read, or is faulty, is named', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'assent-policy-'));
  try {
    const file = path.join(directory, 'policy.yaml');
    await expect(loadPolicy(file)).rejects.toThrow(`${file}: expected a policy file that can be read`);
    await writeFile(file, spoilt('processedIn: US', 'processedIn: Mars'));
    await expect(loadPolicy(file)).rejects.toThrow(`${file}:4:1 processedIn: expected an ISO 3166-1 alpha-2`);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test.each(['policy.yaml', 'vocabulary.yaml'])('a %s that is too large is refused before it is read', async (name) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'assent-policy-'));
  try {
    await writeFile(path.join(directory, 'policy.yaml'), SMALL);
    await writeFile(path.join(directory, name), '#'.repeat(10_000_000));
    const file = path.join(directory, name);
    await expect(loadPolicy(directory)).rejects.toThrow(
      new PolicyError([`${file}: expected at most 2 MB, not 9.5 MB`]),
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});
