import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/engines.ts';
import { startPrograms } from '../support/programs-over-world.ts';
import { openReceiver } from '../support/receiver.ts';
import { listen, WITHDRAW, webhookWorld } from '../support/webhook-world.ts';
import { member } from '../support/world.ts';

const RECEIVER = 'offers';
const GATEWAYS = 2;
const WRITERS = 4;
/** People with an act for each kill: enough for all the time that it takes to start a gateway again. */
const PER_KILL = 60;
const PAUSE_MS = 40;
/** The lease of a gateway that was killed runs out, and a webhook that failed is tried again. */
const PATIENCE_MS = 120_000;

const STANDING = '{ me { consents(first: 10) { action } } }';

export interface DrillOptions {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly kills: number;
  /** Ends the database; a gateway is killed at every other turn. */
  readonly killDatabase: () => Promise<unknown>;
}

/** The outcome of a drill, in people: each acts once. */
export interface DrillOutcome {
  readonly kills: number;
  readonly acknowledged: number;
  /** Acts without an answer that were found to have happened. */
  readonly unanswered: number;
  /** Withdrawals that the receiver was not told of. */
  readonly lost: number;
  /** Withdrawals that the receiver was told of under two ids. */
  readonly doubled: number;
  /** People without an act that the receiver was told of. */
  readonly withoutAct: number;
  /** Messages that came again under the id that they had. */
  readonly repeated: number;
}

/**
 * People take a consent back through two gateways that are killed again and again, in turns with their database, while
 * each withdrawal is sent to a partner's webhook.
 */
export async function drillWebhooks({ kills, killDatabase, ...where }: DrillOptions): Promise<DrillOutcome> {
  const ids = Array.from({ length: kills * PER_KILL }, (_, n) => `p${n}`);
  const programs = await startPrograms(webhookWorld(ids, [RECEIVER]), { ...where, count: GATEWAYS });
  const receiver = await openReceiver();
  try {
    await listen(programs, RECEIVER, receiver.url, ids.length);

    const waiting = [...ids];
    const acknowledged: string[] = [];
    const unknown: string[] = [];
    let over = false;
    const write = async (writer: number) => {
      for (let n = writer; !over; n++) {
        const id = waiting.shift();
        if (id === undefined) return;
        const answered = await programs.ask(n, await programs.token(member(id)), WITHDRAW);
        (answered ? acknowledged : unknown).push(id);
        await sleep(PAUSE_MS);
      }
    };
    const writers = Promise.all(Array.from({ length: WRITERS }, (_, n) => write(n)));
    for (let kill = 0; kill < kills; kill++) {
      const before = acknowledged.length;
      await until(() => acknowledged.length > before || waiting.length === 0, PATIENCE_MS);
      await sleep(Math.random() * 300);
      if (kill % 2 === 1) await killDatabase();
      else await programs.replace((kill / 2) % GATEWAYS);
    }
    over = true;
    await writers;

    const happened = new Set(acknowledged);
    for (const id of unknown) {
      const { consents } = (await programs.insist(await programs.token(member(id)), STANDING)).me;
      if (consents.some(({ action }: { action: string }) => action === 'WITHDRAWN')) happened.add(id);
    }
    const known = programs.knownTo(RECEIVER);
    const toldOf = () => {
      const messages = new Map<string, Set<string>>();
      for (const { body, headers } of receiver.received) {
        const id = known.get(JSON.parse(body).data.personId) ?? 'somebody else';
        messages.set(id, (messages.get(id) ?? new Set()).add(headers['webhook-id'] as string));
      }
      return messages;
    };
    await until(() => [...happened].every((id) => toldOf().has(id)), PATIENCE_MS).catch(() => {});
    const messages = toldOf();
    return {
      kills,
      acknowledged: acknowledged.length,
      unanswered: happened.size - acknowledged.length,
      lost: [...happened].filter((id) => !messages.has(id)).length,
      doubled: [...messages.values()].filter(({ size }) => size > 1).length,
      withoutAct: [...messages.keys()].filter((id) => !happened.has(id)).length,
      repeated: receiver.received.length - [...messages.values()].reduce((sum, { size }) => sum + size, 0),
    };
  } finally {
    await programs.stop();
    await receiver.close();
  }
}
