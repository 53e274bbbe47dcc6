import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type CallerClaims, openSigner } from '../../src/http/signing.ts';
import { readConfig } from '../../src/process/config.ts';
import { type MainProcess, startMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { IS_SOAK } from '../support/rounds.ts';
import { openTestStore } from '../support/store.ts';

export const SOAK_TIMEOUT_MS = 60 * 60_000;

export interface Reply {
  readonly status: number;
  readonly requestId: string;
  readonly text: string;
  /** In milliseconds. */
  readonly took: number;
}

export type Ask = (token: string | null, query: string, variables?: Record<string, unknown>) => Promise<Reply>;

/** Asks over connections that stay open. */
export function createClient(origin: string, connections: number): { readonly ask: Ask; readonly close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const ask: Ask = (token, query, variables = {}) =>
    new Promise((resolve, reject) => {
      const begun = performance.now();
      request(
        new URL('/graphql', origin),
        {
          agent,
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
        },
        (incoming) => {
          const { statusCode: status = 0, headers } = incoming;
          text(incoming).then(
            (body) =>
              resolve({
                ...{ status, text: body, took: performance.now() - begun },
                requestId: String(headers['x-request-id']),
              }),
            reject,
          );
        },
      )
        .on('error', reject)
        .end(JSON.stringify({ query, variables }));
    });
  return { ask, close: () => agent.destroy() };
}

export interface Stage {
  readonly gateway: MainProcess;
  readonly dataDir: string;
  readonly token: (claims: CallerClaims) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** The program over the demo world: in the engine of the run, or one of its own, which may be killed. */
export async function openStage(env: Readonly<Record<string, string>> = {}, ownEngine = false): Promise<Stage> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'assent-soak-'));
  const store = ownEngine ? null : await openTestStore();
  const address = store && { MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`) };
  const gateway = await startMain({ DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...address, ...env });
  const signer = await openSigner(dataDir, readConfig({}).auth);
  return {
    gateway,
    dataDir,
    token: (claims) => signer.sign(claims, new Date(), new Date(Date.now() + 3_600_000)),
    close: async () => {
      await gateway.stop();
      await store?.drop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
    },
  };
}

export const report = (line: string) => void (IS_SOAK && process.stderr.write(`${line}\n`));

/** Keeps so many of `count` tasks under way at once. */
export async function inTurns(count: number, atOnce: number, task: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const n = next;
      next += 1;
      await task(n);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
