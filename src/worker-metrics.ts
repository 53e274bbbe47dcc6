import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import type { Exposition } from './metrics.ts';

/** What a worker asks of its primary, and what it is told; nothing where the primary could not find out. */
interface Message {
  readonly type: 'assent:metrics';
  readonly id: number;
  readonly text?: string | null;
}

const TYPE = 'assent:metrics';
const ANSWER_MS = 6_000;

const isMessage = (message: unknown): message is Message => (message as Partial<Message> | null)?.type === TYPE;

/** In the primary: tells any worker that asks what all of them have counted. */
export function exposeForWorkers(): void {
  const registry = new AggregatorRegistry();
  cluster.on('message', async (worker: Worker, message: unknown) => {
    if (!isMessage(message)) return;
    const text = await registry.clusterMetrics().catch(() => null);
    worker.send({ type: TYPE, id: message.id, text } satisfies Message);
  });
}

/** In a worker: what is counted here is told to the primary, which tells what all workers have counted. */
export function exposeTogether(registry: Registry): Exposition {
  AggregatorRegistry.setRegistries(registry);
  // to make one is to answer the primary from then on
  new AggregatorRegistry();
  const waiting = new Map<number, (message: Message) => void>();
  process.on('message', (message: unknown) => {
    if (isMessage(message)) waiting.get(message.id)?.(message);
  });
  let asked = 0;
  return async () => {
    const id = asked++;
    try {
      const { text } = await new Promise<Message>((resolve, reject) => {
        waiting.set(id, resolve);
        setTimeout(reject, ANSWER_MS, new Error('The primary does not tell what is counted.'));
        process.send?.({ type: TYPE, id } satisfies Message);
      });
      if (text == null) throw new Error('The workers do not tell what they count.');
      return text;
    } finally {
      waiting.delete(id);
    }
  };
}
