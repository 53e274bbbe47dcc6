import { setTimeout as sleep } from 'node:timers/promises';
import { fillDatabase } from './filled-database.ts';
import { type MainProcess, startMain } from './main-process.ts';
import type { Answer } from './world.ts';

const ATTEMPTS = 300;
const PAUSE_MS = 100;

/** @returns the data of an answer; null where there was no answer, or one with errors */
async function ask(origin: string, token: string, query: string, variables = {}): Promise<Answer['data'] | null> {
  try {
    const response = await fetch(new URL('/graphql', origin), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as Partial<Pick<Answer, 'data' | 'errors'>>;
    return errors ? null : (data ?? null);
  } catch {
    return null;
  }
}

export interface ProgramsOptions {
  /** The keys of the gateways are kept here, and the engine that they share where they have one of their own. */
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How many gateways run. */
  readonly count: number;
}

export type Programs = Awaited<ReturnType<typeof startPrograms>>;

/** Starts the program over a fresh database that holds `world`: it asks nobody slowly, and sends to this machine. */
export async function startPrograms(world: unknown, { dataDir, env = {}, count }: ProgramsOptions) {
  const settings = { ...env, DATA_DIR: dataDir, WEBHOOKS_LOOPBACK: 'on', LOG_LEVEL: 'error' };
  const { store, token, sids, partnerId } = await fillDatabase(world, settings);

  const running: MainProcess[] = [];
  const start = async (place: number) => {
    running[place] = await startMain({ ...settings, RATE_LIMIT: '1000000', RATE_LIMIT_PARTNER: '1000000' });
  };
  await Promise.all(Array.from({ length: count }, (_, place) => start(place)));
  const askAt = (turn: number, token: string, query: string, variables = {}) =>
    ask((running[turn % count] as MainProcess).origin, token, query, variables);

  return {
    token,
    /** The people of the world by the id by which a partner knows them. */
    knownTo: (clientId: string): ReadonlyMap<string, string> =>
      new Map([...sids].map(([publicId, sid]) => [partnerId(clientId, sid), publicId])),
    /** @returns null where there was no answer, or one with errors */
    ask: askAt,
    /** Asks one gateway after the other until one answers. */
    insist: async (token: string, query: string, variables = {}): Promise<Answer['data']> => {
      for (let turn = 0; turn < ATTEMPTS; turn++) {
        const data = await askAt(turn, token, query, variables);
        if (data) return data;
        await sleep(PAUSE_MS);
      }
      throw new Error('The gateways have not answered.');
    },
    /** Kills one gateway, and starts another in its place. */
    replace: async (place: number) => {
      running[place]?.signal('SIGKILL');
      await running[place]?.ended;
      await start(place);
    },
    stop: async () => {
      await Promise.all(running.map(({ stop }) => stop()));
      await store.close();
    },
  };
}
