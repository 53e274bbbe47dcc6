import { parseArgs } from 'node:util';
import { type Environment, readConfig } from '../process/config.ts';
import { originOf } from '../process/running-gateway.ts';
import { say, tell } from './output.ts';

export const usage = `usage: assent health [--live]
Asks the gateway at HOST and PORT whether it is ready to answer, and ends with 0 where it is, with 1 where it is not.
  --live  asks whether it runs, whatever its database does`;

const LIMIT_MS = 4_000;

/** @returns the state that the gateway tells, or why it tells none */
async function stateOf(origin: string, page: string): Promise<{ readonly good: boolean; readonly says: string }> {
  try {
    const response = await fetch(`${origin}/health/${page}`, { signal: AbortSignal.timeout(LIMIT_MS) });
    await response.body?.cancel();
    return { good: response.ok, says: `${page}: ${response.status}` };
  } catch {
    return { good: false, says: `${page}: no answer` };
  }
}

export async function run(args: readonly string[], env: Environment): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...args], options: { live: { type: 'boolean', default: false } } });
    const origin = originOf(readConfig(env));
    if (origin === null) throw new Error('PORT: expected the port of a gateway, not 0');
    const { good, says } = await stateOf(origin, values.live ? 'live' : 'ready');
    say(says);
    return Number(!good);
  } catch (error) {
    tell((error as Error).message);
    return 2;
  }
}
