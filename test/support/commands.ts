import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { until } from './engines.ts';
import type { TestStore } from './store.ts';

export type Command = mongo.CommandStartedEvent;

/** A comment on commands that a test itself gives. */
export const UNCOUNTED = 'uncounted';

/** A command and the collection that it goes to, for instance `find people`. */
export const nameOf = ({ commandName, command }: Command): string =>
  `${commandName} ${commandName === 'getMore' ? command.collection : command[commandName]}`;

/** Commands beside requests: heads of books and the progress of their followers are written now and then. */
const HOUSEKEEPING = new Set(['update book_heads', 'update followed_books']);

/** The search for partners with a webhook, which all acts of ten seconds share: it counts for none of them. */
const isOfAllWebhooks = (command: Command) =>
  nameOf(command) === 'find webhooks' && Object.keys(command.command.filter).join() === 'disabledAt';

type Watched = Pick<TestStore, 'connection'>;

/** Tells of each database command of a store, as its driver reports it. @returns ends that */
function onCommand({ connection }: Watched, tell: (command: Command) => void): () => void {
  const client = connection.getClient();
  const hear = (command: Command) => {
    if (!isOfAllWebhooks(command)) tell(command);
  };
  client.on('commandStarted', hear);
  return () => void client.off('commandStarted', hear);
}

/** Notes every command by its name until stopped. */
export function noteCommands(store: Watched) {
  const sent: string[] = [];
  const end = onCommand(store, (command) => sent.push(nameOf(command)));
  return {
    sent,
    stop: () => {
      end();
      return sent;
    },
  };
}

/** Notes the commands of requests, as long as the store is open: no housekeeping, and none that a test gives. */
export function createCommandLog(store: Watched) {
  let noted: Command[] = [];
  onCommand(store, (command) => {
    if (!HOUSEKEEPING.has(nameOf(command)) && command.command.comment !== UNCOUNTED) noted.push(command);
  });
  return {
    /** Whether there was a command of this name since the last time. */
    holds: (name: string): boolean => noted.some((command) => nameOf(command) === name),

    /** The commands since the last time, in their order. */
    take(): Command[] {
      const taken = noted;
      noted = [];
      return taken;
    },

    /**
     * The commands up to the first pause without one: under load, what follows an answer comes late.
     *
     * @param pauseMs  of the pause
     */
    async untilQuiet(pauseMs = 500): Promise<Command[]> {
      const seen = this.take();
      for (let latest = seen; latest.length > 0; seen.push(...latest)) {
        await sleep(pauseMs);
        latest = this.take();
      }
      return seen;
    },
  };
}

/** Every command that is sent while something is done. */
export async function commandsDuring(store: Watched, act: () => Promise<unknown>) {
  const commands: { name: string; command: Record<string, unknown> }[] = [];
  const end = onCommand(store, ({ commandName: name, command }) => commands.push({ name, command }));
  try {
    await act();
  } finally {
    end();
  }
  return commands;
}

/** How many commands there are of each name. */
export function tallyOf(commands: readonly Command[]): Record<string, number> {
  const tally: Record<string, number> = {};
  for (const name of commands.map(nameOf).sort()) tally[name] = (tally[name] ?? 0) + 1;
  return tally;
}

/** A command of the follow-up after a disclosure: the search for erasures. */
export const isFollowUp = (command: string) => command === 'aggregate people';

/** The commands that an act takes, in an order that says nothing, until its entry has come to the ledger. */
export async function commandsFor(store: Watched, act: () => Promise<unknown>): Promise<string[]> {
  const { sent, stop } = noteCommands(store);
  await act();
  await until(() => sent.includes('update people'));
  return stop()
    .filter((command) => /^(insert|update|findAndModify|aggregate|find) /.test(command))
    .filter((command) => !HOUSEKEEPING.has(command) && !isFollowUp(command))
    .sort();
}
