import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../../examples/serve.js';
import { createHttpServer } from '../../src/http/server.ts';
import { findChromium, openBrowser } from '../support/browser.ts';
import { createWorld, member, type TestWorld } from '../support/world.ts';

const chromium = findChromium();

const freePort = async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
};

describe.skipIf(!chromium)('a page of another origin, in a browser', () => {
  let world: TestWorld;
  let gateway: ReturnType<typeof createHttpServer>;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let url: string;
  let listed: number;
  beforeAll(async () => {
    listed = await freePort();
    world = await createWorld(
      {
        users: [
          { id: 'u1', avatarName: 'Neko', email: 'neko@mail.example' },
          { id: 'u2', avatarName: 'Ziggy', email: 'ziggy@mail.example' },
        ],
      },
      { guards: { corsOrigins: [`http://127.0.0.1:${listed}`] } },
    );
    gateway = createHttpServer(world.gateway.fetch);
    url = `http://127.0.0.1:${await gateway.listen(0, '127.0.0.1')}/graphql`;
    browser = await openBrowser(chromium as string);
  });
  afterAll(async () => {
    await browser?.close();
    await gateway.drain({ delay: 0, limit: 0 });
    await world.close();
  });

  /** A page of an example while it is used. */
  const visit = async (
    example: string,
    port: number,
    use: (page: Awaited<ReturnType<typeof browser.openPage>>) => Promise<void>,
  ) => {
    const server = await serve(example, port, { url, token: await world.token(member('u1')), other: 'u2' });
    const page = await browser.openPage();
    try {
      await page.open(`http://127.0.0.1:${port}/`);
      await use(page);
    } finally {
      await page.close();
      server.closeAllConnections();
      await once(server.close(), 'close');
    }
  };

  test.each(['apollo', 'urql', 'relay', 'own'])('on the list of CORS_ORIGINS asks and sets, with %s', (example) =>
    visit(example, listed, async (page) => {
      await page.until(`document.querySelector('.denied')?.title === 'NO_CLAUSE'`);
      const before = await page.evaluate<boolean>(`document.querySelector('[name=adTargeting]').checked`);
      await page.click('[name=adTargeting]');
      await page.until(`document.querySelector('[name=adTargeting]').hasAttribute('checked') === ${!before}`);
      const { data } = await world.ask(member('u1'), '{ me { preferences { adTargeting } } }');
      expect(data.me.preferences.adTargeting).toBe(!before);
      expect(page.complaints).toEqual([]);
    }));

  test('off the list is told nothing', async () =>
    visit('own', await freePort(), async (page) => {
      await expect.poll(() => page.complaints.join(), { timeout: 60_000 }).toContain('Access-Control-Allow-Origin');
      expect(await page.evaluate<string>(`document.querySelector('main').innerHTML`)).toBe('');
    }));
});
