import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALLOWED_HEADERS, EXPOSED_HEADERS } from '../src/http/guards/cors.ts';
import { examplesIn, FIRST, openReader, type Reader } from './support/reader.ts';
import { codesIn, PROJECT, readPage } from './support/readme.ts';

/** Pages whose examples are typed, and how the gateway starts that they ask. */
const PAGES: readonly { readonly page: string; readonly env: Readonly<Record<string, string>> }[] = [
  { page: 'docs/client.md', env: {} },
  { page: 'docs/partners.md', env: { TOKEN_ENDPOINT: 'on', PUBLIC_URL: FIRST } },
];

const textOf = (file: string) => readFileSync(path.join(PROJECT, file), 'utf8');

describe.each(PAGES)('$page', ({ page, env }) => {
  const sections = readPage(page);
  const examples = examplesIn(sections);
  const blocks = sections.flatMap((section) => section.blocks);
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader(sections, env);
  }, 300_000);
  afterAll(() => reader.close());

  test.each(examples)('prints what it says: $name', ({ line, prints }) => reader.expectPrinted(line, prints));

  test('has no output without the commands that print it', () => {
    const outputs = blocks.filter(({ language }) => ['json', 'text'].includes(language));
    expect(examples.map(({ prints }) => prints)).toEqual(outputs);
    expect(outputs.length).toBeGreaterThan(0);
  });

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

  test.each(
    [...textOf(page).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target = '']) => target),
  )('leads somewhere: %s', (target) => {
    expect(existsSync(path.join(PROJECT, path.dirname(page), target))).toBe(true);
  });
});

test('docs/partners.md says how to start the gateway that its examples ask', () => {
  const [, told = ''] = /^(.*) npm start$/m.exec(textOf('docs/partners.md')) ?? [];
  const { env } = PAGES.find(({ page }) => page === 'docs/partners.md') ?? {};
  expect(Object.fromEntries(told.split(' ').map((setting) => setting.split('=')))).toEqual(env);
});

test('docs/client.md says which headers of pages pass', () => {
  const [sentence = ''] = /^The browser may send .*$/m.exec(textOf('docs/client.md')) ?? [];
  const [sent, read] = sentence.split('the page may read').map(codesIn);
  expect({ sent, read }).toEqual({ sent: ALLOWED_HEADERS, read: EXPOSED_HEADERS });
});
