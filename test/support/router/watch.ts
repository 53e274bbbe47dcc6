import { AsyncLocalStorage } from 'node:async_hooks';
import type { Connection, mongo } from 'mongoose';
import { layoutOf } from '../../../src/gateway/layout.ts';
import { wordsWith } from '../words.ts';
import { EVERY_SHARD } from './every-shard.ts';
import { type Layouts, type Route, refusalsOf, routesOf } from './router.ts';

/** Marks the product's own commands, so that a test may ask the database as it likes. */
const ours = new AsyncLocalStorage<true>();

/** Does work of the product: its commands are checked against the rules of a router. */
export const asOurs = <Result>(work: () => Result): Result => ours.run(true, work);

/** Everything that an object does is work of the product. */
export const doneAsOurs = <T extends object>(done: T): T =>
  Object.fromEntries(
    Object.entries(done).map(([name, value]) => [
      name,
      typeof value === 'function' ? (...given: unknown[]) => asOurs(() => value(...given)) : value,
    ]),
  ) as T;

/** The collections of the reference policy, and those of companies with ties of people. */
const LAYOUTS: Layouts = new Map(layoutOf({ ...wordsWith(), ties: ['any'] }).map((layout) => [layout.name, layout]));

/** The filters of a policy name its own facts, and sweeps its own values. */
const kindOf = (path: string) => /^(facts|values)\./.exec(path)?.[1] ?? path;

const nameOf = ({ operation, collection, paths }: Route) =>
  `${operation} ${collection} by ${[...new Set(paths.map(kindOf))].join(', ') || 'nothing'}`;

/**
 * Watches every command that the product sends in a test, as if a router and its shards stood before the database.
 *
 * @returns gives the commands that a router would have refused, or sent to every shard without a stated reason
 */
export function watchRouting(connection: Connection): () => string[] {
  const faults = new Set<string>();
  connection.getClient().on('commandStarted', ({ commandName: name, command }: mongo.CommandStartedEvent) => {
    if (!ours.getStore()) return;
    const sent = { name, command };
    for (const refusal of refusalsOf(sent, LAYOUTS)) faults.add(`${name} ${command[name]}: ${refusal}`);
    for (const route of routesOf(sent, LAYOUTS))
      if (route.target === 'EVERY' && !EVERY_SHARD.has(nameOf(route))) faults.add(`${nameOf(route)} asks every shard`);
  });
  return () => [...faults];
}
