import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findingsIn, OVERFLOWS, setWidth, WIDTHS } from '../support/axe.ts';
import { findChromium, openBrowser } from '../support/browser.ts';
import { CALLER, type Explorer, openExplorer, RUN } from '../support/explorer.ts';
import { type MainProcess, startMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const chromium = findChromium();

const ROWS = `[...document.querySelectorAll(".decisions > li")].map((row) => [
  row.querySelector("code").textContent,
  row.className,
  [...row.querySelectorAll("a")].map((link) => link.getAttribute("href")),
])`;
const rowOf = (field: string) =>
  `[...document.querySelectorAll(".decisions > li")].find((row) => row.querySelector("code").textContent === "${field}")`;
const buttonNamed = (text: string) =>
  `[...document.querySelectorAll("#insight button")].find(({ textContent }) => textContent === "${text}")`;
const SHOWN = 'document.querySelectorAll(".decisions > .shown").length';
const DENIED = 'document.querySelectorAll(".decisions > .denied").length';
const PANEL = 'document.querySelector("#insight-panel").textContent';

describe.skipIf(!chromium)('the panel beside an answer (needs chromium on the PATH)', () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let store: TestStore;
  let dir: string;
  let gateway: MainProcess;
  let page: Explorer;

  beforeAll(async () => {
    [browser, store, dir] = await Promise.all([
      openBrowser(chromium ?? ''),
      openTestStore(),
      mkdtemp(path.join(tmpdir(), 'assent-panel-')),
    ]);
    gateway = await startMain({
      DATA_DIR: dir,
      MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`),
      KEY_ENCRYPTION_KEY: Buffer.alloc(32, 5).toString('base64'),
      LOG_LEVEL: 'warn',
    });
    page = await openExplorer(browser, gateway.origin);
    await setWidth(page, 1440);
  }, 180_000);
  afterAll(async () => {
    await Promise.all([browser?.close(), gateway?.stop()]);
    await store?.drop();
    await rm(dir, { recursive: true });
  });

  const choose = async (label: string) => {
    await page.evaluate(`(() => {
      const select = document.querySelector("#caller");
      select.value = [...select.options].find(({ textContent }) => textContent === ${JSON.stringify(label)}).value;
      select.dispatchEvent(new Event("change"));
    })()`);
    await page.until(
      `${CALLER} === ${JSON.stringify(label)} && ${PANEL}.includes(${JSON.stringify(`Asked as: ${label}.`)})`,
    );
  };
  const openTab = (id: string) => page.click(`#tab-${id}`);

  test('draws every personal field of the answer as shown, with the clause', async () => {
    await page.until(`${SHOWN} > 10`);
    expect(await page.evaluate(DENIED)).toBe(0);
    const rows = await page.evaluate<[string, string, string[]][]>(ROWS);
    expect(rows.map(([field]) => field)).toEqual(
      expect.arrayContaining(['avatarName', 'email', 'postalAddress', 'photos']),
    );
    expect(rows.find(([field]) => field === 'email')).toEqual(['email', 'shown', ['/policy#rights.access']]);
  });

  test('draws denied fields with the reason in words, and the clause that could show them', async () => {
    await choose('Another member (Ziggy)');
    await page.until(`${DENIED} > 5`);
    const name = await page.evaluate<string>(`${rowOf('name')}.textContent`);
    expect(name).toContain('denied NAME: NO_CLAUSE');
    expect(name).toContain('No clause of any version of the policy');
    expect(await page.evaluate(`${rowOf('photos')}.className`)).toBe('shown');
    await choose('Staff: support');
    await page.until(
      `${rowOf('paymentCard')}?.className === "denied" || ${rowOf('paymentCard')}?.className === "shown"`,
    );
    expect(await page.evaluate(`${rowOf('paymentCard')}.textContent`)).toContain('purchases.billing');
  });

  test('links lead to the clause in the policy', async () => {
    const href = await page.evaluate<string>(`${rowOf('paymentCard')}.querySelector("a").getAttribute("href")`);
    const policy = await fetch(gateway.origin + href, { headers: { accept: 'text/html' } });
    expect(await policy.text()).toContain(`<article id="${href.split('#')[1]}">`);
  });

  test('tells why, asked as the person: of a partner too, which knows the person by another id', async () => {
    await choose('Acme Pay: billing');
    await page.until(`!!${rowOf('birthDate')}`);
    for (const [field, said] of [
      ['email', 'purchases.billing'],
      ['birthDate', 'It is denied (NO_CLAUSE)'],
    ]) {
      await page.evaluate(`${rowOf(field ?? '')}.querySelector("button").click()`);
      await page.until(`${rowOf(field ?? '')}.querySelector(".why").textContent.length > 5`);
      expect(await page.evaluate(`${rowOf(field ?? '')}.querySelector(".why").textContent`)).toContain(said);
    }
    expect(await page.evaluate(`${rowOf('email')}.querySelector(".why ul").textContent`)).toMatch(/order.*holds/);
    expect(await page.evaluate(`${rowOf('email')}.querySelector("button").ariaExpanded`)).toBe('true');
  });

  test('follows aliases and fragments', async () => {
    const other = await openExplorer(
      browser,
      gateway.origin,
      'query Aliased($person: ID!) { them: user(id: $person) { id: avatarName who: id ...Parts } }\nfragment Parts on User { mail: email card: paymentCard { expiry } }',
    );
    try {
      await other.evaluate('document.querySelector("#caller").selectedIndex = 1');
      await other.evaluate('document.querySelector("#caller").dispatchEvent(new Event("change"))');
      await other.click(RUN);
      await other.until(`${SHOWN} > 3`);
      const rows = await other.evaluate<[string, string][]>(ROWS);
      expect(rows.map(([field]) => field)).toEqual(['id', 'mail', 'card', 'card.expiry']);
      expect(await other.evaluate('document.querySelector("#insight h3").textContent')).toBe('them (u1)');
    } finally {
      await other.close();
    }
  });

  test('puts the answers of several callers side by side, and marks their differences', async () => {
    await choose('The person (Neko)');
    await openTab('comparison');
    for (const label of ['The person (Neko)', 'Another member (Ziggy)', 'Acme Pay: billing']) {
      await page.evaluate(`(() => {
        const select = document.querySelector("#other-caller");
        select.value = [...select.options].find(({ textContent }) => textContent === "${label}").value;
        ${buttonNamed('Add')}.click();
      })()`);
    }
    await page.until('document.querySelectorAll("#insight thead th").length === 4');
    const cells = (field: string) =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll("#insight tbody tr")].map((row) => [...row.children].map(({ textContent }) => textContent)).find(([path]) => path.endsWith("${field}"))`,
      );
    expect(await cells('user.avatarName')).toEqual(['≠ user.avatarName', '"Neko"', '"Neko"', 'denied: NO_CLAUSE']);
    expect(await cells('user.email')).toEqual([
      '≠ user.email',
      '"neko@example.com"',
      'denied: NO_CLAUSE',
      '"neko@example.com"',
    ]);
    expect(await page.evaluate('document.querySelector("#insight caption").textContent')).toMatch(
      /^\d+ of \d+ fields differ\.$/,
    );
    await page.evaluate(`document.querySelector('[aria-label="Leave out Acme Pay: billing"]').click()`);
    await page.until('document.querySelectorAll("#insight thead th").length === 3');
    expect(await cells('user.avatarName')).toEqual(['user.avatarName', '"Neko"', '"Neko"']);
  });

  test('gives the query to take along: as curl that runs, as a script, and the token', async () => {
    await openTab('copying');
    const copied = async (name: string) => {
      await page.evaluate(`document.querySelector("#insight pre").textContent = ""`);
      await page.evaluate(`${buttonNamed(name)}.click()`);
      await page.until('document.querySelector("#insight pre").textContent.length > 10');
      return page.text('#insight pre');
    };
    const curl = await copied('curl');
    expect(curl).toMatch(new RegExp(`^curl -s '${gateway.origin}/graphql' `));
    const token = await copied('Token');
    expect(token).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(curl).toContain(`authorization: Bearer ${token}`);
    const script = await copied('JavaScript');
    const run = Object.getPrototypeOf(async () => {}).constructor(`${script}; return data;`);
    expect(await run()).toMatchObject({ user: { id: 'u1', avatarName: 'Neko' } });
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).not.toContain('eyJ');
  });

  test('is used from the keyboard: tabs by arrows, and a button by Enter', async () => {
    await page.evaluate('document.querySelector("#tab-copying").focus()');
    for (const _ of ['history', 'decisions']) await page.press('ArrowRight');
    await page.until('document.activeElement.id === "tab-decisions" && document.activeElement.ariaSelected === "true"');
    await page.until(`${SHOWN} > 10`);
    await page.evaluate(`${rowOf('email')}.querySelector("button").focus()`);
    await page.press('Enter', { text: '\r' });
    await page.until(`${rowOf('email')}.querySelector(".why").textContent.includes("rights.access")`);
  });

  test('finds callers by words, and speaks as the one that is chosen', async () => {
    await page.evaluate('document.querySelector("#find").focus()');
    await page.call('Input.insertText', { text: 'OFFERS targeted' });
    await page.until('/callers? found$/.test(document.querySelector("#status").textContent)');
    const options = await page.evaluate<string[]>(
      '[...document.querySelectorAll("#caller option")].map(({ textContent }) => textContent)',
    );
    expect(options.slice(1).every((label) => label.endsWith(': targeted-offers'))).toBe(true);
    expect(options.length).toBeGreaterThan(1);
    await choose(options[1] ?? '');
    await page.evaluate('document.querySelector("#find").value = ""');
    await page.evaluate('document.querySelector("#find").dispatchEvent(new Event("input"))');
    await page.until('document.querySelectorAll("#caller option").length > 5');
    expect(await page.evaluate(CALLER)).toBe(options[1]);
  });

  test('keeps queries and their callers over a reload, with a link that opens each again', async () => {
    await page.reload();
    await page.until(`!!document.querySelector("#tab-history")`);
    await openTab('history');
    const entries = await page.evaluate<string[]>(
      '[...document.querySelectorAll("#insight-panel li")].map(({ textContent }) => textContent)',
    );
    expect(entries).toEqual(expect.arrayContaining(['Everyone as The person (Neko)', 'Everyone as Acme Pay: billing']));
    const href = await page.evaluate<string>('document.querySelector("#insight-panel li a").href');
    expect(new URL(href).searchParams.get('query')).toContain('query Everyone($person: ID!)');
  });

  test.each(WIDTHS)('is accessible at %d pixels, and the page is no wider than its window', async (width) => {
    await setWidth(page, width);
    await page.evaluate('document.querySelector("#tab-decisions").click()');
    await choose('The person (Neko)');
    for (const tab of ['decisions', 'comparison', 'copying', 'history']) {
      await page.evaluate(`document.querySelector("#tab-${tab}").click()`);
      await page.until(`${PANEL}.length > 10`);
      expect(await findingsIn(page, '#explorer')).toEqual([]);
      expect(await page.evaluate(OVERFLOWS)).toBe(false);
    }
    expect(page.complaints).toEqual([]);
  });
});
