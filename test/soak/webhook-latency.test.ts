import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createDisk, until } from '../support/engines.ts';
import { startPrograms } from '../support/programs-over-world.ts';
import { openReceiver } from '../support/receiver.ts';
import { roundsOf } from '../support/rounds.ts';
import { listen, WITHDRAW, webhookWorld } from '../support/webhook-world.ts';
import { member } from '../support/world.ts';
import { report } from './soak.ts';

// From an acknowledged withdrawal to the receivers of all partners that were shown something by the consent, where one
// of the partners is out of reach and one takes its time.

const PARTNERS = roundsOf(100, 6);
const WITHDRAWALS = roundsOf(200, 20);
const SLOW_MS = 5_000;
const PAUSE_MS = roundsOf(150, 50);
/** No partner waits for another: this is far below the time that the slow one takes, but for a busy machine. */
const MOST_MS = 4_000;

const clientIds = Array.from({ length: PARTNERS }, (_, n) => `offers-${n}`);
const [DEAD, SLOW, ...SOUND] = clientIds as [string, string, ...string[]];
const ids = Array.from({ length: WITHDRAWALS }, (_, n) => `p${n}`);
const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

test(`${WITHDRAWALS} withdrawals reach ${SOUND.length} receivers, though one is out of reach and one is slow`, {
  timeout: 900_000,
}, async () => {
  const disk = createDisk();
  const programs = await startPrograms(webhookWorld(ids, clientIds), { dataDir: await disk.dir(), count: 1 });
  const receiver = await openReceiver();
  const nobody = await openReceiver();
  await nobody.close();
  const known = new Map(clientIds.map((clientId) => [clientId, programs.knownTo(clientId)]));
  /** When each partner was told of each person, by both names. */
  const told = new Map<string, number>();
  receiver.answerWith((response, { path, body }) => {
    const clientId = path.split('/').at(-1) as string;
    const id = known.get(clientId)?.get(JSON.parse(body).data.personId);
    if (!told.has(`${clientId} ${id}`)) told.set(`${clientId} ${id}`, performance.now());
    setTimeout(() => response.writeHead(204).end(), clientId === SLOW ? SLOW_MS : 0);
  });
  try {
    for (const clientId of clientIds)
      await listen(programs, clientId, clientId === DEAD ? nobody.url : `${receiver.url}/${clientId}`, ids.length);
    const done = new Map<string, number>();
    for (const id of ids) {
      expect(await programs.ask(0, await programs.token(member(id)), WITHDRAW)).not.toBeNull();
      done.set(id, performance.now());
      await sleep(PAUSE_MS);
    }
    await until(() => SOUND.every((clientId) => ids.every((id) => told.has(`${clientId} ${id}`))), 300_000);

    const took = ids.map((id) =>
      SOUND.map((clientId) => (told.get(`${clientId} ${id}`) as number) - (done.get(id) as number)),
    );
    const lasts = took.map((each) => Math.max(...each));
    report(
      `to a receiver: median ${median(took.flat()).toFixed(0)} ms, worst ${Math.max(...lasts).toFixed(0)} ms; ` +
        `to the last of ${SOUND.length}: median ${median(lasts).toFixed(0)} ms`,
    );
    expect(median(lasts)).toBeLessThan(MOST_MS);
  } finally {
    await programs.stop();
    await receiver.close();
    await disk.clear();
  }
});
