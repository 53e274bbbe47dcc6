import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matrixOf } from '../../src/policy/matrix.ts';
import { createClock } from '../support/clock.ts';
import { referencePolicy } from '../support/policy.ts';
import { ANNOUNCED, HOSTILE, IN_FORCE, NOTICE, OLD, VERSIONS } from '../support/policy-versions.ts';
import { createWorld, type TestWorld } from '../support/world.ts';

const ORIGIN = 'http://gateway.test';
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const POSTED = '2026-03-01T12:00:00.000Z';

const clock = createClock(POSTED);
let world: TestWorld;
beforeAll(async () => {
  const people = { users: [{ id: 'u1', avatarName: 'Neko', email: 'neko@example.com' }] };
  world = await createWorld(people, { ...VERSIONS, clock });
});
afterAll(() => world.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  world.gateway.fetch(new Request(ORIGIN + path, { headers }));
const pageOf = async (path: string) => (await get(path, BROWSER)).text();
const told = async (path: string) => (await get(path)).json();

const PAGES = [
  '/policy',
  `/policy/${OLD}`,
  `/policy/${ANNOUNCED}`,
  `/policy/diff/${OLD}/${IN_FORCE}`,
  `/policy/${IN_FORCE}?category=EMAIL`,
];

describe('the pages of the policy', () => {
  test('show the version in force at /policy, and mark the versions that are not in force', async () => {
    expect(await pageOf('/policy')).toBe(await pageOf(`/policy/${IN_FORCE}`));
    expect(await pageOf('/policy')).toContain('This version is in force.');
    expect(await pageOf(`/policy/${OLD}`)).toContain('An earlier version.');
    const announced = await pageOf(`/policy/${ANNOUNCED}`);
    expect(announced).toContain('Announced, and not in force yet. It holds from');
    expect(announced).toContain('>2026-03-31</time>');
    expect(await pageOf(`/policy/diff/${IN_FORCE}/${ANNOUNCED}`)).toContain('Announced, and not in force yet.');
  });

  test('name the company of the bundle, and hold nothing of anybody', async () => {
    for (const path of PAGES) {
      const page = await pageOf(path);
      expect(page).toContain(referencePolicy.publisher);
      expect(page).not.toMatch(/Neko|neko@example/);
    }
  });

  test('show each clause once, under an address of its own, with its words', async () => {
    const page = await pageOf(`/policy/${OLD}`);
    for (const { id, section } of referencePolicy.clauses) {
      expect(page.split(`<article id="${id}">`)).toHaveLength(2);
      expect(page).toContain(`<h3>${section.replaceAll('&', '&#38;')}</h3>`);
    }
    for (const part of ['More strictly than the text says: ', '<strong>OFFERS</strong> for targeted-offers, '])
      expect(page).toContain(part);
  });

  test('show a dot for each cell of the matrix', async () => {
    const cells = matrixOf(referencePolicy).flatMap((row) => row.cells);
    expect((await pageOf(`/policy/${OLD}`)).split('<td class="shown">')).toHaveLength(cells.length + 1);
  });

  test.each([
    { asked: 'category=CARD_EXPIRY&recipient=PAYMENT_PROCESSOR', rows: ['billing', 'order-fulfilment'] },
    { asked: 'category=CARD_EXPIRY&recipient=PAYMENT_PROCESSOR&purpose=billing', rows: ['billing'] },
    { asked: 'category=PHOTOS&recipient=MEMBER', rows: ['(any)'] },
  ])('show the part of the matrix that is asked for: $asked', async ({ asked, rows }) => {
    const page = await pageOf(`/policy/${OLD}?${asked}`);
    const found = [...page.matchAll(/<tr><th scope="row">[A-Z_]+<\/th><td>([^<]*)/g)].map(([, purpose]) => purpose);
    expect(found).toEqual(rows);
    expect(page).toContain('<th scope="col">Only if</th>');
  });

  test('say so where the matrix has nothing for the filter, and pass over unknown filters', async () => {
    const nothing = await pageOf(`/policy/${OLD}?category=EMAIL&recipient=VISITOR`);
    expect(nothing).toContain('The policy reveals nothing of that kind.');
    const unknown = await pageOf(`/policy/${OLD}?category=%3Cscript%3E&other=1`);
    expect(unknown).toBe(await pageOf(`/policy/${OLD}`));
  });

  test('tell the changes of a version, beginning with recipients that it shows more', async () => {
    const page = await pageOf(`/policy/diff/${OLD}/${IN_FORCE}`);
    const headings = [...page.matchAll(/<h2>([^<]*)/g)].map(([, heading]) => heading);
    expect(headings[0]).toBe('Somebody is shown more');
    expect(page).toMatch(/OFFERS, for targeted-offers, sees on other conditions User\.name/);
    expect(await told(`/policy/diff/${OLD}/${IN_FORCE}`)).toMatchObject({
      ...{ from: OLD, to: IN_FORCE },
      changes: expect.arrayContaining([expect.objectContaining({ effect: 'WIDER' })]),
    });
    expect(await pageOf(`/policy/diff/${OLD}/${OLD}`)).toContain('Nothing changes.');
  });

  test('lead to each other: no link of a page is dead', async () => {
    for (const path of PAGES) {
      const page = await pageOf(path);
      for (const [, address = ''] of page.matchAll(/href="([^"#]+)/g))
        expect([address, (await get(address, BROWSER)).status]).toEqual([address, 200]);
      for (const [, id = ''] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`id="${id}"`);
    }
  });

  test('escape the texts of the policy', async () => {
    for (const path of PAGES) {
      const page = await pageOf(path);
      expect(page).not.toContain(HOSTILE);
      expect(page).not.toMatch(/<script|<img|onerror="/);
    }
    expect(await pageOf('/policy')).toContain('Summary &#60;/style&#62;&#60;script&#62;');
  });

  test.each(PAGES)('load and run nothing, and are asked for anew with a tag: %s', async (path) => {
    const first = await get(path, BROWSER);
    expect(first.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
    expect([first.headers.get('cache-control'), first.headers.get('vary')]).toEqual(['public, no-cache', 'accept']);
    const again = await get(path, { ...BROWSER, 'if-none-match': first.headers.get('etag') ?? '' });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect((await get(path)).headers.get('etag')).not.toBe(first.headers.get('etag'));
  });

  test.each([
    '/policy/1999-01-01',
    `/policy/diff/1999-01-01/${OLD}`,
    `/policy/diff/${OLD}/%3Cb%3E`,
    '/policy/diff',
  ])('answer 404 in words for a version that is not there: %s', async (path) => {
    const response = await get(path, BROWSER);
    const page = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(page).toContain('There is no such version of the policy.');
    expect(page).toContain(`href="/policy/${OLD}"`);
    expect(page).not.toMatch(/1999|<b>/);
    expect(await told(path)).toMatchObject({ status: 404, detail: 'There is no such version of the policy.' });
  });

  test('tell a program the same in JSON, with the fields that show each category', async () => {
    expect(await told('/policy')).toMatchObject({ version: IN_FORCE, standing: 'IN_FORCE', holdsFrom: null });
    const version = await told(`/policy/${OLD}`);
    expect(version.matrix).toEqual(matrixOf(referencePolicy));
    expect(version.clauses.map(({ id }: { id: string }) => id)).toEqual(referencePolicy.clauses.map(({ id }) => id));
    expect(version.categories.find(({ id }: { id: string }) => id === 'EMAIL').fields).toContain('User.email');
  });
});

test('an announced version is in force once it has stood posted', async () => {
  clock.set(new Date(Date.parse(POSTED) + NOTICE));
  expect(await told('/policy')).toMatchObject({ version: ANNOUNCED, standing: 'IN_FORCE' });
  expect(await told(`/policy/${IN_FORCE}`)).toMatchObject({ standing: 'EARLIER' });
});
