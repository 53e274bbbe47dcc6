import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ERROR_CODES } from '../src/base/errors.ts';
import { DEFAULT_LIMITS } from '../src/http/guards/limits.ts';
import { FACTS } from '../src/policy/known-facts.ts';
import { linesOf } from '../src/policy/lines.ts';
import { lint } from '../src/policy/lint.ts';
import { matrixMarkdown } from '../src/policy/matrix.ts';
import { DENIAL_REASONS } from '../src/policy/vocabulary.ts';
import { readConfig } from '../src/process/config.ts';
import { demoPartners } from '../src/world/demo.ts';
import { referencePolicy, revise } from './support/policy.ts';
import { examplesIn, FIRST, openReader, type Reader } from './support/reader.ts';
import { codesIn, PROJECT, readPages, type Section, type Table } from './support/readme.ts';
import { PREFERENCES, STAFF_ROLES } from './support/words.ts';

const SECTIONS = readPages();

const projectFile = (name: string) => readFileSync(path.join(PROJECT, name), 'utf8');

const sectionOf = (title: string): Section => {
  const [section, ...others] = SECTIONS.filter((candidate) => candidate.title === title);
  if (!section || others.length > 0) throw new Error(`Not one page, but ${others.length} have "${title}"`);
  return section;
};

const tableOf = (title: string, ...header: string[]): Table['rows'] => {
  const { tables } = sectionOf(title);
  const table = tables.find((candidate) => header.every((cell, index) => candidate.header[index] === cell));
  if (!table) throw new Error(`The section "${title}" has no table that begins with ${header.join(', ')}`);
  return table.rows;
};

/** The section of the quick start: its gateway gives tokens itself. All other examples share a gateway that does not. */
const isQuickStart = ({ title }: Section) => title === 'Quick start: from nothing to a synchronised copy';
const SHARED = SECTIONS.filter((section) => !isQuickStart(section));
const QUICK_START = SECTIONS.filter(isQuickStart);

const examples = examplesIn(SHARED);

describe('every example of the quick start of partners prints what it says there', () => {
  const env = { TOKEN_ENDPOINT: 'on', PUBLIC_URL: FIRST };
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader(QUICK_START, env);
  }, 600_000);
  afterAll(() => reader.close());

  test.each(examplesIn(QUICK_START))('$name', ({ prints }) => reader.expectPrinted(prints));

  test('its gateway starts as the page says', () => {
    const [, told = ''] = /^(.*) npm start$/m.exec(QUICK_START[0]?.text ?? '') ?? [];
    expect(Object.fromEntries(told.split(' ').map((setting) => setting.split('=')))).toEqual(env);
  });
});

describe('every example of the pages prints what it says there', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader(SHARED, { METRICS: 'on' });
  }, 600_000);
  afterAll(() => reader.close());

  test.each(examples)('$name', ({ prints }) => reader.expectPrinted(prints));

  test('the gateway tells of itself what "Start" shows', () => {
    const told = reader.gateways[0]?.told() ?? '';
    const [block] = sectionOf('Start').blocks;
    // with unusual settings, the gateway adds them to the command that it shows
    const settings = `DATA_DIR=${reader.dir} PORT=${new URL(reader.gateways[0]?.origin ?? '').port} npm run`;
    expect(
      `${reader
        .adapt(block?.text ?? '')
        .replace(/^\$ .*\n/, '')
        .replace('npm run', settings)}\n`,
    ).toBe(told);
  });

  const routes = tableOf('Routes', 'Route').flatMap(([route = '']) => codesIn(route));
  const askRoute = async (method: string, route: string) => {
    const response = await fetch(`${reader.gateways[0]?.origin}${route.replace('<token>', 'token')}`, { method });
    return { status: response.status, allow: response.headers.get('allow'), body: await response.text() };
  };

  test.each(routes)('the route %s is there', async (route) => {
    expect((await askRoute('GET', route)).status).not.toBe(404);
  });

  test.each(routes)('the route %s answers HEAD as GET, without the body', async (route) => {
    const [{ status }, head] = [await askRoute('GET', route), await askRoute('HEAD', route)];
    expect(head).toMatchObject({ status, body: '' });
  });

  test.each(routes)('the route %s refuses DELETE with the methods that it takes', async (route) => {
    const { status, allow } = await askRoute('DELETE', route);
    expect(status).toBe(405);
    expect(allow).toMatch(/^(GET, HEAD|POST|GET, HEAD, POST)$/);
  });

  test('every collection that the examples have left is listed with what is in the clear there', async () => {
    const listed = tableOf('What is encrypted', 'Collection').flatMap(([names = '']) => codesIn(names));
    const found = await reader.store.connection.listCollections();
    expect(listed).toEqual(expect.arrayContaining(found.map(({ name }) => name)));
  });
});

describe('what the pages say of the code is so', () => {
  test('no output stands there without the commands that print it', () => {
    const blocks = SHARED.flatMap((section) => section.blocks);
    const outputs = blocks.filter(({ language }) => ['json', 'text'].includes(language));
    expect(examples.map(({ prints }) => prints)).toEqual(outputs);
  });

  test('there is an example for each kind of partner and each role of staff', () => {
    const typed = examples.map(({ code }) => code).join('\n');
    const shown = demoPartners.filter(({ clientId }) => typed.includes(`--partner ${clientId} `));
    expect(new Set(shown.map(({ kind }) => kind))).toEqual(new Set(referencePolicy.partnerKinds.map(({ id }) => id)));
    expect(STAFF_ROLES.filter((role) => typed.includes(`--staff ${role} `))).toEqual(STAFF_ROLES);
  });

  test('who may see what is the matrix of the reference policy', () => {
    expect(sectionOf('Who may see what').text).toContain(`\n${matrixMarkdown(referencePolicy)}\n`);
  });

  test('the reasons of a denial, in the order in which they are told', () => {
    const documented = tableOf('What a denial looks like', '`reason`').map(([reason = '']) => codesIn(reason)[0]);
    expect(documented).toEqual(DENIAL_REASONS);
  });

  test('the error codes and their status', () => {
    const rows = tableOf('What a denial looks like', '`code`').map(([code = '', status]) => [
      codesIn(code)[0],
      Number(status),
    ]);
    expect(Object.fromEntries(rows)).toEqual(ERROR_CODES);
  });

  test('the limits of one request', () => {
    const rows = tableOf('What one request may ask for', '`limit`').map(([limit = '', most]) => [
      codesIn(limit)[0],
      Number(most),
    ]);
    expect(Object.fromEntries(rows)).toEqual(DEFAULT_LIMITS);
  });

  test('the facts, in their own words', () => {
    const rows = tableOf('Conditions', 'Fact').map(([fact = '', says]) => [codesIn(fact)[0], says]);
    const facts = Object.entries(FACTS).map(([name, { says }]) => [name, says]);
    expect(rows).toEqual(facts);
  });

  test.each(PREFERENCES)('the preference %s is named', (preference) => {
    expect(codesIn(sectionOf('Conditions').text)).toContain(preference);
  });

  test('the operations', () => {
    const schema = buildSchema(projectFile('schema.graphql'));
    const rows = tableOf('What callers can do', 'Who');
    const named = (column: number) => [...new Set(rows.flatMap((row) => codesIn(row[column] ?? '')))].sort();
    expect(named(1)).toEqual(Object.keys(schema.getQueryType()?.getFields() ?? {}).sort());
    expect(named(2)).toEqual(Object.keys(schema.getMutationType()?.getFields() ?? {}).sort());
  });

  test('the variables of the configuration and their defaults', () => {
    const rows = tableOf('Variables', 'Variable').map(([name = '', value = '']) => [
      codesIn(name)[0],
      codesIn(value)[0],
    ]);
    const known = [...projectFile('src/process/config.ts').matchAll(/^ {4}([A-Z][A-Z_]+):/gm)].map(([, name]) => name);
    expect(rows.map(([name]) => name).sort()).toEqual(known.sort());
    expect(readConfig(Object.fromEntries(rows.filter(([, value]) => value !== undefined)))).toEqual(readConfig({}));
  });

  test('the commands', () => {
    const { scripts } = JSON.parse(projectFile('package.json')) as { scripts: Record<string, string> };
    const named = tableOf('Commands', 'Command').flatMap(([command = '']) =>
      codesIn(command).map((code) => /^npm (?:run )?(?:-s )?([a-z]+)/.exec(code)?.[1]),
    );
    expect(new Set(named)).toEqual(new Set(Object.keys(scripts)));
  });

  test('the clause of the example fits into the reference policy and does what it says', () => {
    const addition = parse(sectionOf('The shape of a clause').blocks[0]?.text ?? '') as Record<string, object[]>;
    const policy = revise((draft) => {
      const lists = draft as unknown as Record<string, object[]>;
      for (const [key, items] of Object.entries(addition)) lists[key]?.push(...items);
      draft.version = 'extended';
    });
    expect(lint(policy).filter(({ severity }) => severity !== 'NOTE')).toEqual([]);
    expect(linesOf(policy).filter(({ recipient }) => recipient === 'RESEARCHER')).toMatchObject([
      { clause: { id: 'research.participation' }, purpose: 'survey', reveal: { categories: ['GENDER', 'AGE_BAND'] } },
    ]);
  });

  test('the lines of Node, which are those that are tried and that of this run', () => {
    const { engines } = JSON.parse(projectFile('package.json')) as { engines: { node: string } };
    const { optionalDependencies } = JSON.parse(projectFile('scripts/versions/package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    const supported = engines.node.split(' || ').map((range) => range.replace('^', '').split('.'));
    const [told = ''] = /The supported lines are .*? and \d+\./.exec(sectionOf('Start').text) ?? [];
    const named = [...told.matchAll(/(?<!\.)\b(\d+)\b(?: \(from \d+\.(\d+)\))?(?!\.\d)/g)];
    expect(named.map(([, line, from = '0']) => [line, from, '0'])).toEqual(supported);
    const tried = Object.keys(optionalDependencies).map((name) => name.split('-')[1]);
    expect(supported.map(([line]) => line)).toEqual([...new Set(['20', ...tried])]);
  });
});
