import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createServerAdapter } from '@whatwg-node/server';
import { createSchema, createYoga } from 'graphql-yoga';
import { jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createPersonaRoutes, type Persona, VISITOR } from '../../src/http/graphiql/personas.ts';
import { createExplorerRoutes } from '../../src/http/graphiql/routes.ts';
import type { CallerClaims } from '../../src/http/signing.ts';
import { findChromium, openBrowser } from '../support/browser.ts';

const TOKEN_MS = 15 * 60 * 1000;

const partner = (name: string, purpose: string): Persona => ({
  id: name,
  label: name,
  group: 'PARTNER',
  description: `A partner, ${name}.`,
  claims: { kind: 'partner', sub: `c-${name}`, purpose, scope: 'name email' },
  knowsPersonAs: `pairwise-${name}`,
});

const PERSONAS: readonly Persona[] = [
  VISITOR,
  { id: 'self', label: 'Neko', group: 'SELF', description: 'The person.', claims: { kind: 'member', sub: 'u1' } },
  { id: 'bear', label: 'Bear', group: 'MEMBER', description: 'A member.', claims: { kind: 'member', sub: 'u2' } },
  partner('offers', 'targeted-offers'),
  partner('ads', 'advertising'),
  {
    id: 'support',
    label: 'Support',
    group: 'STAFF',
    description: 'Customer support.',
    claims: { kind: 'staff', sub: 's1', role: 'support', purpose: 'customer-support' },
  },
];

const secret = new TextEncoder().encode('a secret of the tests, long enough for HS256');

const sign = ({ sub, ...claims }: CallerClaims) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setSubject(sub).sign(secret);

const callerOf = async ({ headers }: Request) => {
  const token = headers.get('authorization')?.replace('Bearer ', '');
  return token ? (await jwtVerify<{ kind: string }>(token, secret)).payload : { kind: 'visitor', sub: undefined };
};

/** A GraphQL server that answers with whom it was asked by, and has the explorer in front. */
async function startGateway({ development }: { development: boolean }) {
  const state = {
    personas: PERSONAS,
    now: systemClock.now,
    signingMs: 0,
    tokens: 0,
    changes: 0,
    answers: [] as string[],
  };
  const listPersonas = async () => state.personas;
  const explorer = createExplorerRoutes({ endpoint: '/graphql', ...(development && { listPersonas }) });
  const personas = createPersonaRoutes({
    listPersonas,
    clock: { now: () => state.now() },
    sign: async (claims) => {
      state.tokens += 1;
      await setTimeout(state.signingMs);
      return sign(claims);
    },
  });
  const yoga = createYoga<object>({
    graphiql: false,
    logging: false,
    context: async ({ request }) => ({ caller: await callerOf(request) }),
    schema: createSchema<{ caller: Awaited<ReturnType<typeof callerOf>> }>({
      typeDefs: 'type Query { caller(person: ID): String } type Mutation { change: Int }',
      resolvers: {
        Query: {
          caller: (_root, { person }, { caller: { kind, sub } }) => {
            const answer = [kind, sub, person].filter(Boolean).join(' ');
            state.answers.push(answer);
            return answer;
          },
        },
        Mutation: { change: () => ++state.changes },
      },
    }),
  });
  const server = createServer(
    createServerAdapter(
      async (request: Request) => (await explorer(request)) ?? (await personas(request)) ?? yoga.fetch(request),
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { state, close, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** What the response pane shows, without the space that indents and wraps it. */
const ANSWER = 'document.querySelector(".result-window").innerText.replaceAll(/\\s/g, "")';
const READY =
  '[".graphiql-query-editor", ".result-window"].every((area) => document.querySelector(area + " .view-line"))';
const TABS = '[...document.querySelectorAll(".graphiql-tab-button")].map((tab) => tab.textContent)';
const EDITABLE = ':is(textarea, .native-edit-context)';

const chromium = findChromium();

describe.skipIf(!chromium)('the explorer in a browser (needs chromium on the PATH)', () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let development: Awaited<ReturnType<typeof startGateway>>;
  let production: Awaited<ReturnType<typeof startGateway>>;

  beforeAll(async () => {
    [browser, development, production] = await Promise.all([
      openBrowser(chromium ?? ''),
      startGateway({ development: true }),
      startGateway({ development: false }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    development?.close();
    production?.close();
  });

  /** Opens the page in a new tab of the browser, for as long as `use` takes. */
  const explore = async (
    use: (explorer: Awaited<ReturnType<typeof openExplorer>>) => Promise<void>,
    { query, gateway = development }: { query?: string; gateway?: typeof development } = {},
  ) => {
    Object.assign(gateway.state, {
      personas: PERSONAS,
      now: systemClock.now,
      signingMs: 0,
      tokens: 0,
      changes: 0,
      answers: [],
    });
    const explorer = await openExplorer(gateway.origin, query ? `?query=${encodeURIComponent(query)}` : '');
    await use(explorer).finally(explorer.close);
  };

  const openExplorer = async (origin: string, search: string) => {
    const page = await browser.openPage();
    const load = async (path: string) => {
      await page.open(origin + path);
      await page.until(READY);
    };
    await load(`/graphql${search}`);
    const element = (selector: string) => `document.querySelector('${selector}')`;
    return {
      ...page,
      reload: () => load('/graphql'),
      answers: (text: string) => page.until(`${ANSWER}.includes(${JSON.stringify(text.replaceAll(' ', ''))})`),
      click: (selector: string) => page.evaluate(`${element(selector)}.click()`),
      text: (selector: string) => page.evaluate<string>(`${element(selector)}.textContent`),
      type: async (selector: string, text: string) => {
        await page.until(`!!${element(selector)}`);
        await page.evaluate(`${element(selector)}.focus()`);
        await page.call('Input.insertText', { text });
      },
    };
  };

  test('opens with a tab for each kind of caller, from its own origin alone and without a complaint', () =>
    explore(async ({ requests, complaints, evaluate, until }) => {
      await until('document.querySelectorAll(".view-line").length > 10');
      expect(await evaluate(TABS)).toEqual([
        'Everyone',
        'Visitor',
        'Myself',
        'Member',
        'Partner',
        'Support',
        'Explain',
      ]);
      await expect.poll(() => requests).toContain(`${development.origin}/graphql/explorer/graphql-worker.js`);
      expect(requests.filter((url) => !url.startsWith(`${development.origin}/`) && !url.startsWith('data:'))).toEqual(
        [],
      );
      expect(complaints).toEqual([]);
    }));

  test('shows the same query as the next caller by one click', () =>
    explore(
      async ({ click, answers, text }) => {
        for (const [label, answer] of [
          ['Neko', 'member u1 u1'],
          ['Bear', 'member u2 u1'],
          ['offers', 'partner c-offers pairwise-offers'],
          ['ads', 'partner c-ads pairwise-ads'],
          ['Support', 'staff s1 u1'],
          ['Visitor', 'visitor u1'],
        ]) {
          await click('#next');
          await answers(`"caller": "${answer}"`);
          expect(await text('#caller option:checked')).toBe(label);
        }
      },
      { query: 'query Q($person: ID) { caller(person: $person) }' },
    ));

  test('says who the caller is and until when its token lasts', () =>
    explore(async ({ click, text, until }) => {
      expect(await text('#status')).toBe('No token');
      await click('#previous');
      expect(await text('#description')).toBe('Customer support.');
      expect(await text('#credentials')).toBe('kind staff · role support · purpose customer-support');
      await until(`/^Token until .*\\d:\\d\\d/.test(document.querySelector('#status').textContent)`);
    }));

  test('follows the last of several quick clicks', () =>
    explore(
      async ({ evaluate, answers }) => {
        await evaluate('for (let click = 0; click < 4; click++) document.querySelector("#next").click()');
        await answers('"partner c-ads"');
        await setTimeout(500);
        expect(await evaluate(ANSWER)).toContain('"partnerc-ads"');
      },
      { query: '{ caller }' },
    ));

  test('takes no notice of a token that comes after another caller was chosen', () =>
    explore(async ({ click, text }) => {
      development.state.signingMs = 200;
      await click('#next');
      await click('#previous');
      await expect.poll(() => development.state.tokens).toBe(1);
      await setTimeout(500);
      expect(await text('#status')).toBe('No token');
    }));

  test('remembers the caller and the open tab over a reload, but not the token', () =>
    explore(
      async ({ click, answers, reload, text, evaluate, until }) => {
        await click('#next');
        await answers('"member u1"');
        await until('"graphiql:tabState" in sessionStorage');
        expect(await evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).not.toContain('eyJ');
        const tabs = await evaluate(TABS);
        await reload();
        expect(await evaluate(TABS)).toEqual(tabs);
        expect(await text('#caller option:checked')).toBe('Neko');
        await click('.graphiql-execute-button');
        await answers('"member u1"');
      },
      { query: 'query Mine { caller }' },
    ));

  test('does not repeat a change for the next caller', () =>
    explore(
      async ({ click, answers }) => {
        await click('.graphiql-execute-button');
        await answers('"change": 1');
        await click('#next');
        await answers('not repeated');
        expect(development.state.changes).toBe(1);
        await click('.graphiql-execute-button');
        await answers('"change": 2');
      },
      { query: '# a change\nmutation { change }' },
    ));

  test('renews a token by itself a minute before it ends', () =>
    explore(async ({ click, until }) => {
      development.state.now = () => new Date(Date.now() + 62_000 - TOKEN_MS);
      await click('#next');
      await until(`document.querySelector('#status').textContent.startsWith('Token')`);
      expect(development.state.tokens).toBe(1);
      await expect.poll(() => development.state.tokens, { timeout: 10_000 }).toBe(2);
    }));

  test('asks nothing where the chosen caller gets no token', () =>
    explore(
      async ({ click, answers, text }) => {
        development.state.personas = [VISITOR];
        await click('#next');
        await answers('No token for Neko');
        expect(await text('#status')).toContain('No token for Neko');
        expect(development.state.answers).toEqual([]);
      },
      { query: '{ caller }' },
    ));

  test('takes a linked query out of the address bar, and puts nothing typed there', () =>
    explore(
      async ({ evaluate, until, type }) => {
        expect(await evaluate('location.search')).toBe('');
        await type(`.graphiql-query-editor ${EDITABLE}`, '# u1');
        await until(`document.querySelector('.graphiql-query-editor .view-line').textContent.includes('u1')`);
        await setTimeout(500);
        expect(await evaluate('location.search')).toBe('');
      },
      { query: '{ caller }' },
    ));

  test('asks as a visitor where there are no personas, until a token is typed in', () =>
    explore(
      async ({ click, answers, type, evaluate }) => {
        expect(await evaluate('document.querySelector("#caller")')).toBeNull();
        await click('.graphiql-execute-button');
        await answers('"visitor"');
        const authorization = `Bearer ${await sign({ kind: 'member', sub: 'u9' })}`;
        await type(
          `.graphiql-editor-tool .graphiql-editor:not(.hidden) ${EDITABLE}`,
          JSON.stringify({ AUTHORIZATION: authorization }),
        );
        await click('.graphiql-execute-button');
        await answers('"member u9"');
      },
      { query: '{ caller }', gateway: production },
    ));
});
