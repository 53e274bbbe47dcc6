import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile, type DecisionTable } from '../../src/policy/compile.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { readConfig } from '../../src/process/config.ts';
import { checkPeople, rulesOfEmptyDatabase, withPeopleFile } from '../../src/world/import-people.ts';
import { worldRules } from '../../src/world/load-world.ts';
import type { PeopleRules } from '../../src/world/people-file.ts';
import { parseWorld, WorldFileError, type WorldRules } from '../../src/world/schema.ts';

const NOW = new Date('2026-06-15T12:00:00Z');
const SECRET = 'Kestrelmoor';

let dir: string;
let table: DecisionTable;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'assent-people-'));
  const { policy } = await loadPolicy(readConfig({}).bundle);
  table = compile([policy], policy.version);
});
afterAll(() => rm(dir, { recursive: true }));

const rulesWith = (erased: readonly string[] = []): PeopleRules => ({
  ...rulesOfEmptyDatabase(table, NOW),
  world: worldRules(table, NOW, { partners: ['stored'], users: [] }),
  findErased: async (ids) => ids.filter((id) => erased.includes(id)),
});

const faultsOf = async (check: () => unknown): Promise<readonly string[]> => {
  try {
    await check();
  } catch (error) {
    if (error instanceof WorldFileError) return error.faults;
    throw error;
  }
  return [];
};
const faultsIn = async (text: string | Buffer, rules = rulesWith()) => {
  const file = path.join(dir, 'people.ndjson');
  await writeFile(file, text);
  return faultsOf(() => withPeopleFile(file, (people) => checkPeople(people, rules)));
};

const line = (facts: object = {}) => JSON.stringify({ id: 'u1', avatarName: 'Neko', ...facts });

describe('a line at fault', () => {
  test.each([
    { name: 'is no JSON', text: `${line()}\n{"id": ${SECRET}}`, fault: 'line 2, column 8: expected JSON' },
    { name: 'ends too early', text: '{"id":"u1",', fault: 'line 1, column 12: expected JSON' },
    { name: 'is not UTF-8', text: Buffer.from(line({ name: 'é' }), 'latin1'), fault: 'line 1: expected UTF-8' },
    { name: 'is no object', text: `"${SECRET}"`, fault: 'line 1: expected an object' },
    { name: 'is nothing', text: 'null', fault: 'line 1: expected an object' },
    {
      name: 'has an unknown key',
      text: line({ extra: SECRET }),
      fault: 'line 1: unknown key "extra", expected only id,',
    },
    {
      name: 'has an unknown key within',
      text: line({ postalAddress: { town: SECRET } }),
      fault: 'line 1: postalAddress: unknown key "town", expected only street, city, postalCode, country',
    },
    {
      name: 'lacks the id',
      text: JSON.stringify({ avatarName: SECRET }),
      fault: 'line 1: id: missing, expected 1 to 64 characters of A-Z, a-z, 0-9, _ and -',
    },
    {
      name: 'has a value of another form',
      text: `\n\n${line({ country: SECRET })}`,
      fault: 'line 3: country: expected an ISO 3166-1 alpha-2 country code',
    },
    {
      name: 'has a fault in a list',
      text: line({ photos: [{ id: 'a' }, { url: SECRET }] }),
      fault: 'line 1: photos[1].url: expected an http or https URL of at most 2048 characters',
    },
    {
      name: 'has an id twice in a list',
      text: line({ photos: [{ id: SECRET }, { id: SECRET }] }),
      fault: 'line 1: photos[1].id: expected a value that no earlier entry of the list has',
    },
    {
      name: 'names a partner that the database does not have',
      text: line({ orders: [{ processor: 'stored' }, { processor: SECRET }] }),
      fault: 'line 1: orders[1].processor: expected the clientId of a partner in the database',
    },
    {
      name: 'has a consent of the future',
      text: line({ consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2026-06-15T12:00:01Z' }] }),
      fault: 'line 1: consents[0].at: expected a time that is not in the future',
    },
    {
      name: 'is about an active child',
      text: line({ birthDate: '2020-01-01' }),
      fault: 'line 1: birthDate: expected at least 13 years ago, or a status other than ACTIVE',
    },
    {
      name: 'has the id of an earlier line',
      text: `${line({ id: SECRET })}\n${line()}\n${line({ id: SECRET })}`,
      fault: 'line 3: id: expected a value that no earlier line has',
    },
    {
      name: 'is about an erased person',
      text: `${line()}\n${line({ id: 'gone' })}`,
      fault: 'line 2: id: expected a person who was not erased',
    },
    {
      name: 'holds more than a record can',
      text: line({ photos: Array.from({ length: 300_000 }, (_, index) => ({ id: `p${index}`, caption: SECRET })) }),
      fault: 'line 1: expected at most 12 MiB about a person',
    },
  ])('that $name is named with the place, and no value of it', async ({ text, fault }) => {
    const faults = await faultsIn(text, rulesWith(['gone']));
    expect(faults).toHaveLength(1);
    expect(faults[0]?.slice(0, fault.length)).toBe(fault);
    expect(faults[0]).not.toContain(SECRET);
  });

  test('is named beside all others, in the order of the lines', async () => {
    const lines = ['nothing', line({ id: 'gone' }), line({ country: 'Narnia', gender: 5 }), line({ id: 'u3' }), '7'];
    expect(await faultsIn(lines.join('\n'), rulesWith(['gone']))).toEqual([
      'line 1, column 1: expected JSON',
      'line 2: id: expected a person who was not erased',
      'line 3: gender: expected text of at most 32 characters on one line',
      'line 3: country: expected an ISO 3166-1 alpha-2 country code',
      'line 5: expected an object',
    ]);
  });

  test('is found in each line of a world file', async () => {
    expect((await faultsIn('{\n"users": [\n]}')).map((fault) => fault.slice(0, 18))).toEqual([
      'line 1, column 2: ',
      'line 2, column 8: ',
      'line 3, column 1: ',
    ]);
  });

  test.each([
    { faults: 99, told: 99, last: 'line 99: expected an object' },
    { faults: 100, told: 100, last: 'line 100: expected an object' },
    { faults: 101, told: 101, last: 'and 1 more fault' },
    { faults: 1_700, told: 101, last: 'and 1600 more faults' },
  ])('is one of a hundred that are told, of $faults', async ({ faults, told, last }) => {
    const found = await faultsIn('7\n'.repeat(faults));
    expect([found.length, found.at(-1)]).toEqual([told, last]);
  });

  test.each([
    { avatarName: '\u200b' },
    { email: 'nobody' },
    { emailProven: 'yes' },
    { birthDate: '2026-06-16' },
    { paymentCard: { lastFour: '42424242' } },
    { posts: { text: 'not a list' } },
    { transactions: [{ price: '1.5', kind: 'GIVEN' }] },
    { preferences: { everything: true } },
    { consents: [{ purpose: 'everything', action: 'GIVEN' }, { action: 'TAKEN' }] },
    { status: 'ERASED' },
    { acceptedPolicy: { version: '1999-01-01' } },
    { subscriptions: [{ verified: 1 }] },
    { privacyCases: [{ status: 'LOST' }] },
  ])('has the faults that a world file with the same person has: %o', async (facts) => {
    const user = { id: 'u1', avatarName: 'Neko', ...facts };
    const rules: WorldRules = rulesWith().world;
    const inWorld = await faultsOf(() => parseWorld({ users: [user] }, rules));
    expect(inWorld.length).toBeGreaterThan(0);
    expect(await faultsIn(JSON.stringify(user))).toEqual(
      inWorld.map((fault) => fault.replace(/^users\[0\]\.?/, 'line 1: ').replace('line 1: :', 'line 1:')),
    );
  });
});

describe('a file of people', () => {
  test.each([
    { name: 'no line', text: '' },
    { name: 'blank lines alone', text: '\n \r\n' },
    { name: 'lines that end with a carriage return', text: `${line()}\r\n${line({ id: 'u2' })}\r\n` },
    { name: 'two people of one avatar name, as a world file may have', text: `${line()}\n${line({ id: 'u2' })}` },
    { name: 'a line separator within a text', text: line({ name: 'x', posts: [{ text: 'a\u2028b' }] }) },
  ])('may hold $name', async ({ text }) => {
    expect(await faultsIn(text)).toEqual([]);
  });

  test('finds an id again that stands some thousand lines before', async () => {
    const lines = Array.from({ length: 3_000 }, (_, index) => line({ id: `u${index}` }));
    expect(await faultsIn([...lines, line({ id: 'u7' })].join('\n'))).toEqual([
      'line 3001: id: expected a value that no earlier line has',
    ]);
  });

  test.each([
    { name: 'is not there', file: () => path.join(dir, 'nowhere.ndjson') },
    { name: 'is a directory', file: () => dir },
    { name: 'can be read only once', file: () => '/dev/stdin' },
  ])('that $name is refused', async ({ file }) => {
    await expect(withPeopleFile(file(), async () => {})).rejects.toThrow(
      '--file: expected a file of people that can be read twice',
    );
  });
});
