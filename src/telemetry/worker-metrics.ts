import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import type { Exposition } from './metrics.ts';

/** The counters of one process, as prom-client tells them to another one. */
type Counts = { readonly type?: unknown }[];

/** Of an ended process, counts stay; gauges of things that it held do not. */
const staying = (counts: Counts): Counts => counts.filter(({ type }) => type !== 'gauge');

/** Between a worker and its primary: the questions of either, and the answers. */
type Message =
  | { readonly type: 'assent:counts'; readonly id: number; readonly counts?: Counts }
  /** The text is null where the primary could not find out. */
  | { readonly type: 'assent:metrics'; readonly id: number; readonly text?: string | null };

/** How long a worker may take to tell its counters, and the primary to tell those of all. */
const COUNTS_MS = 5_000;
const METRICS_MS = 6_000;

const isMessage = <Type extends Message['type']>(
  message: unknown,
  type: Type,
): message is Extract<Message, { type: Type }> => (message as Partial<Message> | null)?.type === type;

/** Questions that are sent to another process, until they are answered. */
function createQuestions<Answer>(timeoutMs: number, fault: string) {
  const waiting = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  return {
    /** @throws {Error} where no answer comes in time */
    async ask(send: (id: number) => void): Promise<Answer> {
      const id = asked++;
      let overdue: NodeJS.Timeout | undefined;
      try {
        return await new Promise<Answer>((resolve, reject) => {
          waiting.set(id, resolve);
          overdue = setTimeout(reject, timeoutMs, new Error(fault));
          send(id);
        });
      } finally {
        clearTimeout(overdue);
        waiting.delete(id);
      }
    },
    answered: (id: number, answer: Answer) => waiting.get(id)?.(answer),
  };
}

/**
 * In the primary: tells any worker that asks the counters of all workers, including the last known ones of those that
 * have ended. So a counter never falls.
 *
 * @param listening  the workers that have started: another one could not answer yet
 */
export function exposeForWorkers(listening: () => readonly Worker[]): void {
  const questions = createQuestions<Counts | null>(COUNTS_MS, 'A worker does not tell its counters.');
  const last = new Map<Worker, Counts>();
  let past: Promise<Counts> = Promise.resolve([]);

  const sumOf = (all: readonly Counts[]) => AggregatorRegistry.aggregate([...all]);

  const addTo = async (before: Promise<Counts>, counts: Counts): Promise<Counts> => {
    const known = await before;
    try {
      return (await sumOf([known, counts]).getMetricsAsJSON()) as Counts;
    } catch {
      // counts that can’t be added to the others are given up: they would keep all that is added later from being told
      return known;
    }
  };

  const ask = async (worker: Worker) => {
    let giveUp = () => {};
    try {
      const counts = await questions.ask((id) => {
        giveUp = () => questions.answered(id, null);
        worker.once('exit', giveUp);
        worker.send({ type: 'assent:counts', id } satisfies Message);
      });
      if (counts && !worker.isDead()) last.set(worker, counts);
    } finally {
      worker.off('exit', giveUp);
    }
  };

  const tellAll = async () => {
    // for a worker that does not answer, its latest counters count, as for one that has ended
    await Promise.allSettled(listening().map(ask));
    return sumOf([await past, ...last.values()]).metrics();
  };

  cluster.on('exit', (worker: Worker) => {
    const counts = last.get(worker);
    last.delete(worker);
    if (counts) past = addTo(past, staying(counts));
  });
  cluster.on('message', async (worker: Worker, message: unknown) => {
    if (isMessage(message, 'assent:counts')) questions.answered(message.id, message.counts ?? null);
    if (!isMessage(message, 'assent:metrics')) return;
    const text = await tellAll().catch(() => null);
    worker.send({ type: 'assent:metrics', id: message.id, text } satisfies Message);
  });
}

/** In a worker: tells the primary the counters of this process; the primary tells those of all workers. */
export function exposeTogether(registry: Registry): Exposition {
  const questions = createQuestions<string | null>(METRICS_MS, 'The primary does not tell the counters.');
  const send = (message: Message) => process.send?.(message);
  process.on('message', async (message: unknown) => {
    if (isMessage(message, 'assent:metrics')) questions.answered(message.id, message.text ?? null);
    if (!isMessage(message, 'assent:counts')) return;
    send({ type: 'assent:counts', id: message.id, counts: (await registry.getMetricsAsJSON()) as Counts });
  });
  return async () => {
    const text = await questions.ask((id) => send({ type: 'assent:metrics', id }));
    if (text === null) throw new Error('The workers do not tell their counters.');
    return text;
  };
}
