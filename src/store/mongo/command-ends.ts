import type { Store } from './connection.ts';

/** A command of the database that has ended. */
export interface CommandEnd {
  readonly command: string;
  readonly outcome: 'succeeded' | 'failed';
  readonly milliseconds: number;
}

const EVENTS = [
  ['commandSucceeded', 'succeeded'],
  ['commandFailed', 'failed'],
] as const;

/** Tells of each command that ends, of a store that counts commands. */
export function watchCommands({ connection }: Pick<Store, 'connection'>, tell: (end: CommandEnd) => void): void {
  const client = connection.getClient();
  for (const [event, outcome] of EVENTS)
    client.on(event, ({ commandName, duration }: { commandName: string; duration: number }) =>
      tell({ command: commandName, outcome, milliseconds: duration }),
    );
}
