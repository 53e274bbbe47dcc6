import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { findingsIn, OVERFLOWS, setWidth, WIDTHS } from '../support/axe.ts';
import { findChromium, openBrowser } from '../support/browser.ts';
import { ANNOUNCED, IN_FORCE, OLD, VERSIONS } from '../support/policy-versions.ts';
import { createWorld, type TestWorld } from '../support/world.ts';

const chromium = findChromium();
const LOADED = 'document.readyState === "complete" && location.href !== "about:blank"';

const PAGES = [
  '/',
  '/policy',
  `/policy/${ANNOUNCED}`,
  `/policy/${OLD}?category=EMAIL`,
  `/policy/diff/${OLD}/${IN_FORCE}`,
  '/policy/none',
];

describe.skipIf(!chromium)('the pages of the policy in a browser (needs chromium on the PATH)', () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let world: TestWorld;
  let server: HttpServer;
  let origin: string;
  let page: Awaited<ReturnType<typeof browser.openPage>>;

  beforeAll(async () => {
    [browser, world] = await Promise.all([openBrowser(chromium ?? ''), createWorld({}, VERSIONS)]);
    server = createHttpServer(world.gateway.fetch);
    origin = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
    page = await browser.openPage();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.drain({ delay: 0, limit: 1_000 });
    await world?.close();
  });

  const open = async (path: string) => {
    await page.open(origin + path);
    await page.until(`${LOADED} && location.href === ${JSON.stringify(origin + path)}`);
  };

  test.each(
    WIDTHS.flatMap((width) => PAGES.map((path) => ({ width, path }))),
  )('$path is accessible, and no wider than its window, at $width pixels', async ({ width, path }) => {
    await setWidth(page, width);
    await open(path);
    expect(await findingsIn(page)).toEqual([]);
    expect(await page.evaluate(OVERFLOWS)).toBe(false);
  });

  test('a hostile text is shown, and not run', async () => {
    await open('/policy');
    expect(await page.evaluate('document.querySelectorAll("script, img").length')).toBe(0);
    expect(await page.evaluate('document.querySelector("h1").textContent')).toContain("<script>document.title='run'");
    expect(await page.evaluate('document.title')).not.toBe('run');
  });

  test('the filter works from the keyboard, without a script of the page', async () => {
    await page.call('Emulation.setScriptExecutionDisabled', { value: true });
    await open(`/policy/${OLD}`);
    await page.evaluate('document.querySelector("[name=recipient]").focus()');
    for (const key of 'VISITOR') await page.press(key, { text: key });
    await page.press('Tab');
    await page.press('Tab');
    await page.press('Enter', { text: '\r' });
    await page.until(`${LOADED} && location.search.includes("recipient=VISITOR")`);
    expect(await page.evaluate('document.querySelectorAll("tbody tr").length')).toBe(1);
    expect(await page.evaluate('document.querySelector("tbody tr").innerText')).toContain('registration.contact');
    await page.call('Emulation.setScriptExecutionDisabled', { value: false });
  });

  test('the matrix leads to the clause', async () => {
    await setWidth(page, 1440);
    await open(`/policy/${OLD}`);
    await page.evaluate('document.querySelector(".shown a").scrollIntoView({ block: "center" })');
    await page.click('.shown a');
    await page.until('location.hash === "#rights.access"');
    expect(await page.evaluate('document.querySelector(":target h4").textContent')).toBe('rights.access');
  });
});
