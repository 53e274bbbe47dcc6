import type { Log } from '../../base/log.ts';
import type { BookHead, BookHeads } from '../../store/mongo/repositories/book-heads.ts';

/** Publishes heads behind the responses' backs: of each book the latest, once in a while. */
export function createHeadPublisher(
  heads: Pick<BookHeads, 'publish'>,
  { everyMs, log }: { everyMs: number; log: Log },
) {
  const due = new Map<string, BookHead>();
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const latest = [...due.values()];
    due.clear();
    try {
      await Promise.all(latest.map(heads.publish));
    } catch (error) {
      log.warn({ reason: (error as Error).name }, 'the heads of ledger books stay unpublished for now');
    }
  }

  return {
    schedule(head: BookHead): void {
      due.set(head._id, head);
      timer ??= setTimeout(flush, everyMs).unref();
    },
    /** Publishes the head if it is due; a failure is logged, since the next head says more. */
    flush,
  };
}
