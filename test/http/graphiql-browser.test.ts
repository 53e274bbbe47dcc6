import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, openBrowser, PATIENCE_MS } from '../support/browser.ts';
import {
  ANSWER,
  CALLER,
  type Explorer,
  HAS_WORKERS,
  OPEN_TAB,
  openExplorer as openExplorerPage,
  QUERY,
  RUN,
  RUNNABLE,
  TABS,
  tabOf,
} from '../support/explorer.ts';
import { type MainProcess, startMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const SUPPORT_ANSWER =
  '{"data":{"user":{"id":"u1","avatarName":"Neko","name":"Nora Kestrelmoor","email":"neko@example.com","gender"';
/** The first example as another member sees it: the data before the errors. */
const AS_MEMBER = '{"data":{"user":{"id":"u1","avatarName":"Neko","name":null,"email":null';

/** The examples: the caller that each begins with, and the beginning of its answer. */
const EXAMPLES = [
  {
    title: 'Everyone',
    caller: 'The person (Neko)',
    answer: '{"data":{"user":{"id":"u1","avatarName":"Neko","name":"Nora',
  },
  { title: 'Visitor', caller: 'Visitor', answer: '{"data":{"user":{"id":"u1","avatarName":"Neko"}}}' },
  { title: 'Myself', caller: 'The person (Neko)', answer: '{"data":{"me":{"id":"u1","avatarName":"Neko","name":"Nora' },
  { title: 'Member', caller: 'Another member (Ziggy)', answer: '{"data":{"user":{"id":"u1","avatarName":"Neko",' },
  { title: 'Partner', caller: 'Acme Pay: billing', answer: '{"data":{"users":{"edges":[{"node":{"id":"' },
  { title: 'Support', caller: 'Staff: support', answer: SUPPORT_ANSWER },
  { title: 'Explain', caller: 'The person (Neko)', answer: '{"data":{"explain":{"outcome":"REVEAL"' },
] as const;
const [FIRST] = EXAMPLES;

const chromium = findChromium();

describe.skipIf(!chromium)('the explorer of a gateway over the demo world (needs chromium on the PATH)', () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let store: TestStore;
  let dir: string;
  let gateway: MainProcess;

  const settings = () => ({
    DATA_DIR: dir,
    MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`),
    KEY_ENCRYPTION_KEY: Buffer.alloc(32, 5).toString('base64'),
    LOG_LEVEL: 'warn',
  });

  beforeAll(async () => {
    [browser, store, dir] = await Promise.all([
      openBrowser(chromium ?? ''),
      openTestStore(),
      mkdtemp(path.join(tmpdir(), 'assent-explorer-')),
    ]);
    gateway = await startMain(settings());
  }, 120_000);

  afterAll(async () => {
    await Promise.all([browser?.close(), gateway?.stop()]);
    await store?.drop();
    await rm(dir, { recursive: true });
  });

  /** `query` is linked to by the address. */
  const openExplorer = ({ query = '', origin = gateway.origin } = {}) => openExplorerPage(browser, origin, query);

  describe('as it opens', () => {
    let page: Explorer;
    beforeAll(async () => {
      page = await openExplorer();
    }, PATIENCE_MS);
    afterAll(() => page?.close());

    test('shows data, without an error, from its own origin alone and without a complaint', async () => {
      await page.answers(FIRST.answer);
      expect(await page.evaluate(ANSWER)).not.toContain('"errors"');
      expect(await page.evaluate(TABS)).toEqual(EXAMPLES.map(({ title }) => title));
      expect(await page.evaluate(OPEN_TAB)).toBe(FIRST.title);
      expect(await page.evaluate(CALLER)).toBe(FIRST.caller);
      await page.until(HAS_WORKERS);
      const isOwn = (url: string) => url.startsWith(`${gateway.origin}/`) || url.startsWith('data:');
      expect(page.requests.filter((url) => !isOwn(url))).toEqual([]);
      expect(page.complaints).toEqual([]);
    });

    test('shows the same query as the next caller by one click', async () => {
      await page.click('#next');
      await page.answers(AS_MEMBER);
      expect(await page.evaluate(CALLER)).toBe('Another member (Ziggy)');
      await page.click('#previous');
      await page.answers(FIRST.answer);
    });

    test('opens each example at the first click of the mouse, with its caller and its answer', async () => {
      for (const { title, caller, answer } of [...EXAMPLES].reverse()) {
        await page.click(tabOf(title));
        await page.answers(answer);
        expect(await page.evaluate(QUERY)).toContain(`query ${title}`);
        expect(await page.evaluate(OPEN_TAB)).toBe(title);
        expect(await page.evaluate(CALLER)).toBe(caller);
      }
    });

    test('keeps the query, the answer and the caller of each tab, and asks nothing again', async () => {
      await page.openTab('Visitor');
      await page.click('#next');
      await page.says('"avatarName": "Neko"');
      const asked = page.asked('/graphql');
      for (const { title, caller, answer } of EXAMPLES) {
        await page.click(tabOf(title));
        await page.answers(answer);
        expect(await page.evaluate(CALLER)).toBe(title === 'Visitor' ? 'The person (Neko)' : caller);
      }
      expect(page.asked('/graphql')).toBe(asked);
    });

    test('runs the query of the tab that was just opened, as often as it is told to', async () => {
      const asked = page.asked('/graphql');
      await page.click(tabOf('Explain'));
      await page.click(RUN);
      await page.answers('{"data":{"explain":');
      await page.click(tabOf('Myself'));
      await page.click(RUN);
      await page.answers('{"data":{"me":');
      expect(page.asked('/graphql')).toBe(asked + 2);
    });

    test('opens and runs a tab by the keyboard', async () => {
      await page.openTab('Partner');
      await page.evaluate(`document.querySelector('${tabOf('Support')}').focus()`);
      await page.press('Enter', { text: '\r' });
      await page.answers(SUPPORT_ANSWER);
      const asked = page.asked('/graphql');
      await page.focus('.graphiql-query-editor');
      const isInEditor = `document.activeElement?.closest('.graphiql-query-editor') !== null`;
      await expect.poll(() => page.evaluate(isInEditor), { timeout: PATIENCE_MS }).toBe(true);
      await page.press('Enter', { ctrl: true });
      await expect.poll(() => page.asked('/graphql'), { timeout: PATIENCE_MS }).toBe(asked + 1);
      await page.answers(SUPPORT_ANSWER);
    });

    test('never shows in one tab an answer to another', async () => {
      let letGo = () => {};
      const held = new Promise<null>((resolve) => {
        letGo = () => resolve(null);
      });
      await page.openTab('Myself');
      const stop = await page.intercept('/graphql', () => held);
      await page.click(RUN);
      await page.openTab('Visitor');
      letGo();
      await stop();
      await setTimeout(500);
      expect(await page.evaluate(ANSWER)).toContain('"avatarName":"Neko"}}}');
      await page.openTab('Myself');
      await page.answers('{"data":{"me":');
    });

    test('documents the type User and its fields', async () => {
      const link =
        '[...document.querySelectorAll(".graphiql-doc-explorer a")].find((link) => link.textContent === "User")';
      await page.click('button[aria-label="Show Documentation Explorer"]');
      await page.until(`!!${link}`);
      await page.evaluate(`${link}.click()`);
      await page.until('document.querySelector(".graphiql-doc-explorer").textContent.includes("avatarName")');
    });

    test('builds queries of the fields of the schema', async () => {
      await page.click('button[aria-label="Show GraphiQL Explorer"]');
      await page.until('document.querySelector(".graphiql-explorer-root").textContent.includes("previewPreferences")');
    });

    test('completes the fields of a User', async () => {
      await page.click('button[aria-label="New tab"]');
      await page.until(`${OPEN_TAB} === "<untitled>"`);
      await page.focus('.graphiql-query-editor');
      await page.call('Input.insertText', { text: '{ user(id: "u1") { av' });
      const isOffered =
        'document.querySelector(".suggest-widget.visible")?.textContent.includes("avatarName") ?? false';
      await page.press(' ', { ctrl: true });
      await page.until(isOffered);
    });
  });

  describe('with a linked query', () => {
    const linked = 'query Linked($person: ID!) { user(id: $person) { id avatarName } }';
    let page: Explorer;
    beforeAll(async () => {
      page = await openExplorer({ query: linked });
    }, PATIENCE_MS);
    afterAll(() => page?.close());

    test('asks nothing before it is told to, and takes the query out of the address bar', async () => {
      expect(await page.evaluate('location.search')).toBe('');
      await page.until(HAS_WORKERS);
      expect(await page.evaluate(ANSWER)).toBe('');
      expect([await page.evaluate(OPEN_TAB), await page.evaluate(CALLER)]).toEqual(['Linked', 'Visitor']);
    });

    test('opens an example and comes back, each at the first click of the mouse, before anything was asked', async () => {
      await page.click(tabOf('Support'));
      await page.answers(SUPPORT_ANSWER);
      expect([await page.evaluate(OPEN_TAB), await page.evaluate(CALLER)]).toEqual(['Support', 'Staff: support']);
      await page.click(tabOf('Linked'));
      await page.until(`${CALLER} === "Visitor"`);
      expect([await page.evaluate(OPEN_TAB), await page.evaluate(ANSWER)]).toEqual(['Linked', '']);
    });

    test('fills in each caller’s id of the person', async () => {
      const ids: string[] = [];
      for (const caller of ['The person (Neko)', 'Another member (Ziggy)', 'Acme Pay: billing']) {
        await page.click('#next');
        await page.says('"user": { "id":');
        await page.until(RUNNABLE);
        expect(await page.evaluate(CALLER)).toBe(caller);
        ids.push(/"id":"([^"]*)"/.exec(await page.evaluate(ANSWER))?.[1] ?? '');
      }
      expect(ids).toEqual(['u1', 'u1', expect.stringMatching(/^[\w-]{22}$/)]);
    });

    test('names the caller and the end of its token', async () => {
      expect(await page.text('#description')).toBe('A partner of kind PAYMENT_PROCESSOR, for billing.');
      expect(await page.text('#credentials')).toMatch(/^kind partner · purpose billing · scope name email /);
      await page.until(`/^Token until .*\\d:\\d\\d/.test(document.querySelector('#status').textContent)`);
    });

    test('follows the last of several quick clicks', async () => {
      await page.evaluate('for (let click = 0; click < 3; click++) document.querySelector("#previous").click()');
      await page.until('document.querySelector("#status").textContent === "No token"');
      await page.answers('{"data":{"user":{"id":"u1","avatarName":"Neko"}}}');
      await setTimeout(500);
      expect(await page.evaluate(ANSWER)).toContain('"id":"u1"');
    });

    test('takes no notice of a token that comes after another caller was chosen', async () => {
      let letGo = () => {};
      const held = new Promise<null>((resolve) => {
        letGo = () => resolve(null);
      });
      const asked = page.asked('/dev/token');
      const stop = await page.intercept('/dev/token', () => held);
      await page.click('#next');
      await expect.poll(() => page.asked('/dev/token'), { timeout: PATIENCE_MS }).toBe(asked + 1);
      await page.click('#previous');
      letGo();
      await stop();
      await setTimeout(500);
      expect(await page.text('#status')).toBe('No token');
    });

    test('asks nothing where the chosen caller gets no token', async () => {
      const asked = page.asked('/graphql');
      const stop = await page.intercept('/dev/token', async () => ({ status: 404, body: { detail: 'Nobody.' } }));
      await page.click('#next');
      await page.says('No token for The person (Neko): Nobody.');
      expect(await page.text('#status')).toBe('No token for The person (Neko): Nobody.');
      expect(page.asked('/graphql')).toBe(asked);
      await stop();
    });

    test('renews a token by itself a minute before it ends', async () => {
      const asked = page.asked('/dev/token');
      const stop = await page.intercept('/dev/token', async () => ({
        status: 200,
        body: { token: 'short', expiresAt: new Date(Date.now() + 61_500) },
      }));
      await page.click('#next');
      await expect.poll(() => page.asked('/dev/token'), { timeout: PATIENCE_MS }).toBeGreaterThan(asked + 1);
      await stop();
    });

    test('remembers the tab and its caller over a reload, but no token', async () => {
      await page.click('#previous');
      await page.answers('{"data":{"user":{"id":"u1","avatarName":"Neko"}}}');
      await page.until('"graphiql:tabState" in sessionStorage');
      expect(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).not.toContain('eyJ');
      const tabs = await page.evaluate(TABS);
      await page.reload();
      expect(await page.evaluate(TABS)).toEqual(tabs);
      expect([await page.evaluate(OPEN_TAB), await page.evaluate(CALLER)]).toEqual(['Linked', 'The person (Neko)']);
      await page.click(RUN);
      await page.answers('{"data":{"user":{"id":"u1","avatarName":"Neko"}}}');
    });

    test('puts nothing typed into the address bar', async () => {
      await page.focus('.graphiql-query-editor');
      await page.call('Input.insertText', { text: '# u1 ' });
      await page.until(`${QUERY}.includes("# u1")`);
      await setTimeout(500);
      expect(await page.evaluate('location.search')).toBe('');
    });
  });

  test('does not repeat a change for the next caller', async () => {
    const page = await openExplorer({ query: '# a change\nmutation { recordMachine(system: LINUX) }' });
    try {
      await page.click(RUN);
      await page.says('"recordMachine"');
      const asked = page.asked('/graphql');
      await page.click('#next');
      await page.says('A change is not repeated by itself.');
      expect(page.asked('/graphql')).toBe(asked);
      await page.click(RUN);
      await expect.poll(() => page.asked('/graphql'), { timeout: PATIENCE_MS }).toBe(asked + 1);
    } finally {
      await page.close();
    }
  });

  test('of a production gateway asks as a visitor until a token is typed in', async () => {
    const production = await startMain({
      ...settings(),
      NODE_ENV: 'production',
      GRAPHIQL: 'on',
      AUTH_JWKS_URL: `${gateway.origin}/.well-known/jwks.json`,
    });
    const page = await openExplorer({ query: '{ me { email } }', origin: production.origin });
    try {
      expect(await page.evaluate('document.querySelector("#caller")')).toBeNull();
      await page.click(RUN);
      await page.says('"me": null');
      const response = await fetch(`${gateway.origin}/dev/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: gateway.origin },
        body: JSON.stringify({ persona: 'self-u1' }),
      });
      const { token } = (await response.json()) as { token: string };
      await page.focus('.graphiql-editor-tool .graphiql-editor:not(.hidden)');
      await page.call('Input.insertText', { text: JSON.stringify({ AUTHORIZATION: `Bearer ${token}` }) });
      await page.click(RUN);
      await page.says('"email": "neko@example.com"');
    } finally {
      await Promise.all([page.close(), production.stop()]);
    }
  });
});
