import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, openBrowser } from '../support/browser.ts';
import { ANSWER, CALLER, type Explorer, OPEN_TAB, openExplorer, TABS, tabOf } from '../support/explorer.ts';
import { type MainProcess, startMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

/** The text of the page, and the documentation behind it. */
const TEXT = 'document.body.innerText';
const DESCRIBED = `fetch("/graphql", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ query: "{ __schema { types { name description fields { name description } } } }" }),
}).then((response) => response.text())`;
const COMPANY = /imvu/i;

/** The tabs of each bundle: the caller that each begins with, and how its answer begins. */
const BUNDLES = [
  {
    bundle: 'corner-shop',
    tabs: [
      ['Everyone', 'The person (Ana)', '{"data":{"user":{"id":"u1","nickname":"Ana","fullName":"Ana Lima"'],
      ['Visitor', 'Visitor', '{"data":{"user":{"id":"u1","nickname":"Ana"}}}'],
      ['Myself', 'The person (Ana)', '{"data":{"me":{"id":"u1","nickname":"Ana"'],
      ['Member', 'Another member (Bruno)', '{"data":{"user":{"id":"u1","nickname":"Ana","fullName":null}},"errors"'],
      ['Partner', 'Bike Courier: delivery', '{"data":{"users":{"edges":[{"node":{"id":"'],
      [
        'Counter',
        'Staff: counter',
        '{"data":{"user":{"id":"u1","nickname":"Ana","fullName":"Ana Lima","yearOfBirth":1990',
      ],
      ['Explain', 'The person (Ana)', '{"data":{"explain":{"outcome":"REVEAL"'],
    ],
  },
  {
    bundle: 'mastodon-server',
    tabs: [
      [
        'Everyone',
        'The person (lena)',
        '{"data":{"user":{"id":"u1","userName":"lena","displayName":"Lena Brook","email"',
      ],
      ['Visitor', 'Visitor', '{"data":{"user":{"id":"u1","userName":"lena","displayName":"Lena Brook","biography"'],
      ['Myself', 'The person (lena)', '{"data":{"me":{"id":"u1","userName":"lena"'],
      ['Member', 'followerOf (tom)', '{"data":{"user":{"id":"u1","userName":"lena"'],
      ['Partner', 'Farport: federation', '{"data":{"users":{"edges":[{"node":{"id":"'],
      [
        'Moderator',
        'Staff: moderator',
        '{"data":{"user":{"id":"u1","userName":"lena","displayName":"Lena Brook","email"',
      ],
      ['Explain', 'The person (lena)', '{"data":{"explain":{"outcome":"DENY","reason":"NOT_PERMITTED","clauses":[{'],
    ],
  },
  {
    bundle: 'classroom-app',
    tabs: [
      ['Everyone', 'The person (ivy-7)', '{"data":{"user":{"id":"u1","userName":"ivy-7","name":"Ivy Fallow"'],
      ['Visitor', 'Visitor', '{"data":{"user":null}}'],
      ['Myself', 'The person (ivy-7)', '{"data":{"me":{"id":"u1","userName":"ivy-7"'],
      ['Member', 'teacherOf (ms-reed)', '{"data":{"user":{"id":"u1","userName":"ivy-7","name":"Ivy Fallow"'],
      ['Partner', 'Countwell: usage-analysis', '{"data":{"users":{"edges":[{"node":{"id":"'],
      ['Helpdesk', 'Staff: helpdesk', '{"data":{"user":{"id":"u1","userName":"ivy-7","name":"Ivy Fallow"'],
      ['Explain', 'The person (ivy-7)', '{"data":{"explain":{"outcome":"REVEAL"'],
    ],
  },
] as const;

const chromium = findChromium();

describe.skipIf(!chromium)('the explorer over the people of another company (needs chromium on the PATH)', () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
  });
  afterAll(() => browser?.close());

  describe.each(BUNDLES)('policies/$bundle', ({ bundle, tabs }) => {
    let store: TestStore;
    let dir: string;
    let gateway: MainProcess;
    let page: Explorer;

    beforeAll(async () => {
      [store, dir] = await Promise.all([openTestStore(), mkdtemp(path.join(tmpdir(), 'assent-bundle-'))]);
      gateway = await startMain({
        POLICY: `policies/${bundle}`,
        DATA_DIR: dir,
        MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`),
        KEY_ENCRYPTION_KEY: Buffer.alloc(32, 5).toString('base64'),
        LOG_LEVEL: 'warn',
      });
      page = await openExplorer(browser, gateway.origin);
    }, 120_000);
    afterAll(async () => {
      await page?.close();
      await gateway?.stop();
      await store?.drop();
      await rm(dir, { recursive: true });
    });

    test('opens with data about one of its people, without an error or a complaint', async () => {
      await page.answers(tabs[0][2]);
      expect(await page.evaluate(ANSWER)).not.toContain('"errors"');
      expect(page.complaints).toEqual([]);
      expect(await page.evaluate(TABS)).toEqual(tabs.map(([title]) => title));
    });

    test('answers each of its tabs, as the caller that the tab begins with', async () => {
      for (const [title, caller, answer] of tabs) {
        await page.click(tabOf(title));
        await page.answers(answer);
        expect([await page.evaluate(OPEN_TAB), await page.evaluate(CALLER)]).toEqual([title, caller]);
      }
    });

    test('names no word of the reference company, on the page or in the documentation', async () => {
      expect(await page.evaluate(TEXT)).not.toMatch(COMPANY);
      expect(await page.evaluate(DESCRIBED)).not.toMatch(COMPANY);
      expect(await page.evaluate('fetch("/").then((answer) => answer.text())')).not.toMatch(COMPANY);
    });
  });
});
