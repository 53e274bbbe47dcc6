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
