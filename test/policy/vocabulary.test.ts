import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { PolicyError, parsePolicy } from '../../src/policy/load.ts';
import { REFERENCE_BUNDLE } from '../../src/policy/reference.ts';

const read = (file: string) => readFileSync(path.join(path.dirname(REFERENCE_BUNDLE), 'corner-shop', file), 'utf8');
const POLICY = read('policy.yaml');

/** A vocabulary with the words that the policy of the shop needs, and more lines of categories. */
const withCategories = (...lines: readonly string[]) =>
  read('vocabulary.yaml').replace('\npreferences:', `${lines.map((line) => `  - ${line}`).join('\n')}\n\npreferences:`);

const faultsOf = (text: string, policy = POLICY): readonly string[] => {
  try {
    parsePolicy(policy, 'policy.yaml', { text, file: 'vocabulary.yaml' });
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.faults.map((fault) => fault.replace(/^(\w+\.yaml):\d+:\d+ /, '$1 '));
    throw error;
  }
};

const AT = 'vocabulary.yaml categories[13]';

describe('a fault of a vocabulary is told with its place and the expected form', () => {
  test.each<{ name: string; line: string; told: readonly string[] }>([
    {
      name: 'a category twice',
      line: '{ id: HOME, says: A house., field: house, value: line }',
      told: [`${AT}.id: expected an id of its own; HOME is defined above`],
    },
    {
      name: 'a category that every company has',
      line: '{ id: ACCOUNT, says: An account., field: account, value: line }',
      told: [`${AT}.id: expected another name: every company has the category ACCOUNT`],
    },
    {
      name: 'a field that every person has',
      line: '{ id: STATE, says: A state., field: status, value: line }',
      told: [`${AT}.field: expected another name: status is taken`],
    },
    {
      name: 'a field with the name of a member of every object is no fault',
      line: '{ id: MAKER, says: A maker., field: constructor, value: line, correct: 7 }',
      told: [`${AT}.correct: expected true or false, not 7`],
    },
    {
      name: 'a field of another role',
      line: '{ id: NICK, says: A name., field: avatarName, value: line }',
      told: [`${AT}.field: expected another name: avatarName is the field of the category with the role handle`],
    },
    {
      name: 'a type of the schema',
      line: '{ id: PERSON, says: A person., field: person, type: User, value: { first: line } }',
      told: [`${AT}.type: expected another name: User is taken`],
    },
    {
      name: 'a type with an input that the schema has',
      line: '{ id: DEAL, says: A deal., field: deal, type: Contract, value: { first: line } }',
      told: [`${AT}.type: expected another name: Contract is taken`],
    },
    {
      name: 'a type named as the input of another category',
      line: '{ id: CARD, says: A card., field: card, type: LoyaltyCardInput, value: { first: line } }',
      told: [`${AT}.type: expected another name: LoyaltyCardInput is taken`],
    },
    {
      name: 'a name that is none',
      line: '{ id: shoe-size, says: A size., field: shoeSize, value: integer }',
      told: [`${AT}.id: expected a category: upper-case words joined by underscores, not "shoe-size"`],
    },
    {
      name: 'the place of a role that the category has not',
      line: '{ id: EMAIL, says: Another address., field: otherMail, value: email }',
      told: [`${AT}: expected the role mailbox of a category with this name, or another name`],
    },
    {
      name: 'a role twice',
      line: '{ id: OTHER_MAIL, says: Another address., field: otherMail, value: email, role: mailbox }',
      told: [`${AT}.role: expected another one: MAIL has "mailbox"`],
    },
    {
      name: 'a role of another form',
      line: '{ id: BORN, says: A day., field: born, value: line, role: birthDate }',
      told: [
        `${AT}.role: expected value: date of the category with this role`,
        `${AT}.role: expected another one: BIRTHDAY has "birthDate"`,
      ],
    },
    {
      name: 'a field twice',
      line: '{ id: HOUSE, says: A house., field: home, value: line }',
      told: [`${AT}.field: expected another one: HOME has "home"`],
    },
    {
      name: 'no field',
      line: '{ id: HOUSE, says: A house., value: line }',
      told: [`${AT}: expected a field that shows it`],
    },
    {
      name: 'neither a value nor a source',
      line: '{ id: HOUSE, says: A house., field: house }',
      told: [`${AT}: expected one of value, from and heldBy: the form of its value, or its source`],
    },
    {
      name: 'an unknown form',
      line: '{ id: HOUSE, says: A house., field: house, value: strings }',
      told: [
        `${AT}.value: expected one of word, line, text, email, phone, date, instant, integer, number, boolean, url, country, address, not "strings"`,
      ],
    },
    {
      name: 'a record without a type',
      line: '{ id: HOUSE, says: A house., field: house, value: { street: line } }',
      told: [`${AT}: expected a type that names its record of values`],
    },
    {
      name: 'a list of lists',
      line: '{ id: HOUSE, says: A house., field: house, value: { list: { list: line } } }',
      told: [
        `${AT}: expected a type that names its record of values`,
        `${AT}.value.list.list: expected a camelCase name other than list, id`,
      ],
    },
    {
      name: 'a source that is not there',
      line: '{ id: STREET, says: A street., field: street, from: HOUSE, as: { part: street } }',
      told: [`${AT}.from: expected another category, not "HOUSE"; did you mean HOME?`],
    },
    {
      name: 'itself as its source',
      line: '{ id: STREET, says: A street., field: street, from: STREET, as: initials }',
      told: [
        `${AT}.from: expected one of NICKNAME, FULL_NAME, MAIL, BIRTHDAY, HOME, DOOR_CODE, ALLERGIES, LOYALTY_CARD, TASTINGS, not "STREET"`,
      ],
    },
    {
      name: 'a derived source, so that no circle can be',
      line: '{ id: TOWN_LETTER, says: A letter., field: townLetter, from: TOWN, as: initials }',
      told: [
        `${AT}.from: expected one of NICKNAME, FULL_NAME, MAIL, BIRTHDAY, HOME, DOOR_CODE, ALLERGIES, LOYALTY_CARD, TASTINGS, not "TOWN"`,
      ],
    },
    {
      name: 'a source without a way',
      line: '{ id: STREET, says: A street., field: street, from: HOME }',
      told: [`${AT}.from: expected from and as together`],
    },
    {
      name: 'a part that the source has not',
      line: '{ id: STREET, says: A street., field: street, from: HOME, as: { part: lane } }',
      told: [`${AT}.as: expected one of the parts street, city, postalCode, country of HOME`],
    },
    {
      name: 'a way that does not fit the source',
      line: '{ id: STREET, says: A street., field: street, from: HOME, as: age }',
      told: [`${AT}.as: expected a way that fits HOME: age is made from a date`],
    },
    {
      name: 'an unknown way',
      line: '{ id: STREET, says: A street., field: street, from: HOME, as: uppercase }',
      told: [
        `${AT}.as: expected one of age, ageBand, year, initials, domain, lastFour, count, or { part: ... }, not "uppercase"`,
      ],
    },
    {
      name: 'an unknown feature',
      line: '{ id: HOUSE, says: A house., heldBy: houses }',
      told: [
        `${AT}.heldBy: expected one of advertising, blog, devices, offers, orders, photos, posts, programs, relationships, social, statistics, transactions, not "houses"`,
      ],
    },
    {
      name: 'a feature that the company has not',
      line: '{ id: PHOTOS, says: Photos., heldBy: photos }',
      told: [`${AT}.heldBy: expected photos among the features`],
    },
    {
      name: 'an input for a derived category',
      line: '{ id: STREET, says: A street., field: street, from: HOME, as: { part: street }, correct: true }',
      told: [`${AT}.correct: expected a category with a value`],
    },
    ...(
      [
        ['12', '12'],
        ['twelve months', '"twelve months"'],
        ['2 weeks', '"2 weeks"'],
        ['0 days', '"0 days"'],
        ['1.5 years', '"1.5 years"'],
        ['[12, months]', 'a list'],
      ] as const
    ).map(([keep, named]) => ({
      name: `a time of ${keep}`,
      line: `{ id: HOUSE, says: A house., field: house, value: line, keep: ${keep} }`,
      told: [`${AT}.keep: expected a whole number of hours, days, months or years, such as 12 months, not ${named}`],
    })),
    {
      name: 'a time of a derived category',
      line: '{ id: STREET, says: A street., field: street, from: HOME, as: { part: street }, keep: 1 year }',
      told: [`${AT}.keep: expected no keep: a value made from HOME goes with it`],
    },
    {
      name: 'a time of a category that a feature holds',
      line: '{ id: PHOTOS, says: Photos., heldBy: relationships, keep: 1 year }',
      told: [`${AT}.keep: expected no keep: the feature relationships keeps the values`],
    },
    {
      name: 'an unknown role of staff as writer',
      line: '{ id: HOUSE, says: A house., field: house, value: line, write: [owner, counters] }',
      told: [`${AT}.write[1]: expected a role of staff, not "counters"; did you mean counter?`],
    },
    {
      name: 'no role that writes',
      line: '{ id: HOUSE, says: A house., field: house, value: line, write: [] }',
      told: [`${AT}.write: expected a list that is not empty, not a list`],
    },
    {
      name: 'a write of a derived category',
      line: '{ id: STREET, says: A street., field: street, from: HOME, as: { part: street }, write: [owner] }',
      told: [`${AT}.write: expected no write: only a category with a value is written`],
    },
    {
      name: 'a value that staff writes and the person gives as well',
      line: '{ id: HOUSE, says: A house., field: house, value: line, register: optional, write: [owner] }',
      told: [`${AT}.register: expected no register: staff writes the values, and the person corrects none`],
    },
    {
      name: 'an unknown act on items',
      line: '{ id: HOUSE, says: A house., field: house, type: House, value: { list: { street: line } }, own: [drop] }',
      told: [`${AT}.own[0]: expected one of add, remove, not "drop"`],
    },
    ...['line', '{ list: line }'].map((value) => ({
      name: `items of the value ${value}, which have no ids`,
      line: `{ id: HOUSE, says: A house., field: house, value: ${value}, own: [add] }`,
      told: [`${AT}.own: expected value: { list: { ... } } of a category: only items of such a list have ids`],
    })),
    {
      name: 'an unknown key',
      line: '{ id: HOUSE, says: A house., field: house, value: line, sort: true }',
      told: [
        `${AT}.sort: expected no such key; there are id, says, dpv, field, fieldSays, inputSays, type, value, role, from, as, heldBy, partOf, keep, register, write, own, correct, delete`,
      ],
    },
  ])('$name', ({ line, told }) => expect(faultsOf(withCategories(line))).toEqual(told));

  test.each([
    ['handle', 'role: handle'],
    ['mailbox', 'role: mailbox'],
    ['birthDate', 'role: birthDate'],
    ['residence', 'role: residence'],
  ])('a time of the category with the role %s', (role, key) => {
    expect(faultsOf(read('vocabulary.yaml').replace(key, `${key}, keep: 1 year`))).toEqual([
      expect.stringMatching(
        new RegExp(`keep: expected no keep: an account needs the value with the role ${role} as long as it lasts$`),
      ),
    ]);
  });

  const unheld = (line: string, notHeld: string) => `${withCategories(line)}\nnotHeld: [${notHeld}]\n`;

  test('a category that is not held needs neither a value nor a field', () =>
    expect(faultsOf(unheld('{ id: FINGERPRINT, says: A fingerprint. }', 'FINGERPRINT'))).toEqual([]));

  test.each([
    'correct: true',
    'register: optional',
    'write: [owner]',
    'keep: 1 year',
  ])('a category that nothing is held of, with %s', (key) =>
    expect(
      faultsOf(
        unheld(
          `{ id: PRINT, says: A print., field: print, value: line, correct: true, ${key.replace('correct: true', 'delete: true')} }`,
          'PRINT',
        ),
      ),
    ).toEqual(
      expect.arrayContaining([
        `${AT}.${key.split(':')[0]}: expected no ${key.split(':')[0]}: notHeld says that nothing is held of PRINT`,
      ]),
    ));

  test('a category that is not held and not defined', () =>
    expect(faultsOf(unheld('{ id: PRINT, says: A print. }', 'PRINT, PRINTS'))).toEqual([
      'vocabulary.yaml notHeld[1]: expected a data category, not "PRINTS"; did you mean PRINT?',
    ]));

  test.each([
    ['handle', 'role: handle'],
    ['mailbox', 'role: mailbox'],
    ['birthDate', 'role: birthDate'],
    ['residence', 'role: residence'],
  ])('a write of the category with the role %s', (role, key) => {
    expect(faultsOf(read('vocabulary.yaml').replace(key, `${key}, write: [owner]`))).toEqual([
      expect.stringMatching(
        new RegExp(`write: expected no write: the person alone gives the value with the role ${role}$`),
      ),
    ]);
  });

  test.each([
    { keeps: '[TOWN]', told: 'keeps[0]: expected a category with a keep in the vocabulary; TOWN has none' },
    { keeps: '[ACCOUNT]', told: 'keeps[0]: expected a category with a keep in the vocabulary; ACCOUNT has none' },
    { keeps: '[DOOR_CODES]', told: 'keeps[0]: expected a data category, not "DOOR_CODES"; did you mean DOOR_CODE?' },
    { keeps: '[]', told: 'keeps: expected a list that is not empty, not a list' },
  ])('a clause with keeps: $keeps', ({ keeps, told }) => {
    const policy = POLICY.replace('keeps: [DOOR_CODE]', `keeps: ${keeps}`);
    expect(faultsOf(read('vocabulary.yaml'), policy)).toEqual([expect.stringContaining(told)]);
  });

  test('a clause that keeps for a time, and is neither limit nor duty', () => {
    const policy = POLICY.replace('kind: [limit], reading: LITERAL, legalBasis: CONTRACT', (text) =>
      text.replace('limit', 'control'),
    );
    expect(faultsOf(read('vocabulary.yaml'), policy)).toEqual([
      expect.stringMatching(/kind: expected the kind limit or duty on a clause that keeps for a time$/),
    ]);
  });

  test('a preference that the policy names and the vocabulary has not', () => {
    const text = read('vocabulary.yaml').replace('id: windowName', 'id: shopWindow');
    expect(faultsOf(text)).toEqual([
      'policy.yaml clauses[2].reveals[0].when.all[1].preference: expected one of the preferences deliveries, shopWindow, not "windowName"',
    ]);
  });

  test('a preference that stands nowhere from the start', () => {
    const text = read('vocabulary.yaml').replace(', default: false', '');
    expect(faultsOf(text)).toEqual(['policy.yaml defaults.preferences.windowName: is missing; expected true or false']);
  });

  test('a role of staff that the policy names and the vocabulary has not', () => {
    const text = read('vocabulary.yaml').replaceAll('counter', 'kiosk');
    expect(faultsOf(text)).toEqual([
      'policy.yaml clauses[8].reveals[0].to: expected an audience, not "STAFF_COUNTER"; did you mean STAFF_OWNER?',
    ]);
  });

  test('all faults at once, of both files', () => {
    const text = withCategories('{ id: HOUSE, says: A house., value: line }', '{ id: HUT, says: A hut., field: hut }');
    expect(faultsOf(text, POLICY.replace('minimumAge: 16', 'minimumAge: old'))).toHaveLength(3);
  });
});

describe('two editions of a policy', () => {
  const hashOf = (text: string) => parsePolicy(POLICY, 'policy.yaml', { text, file: 'vocabulary.yaml' }).hash;

  test('differ where a category is kept for another time', () =>
    expect(hashOf(read('vocabulary.yaml').replace('6 months', '5 months'))).not.toBe(hashOf(read('vocabulary.yaml'))));

  test('differ where a word does something else', () =>
    expect(hashOf(read('vocabulary.yaml').replace('value: word', 'value: line'))).not.toBe(
      hashOf(read('vocabulary.yaml')),
    ));

  test('are the same where a text says it otherwise', () =>
    expect(hashOf(read('vocabulary.yaml').replace('The town alone.', 'Just the town.'))).toBe(
      hashOf(read('vocabulary.yaml')),
    ));
});

test('two hundred categories each have a bit of their own', () => {
  const lines = Array.from({ length: 200 }, (_, n) => `{ id: C_${n}, says: More., field: c${n}, value: word }`);
  const { policy } = parsePolicy(POLICY, 'policy.yaml', { text: withCategories(...lines), file: 'vocabulary.yaml' });
  expect(policy.vocabulary.categories).toHaveLength(215);
});
