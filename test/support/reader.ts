import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { type MainProcess, startMain } from './main-process.ts';
import { mongoUri } from './mongo-uri.ts';
import { serveNpm } from './npm.ts';
import { type Block, functionsIn, type Section, stepsOf } from './readme.ts';
import { openShell } from './shell.ts';
import { openTestStore } from './store.ts';

const AT_ONCE = 4;
/** The sign in a page for any text. */
const ANYTHING = '…';

/** The address of the gateway that the examples of a page ask. */
export const FIRST = 'http://127.0.0.1:4000';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** The examples of a page, with their stated output. */
export const examplesIn = (sections: readonly Section[]) =>
  sections.flatMap((section) =>
    stepsOf(section).flatMap((step) =>
      step.kind === 'EXAMPLE' ? [{ ...step, name: `${section.page}:${step.prints.line}, ${section.title}` }] : [],
    ),
  );

/**
 * A reader that types all examples of a page, each section into a shell of its own, beside a gateway with its own
 * database.
 *
 * @param env  of the gateway that the examples ask
 */
export async function openReader(sections: readonly Section[], env: Readonly<Record<string, string>>) {
  const outputs = new Map<Block, string>();
  const gateways: MainProcess[] = [];
  const addresses = new Map<string, string>();
  const [store, dir] = await Promise.all([openTestStore(), mkdtemp(path.join(tmpdir(), 'assent-readme-'))]);
  const npm = await serveNpm(dir);
  const functions = functionsIn(sections);

  /** The addresses, files and commands of this run in place of those that a reader has. */
  const adapt = (text: string) =>
    text
      .replaceAll(/http:\/\/[\d.]+:\d+/g, (address) => addresses.get(address) ?? address)
      .replaceAll('/tmp/', `${dir}/`)
      .replace(/npm (-s )?start/, 'node dist/main.js');

  const settings = () => ({
    DATA_DIR: dir,
    MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`),
    LOG_LEVEL: 'warn',
  });

  const start = async (documented: string, of: Readonly<Record<string, string>>) => {
    const given = Object.entries(of).map(([name, value]) => [name, adapt(value)]);
    const gateway = await startMain({ ...settings(), ...Object.fromEntries(given) });
    gateways.push(gateway);
    addresses.set(documented, gateway.origin);
  };

  /** One section, typed from its top into a shell of its own. */
  const runSection = async (section: Section) => {
    const steps = stepsOf(section);
    if (steps.length === 0) return;
    const shell = openShell({ ...settings(), PORT: new URL(gateways[0]?.origin ?? '').port });
    try {
      await shell.run(npm.shellFunction);
      if (functions !== '') await shell.run(adapt(functions));
      for (const step of steps)
        if (step.kind === 'EXAMPLE') outputs.set(step.prints, await shell.run(adapt(step.code)));
        else await start(`http://127.0.0.1:${step.env.PORT}`, step.env);
    } finally {
      shell.close();
    }
  };

  // an issuer has to know its own address before it listens there
  const port = await freePort();
  addresses.set(FIRST, `http://127.0.0.1:${port}`);
  await start(FIRST, { ...env, PORT: `${port}` });
  // the longest first
  const waiting = [...sections].sort((a, b) => stepsOf(a).length - stepsOf(b).length);
  const work = async () => {
    for (let section = waiting.pop(); section; section = waiting.pop()) await runSection(section);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));

  return {
    ...{ store, dir, gateways, adapt },
    /** Compares the output of an example with that in the page. */
    expectPrinted: (printed: Block) => {
      const { language, text } = printed;
      const output = outputs.get(printed) ?? 'nothing: it was not run';
      if (language === 'json') {
        const expected = JSON.parse(text, (_key, value) => (value === ANYTHING ? expect.anything() : value));
        expect(output).toMatch(/^\{.*\}$/);
        expect(JSON.parse(output)).toEqual(expected);
      } else {
        const parts = adapt(text).split(ANYTHING);
        const pattern = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+');
        expect(output).toMatch(new RegExp(`^${pattern}$`));
      }
    },
    close: async () => {
      npm.close();
      await Promise.all(gateways.map(({ stop }) => stop()));
      await store.drop();
      await rm(dir, { recursive: true });
    },
  };
}

export type Reader = Awaited<ReturnType<typeof openReader>>;
