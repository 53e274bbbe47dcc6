import { HOUSEKEEPING } from './command-log.ts';
import { until } from './engines.ts';
import type { TestStore } from './store.ts';

/** Notes every command that goes to the store's database, as its name and its collection, until stopped. */
export function noteCommands({ connection }: Pick<TestStore, 'connection'>) {
  const client = connection.getClient();
  const sent: string[] = [];
  const note = ({ commandName, command }: { commandName: string; command: Record<string, unknown> }) => {
    sent.push(`${commandName} ${command[commandName]}`);
  };
  client.on('commandStarted', note);
  return {
    sent,
    stop: () => {
      client.off('commandStarted', note);
      return sent;
    },
  };
}

/** What goes on after others were shown something: the search for erasures among them. */
export const isFollowUp = (command: string) => command === 'aggregate people';

/** The commands that an act takes, in an order that says nothing, until its entry has come to the ledger. */
export async function commandsFor(
  store: Pick<TestStore, 'connection'>,
  act: () => Promise<unknown>,
): Promise<string[]> {
  const { sent, stop } = noteCommands(store);
  await act();
  await until(() => sent.includes('update people'));
  return stop()
    .filter((command) => /^(insert|update|findAndModify|aggregate|find) /.test(command))
    .filter((command) => !HOUSEKEEPING.has(command) && !isFollowUp(command))
    .sort();
}
