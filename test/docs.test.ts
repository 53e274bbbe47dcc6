import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ALLOWED_HEADERS, EXPOSED_HEADERS } from '../src/http/guards/cors.ts';
import { lint } from '../src/policy/lint.ts';
import { parsePolicy } from '../src/policy/load.ts';
import { codesIn, PAGES, PROJECT, readPage } from './support/readme.ts';

const textOf = (file: string) => readFileSync(path.join(PROJECT, file), 'utf8');

/** The anchors that a Markdown file offers, as GitHub makes them of its headings. */
const anchorsOf = (file: string) =>
  readPage(file).map(({ title }) =>
    title
      .toLowerCase()
      .replaceAll(' ', '-')
      .replaceAll(/[^\w-]/g, ''),
  );

const LINKED = [...PAGES, ...['CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'scripts/bench/README.md']];

describe.each(LINKED)('the links of %s', (page) => {
  const targets = [...textOf(page).matchAll(/\]\(((?!\w+:)[^)\s]+)\)/g)].map(([, target = '']) => target);

  test('lead somewhere', () => {
    const broken = targets.filter((target) => {
      const [place = '', anchor] = target.split('#');
      const file = place === '' ? page : path.join(path.dirname(page), place);
      if (!existsSync(path.join(PROJECT, file))) return true;
      return anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

test('README.md leads to every page', () => {
  const linked = [...textOf('README.md').matchAll(/\]\((docs\/[\w/-]+\.md)/g)].map(([, page = '']) => page);
  const pages = PAGES.filter((page) => /^docs\/[\w-]+\.md$/.test(page));
  expect(pages.filter((page) => !linked.includes(page))).toEqual([]);
});

test.each(
  PAGES.filter((page) => page !== 'README.md' && /^(as|ask) /m.test(textOf(page))),
)('%s says where the functions of its examples are from', (page) => {
  expect(textOf(page)).toContain('](../README.md#four-examples)');
});

test('README.md is short', () => {
  expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(250);
});

describe('docs/client.md', () => {
  const blocks = readPage('docs/client.md').flatMap((section) => section.blocks);

  test('shows nothing of a program that the examples do not have', () => {
    const files = readdirSync('examples', { recursive: true, encoding: 'utf8' }).filter((file) =>
      /^\w+\/\w+\.js$/.test(file),
    );
    const texts = files.map((file) => textOf(`examples/${file}`));
    const programs = blocks.filter(({ language }) => language === 'js');
    expect(programs.filter(({ text }) => !texts.some((file) => file.includes(text))).map(({ line }) => line)).toEqual(
      [],
    );
    expect(programs.length).toBeGreaterThan(0);
  });

  test('says which headers of pages pass', () => {
    const [sentence = ''] = /^The browser may send .*$/m.exec(textOf('docs/client.md')) ?? [];
    const [sent, read] = sentence.split('the page may read').map(codesIn);
    expect({ sent, read }).toEqual({ sent: ALLOWED_HEADERS, read: EXPOSED_HEADERS });
  });
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly [key: string]: unknown;
}

/** Every key that a schema knows, at any depth. */
function keysIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties } = schema as Schema;
  return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(keysIn)];
}

/** Every word that a schema gives a choice of, at any depth. */
function choicesIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { enum: choices } = schema as { readonly enum?: unknown };
  return [...(Array.isArray(choices) ? choices : []), ...Object.values(schema).flatMap(choicesIn)];
}

/** Every key of a document, at any depth. */
function keysUsed(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(keysUsed)];
}

describe('docs/policy-reference.md', () => {
  const sections = readPage('docs/policy-reference.md');
  const ajv = new Ajv2020({ strict: false });
  const schemaOf = (name: string): Schema => JSON.parse(textOf(`docs/${name}.schema.json`));
  const prose = sections.map(({ text }) => text.replaceAll(/^```[\s\S]*?^```$/gm, '')).join('\n');
  const named = new Set(codesIn(prose).flatMap((code) => code.match(/\w+/g) ?? []));
  /** The examples of a file, which begin with its name. */
  const examplesOf = (file: string) =>
    sections
      .flatMap(({ blocks }) => blocks)
      .filter(({ text }) => text.startsWith(`# ${file}.yaml\n`))
      .map(({ line, text }) => ({ line, document: parse(text) as Record<string, unknown> }));

  describe.each(['policy', 'vocabulary'])('of %s.yaml', (file) => {
    const schema = schemaOf(file);
    const keys = [...new Set(keysIn(schema))];

    test('names every key and every choice of the language', () => {
      expect([...keys, ...choicesIn(schema)].filter((word) => !named.has(word))).toEqual([]);
    });

    test('has every key in an example', () => {
      const used = new Set(examplesOf(file).flatMap(({ document }) => keysUsed(document)));
      expect(keys.filter((key) => !used.has(key))).toEqual([]);
    });

    test.each(examplesOf(file))('has an example of the right form on line $line', ({ document }) => {
      const { required: _, ...part } = schema;
      const validate = ajv.compile(part);
      expect([validate(document), validate.errors]).toEqual([true, null]);
    });
  });

  test('has examples that make one policy, without an error', () => {
    const together = (file: string) => Object.assign({}, ...examplesOf(file).map(({ document }) => document));
    const text = JSON.stringify({ ...together('policy'), vocabulary: together('vocabulary') });
    const { policy } = parsePolicy(text, 'policy.yaml');
    expect(lint(policy).filter(({ severity }) => severity === 'ERROR')).toEqual([]);
  });
});
