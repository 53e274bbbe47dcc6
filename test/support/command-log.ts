import type { mongo } from 'mongoose';
import type { TestStore } from './store.ts';

export type Command = mongo.CommandStartedEvent;

/** A comment on commands that a test itself gives. */
export const UNCOUNTED = 'uncounted';

export const nameOf = ({ commandName, command }: Command): string =>
  `${commandName} ${commandName === 'getMore' ? command.collection : command[commandName]}`;

/** Commands beside requests: heads of books and the progress of their followers are written now and then. */
export const HOUSEKEEPING = new Set(['update book_heads', 'update followed_books']);
const isHousekeeping = (command: Command) => HOUSEKEEPING.has(nameOf(command));

/** Notes the database commands of a store, as its driver reports them. */
export function createCommandLog({ connection }: TestStore) {
  let noted: Command[] = [];
  connection.getClient().on('commandStarted', (command: Command) => {
    if (!isHousekeeping(command) && command.command.comment !== UNCOUNTED) noted.push(command);
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
  };
}

/** How many commands there are of each name. */
export function tallyOf(commands: readonly Command[]): Record<string, number> {
  const tally: Record<string, number> = {};
  for (const name of commands.map(nameOf).sort()) tally[name] = (tally[name] ?? 0) + 1;
  return tally;
}
