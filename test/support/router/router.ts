import type { Layout } from '../../../src/store/mongo/collection-layout.ts';
import { boundIn, type Filter, isFixed, pathsOf } from './filters.ts';

/** A command as the driver sends it. */
export interface Sent {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: commands have many forms
  readonly command: Record<string, any>;
}

export type Target = 'ONE' | 'SOME' | 'EVERY';

/** The layouts of a database, by the names of their collections. A collection without one stays together on one shard. */
export type Layouts = ReadonlyMap<string, Layout>;

const TARGETED = new Set(['find', 'aggregate', 'count', 'distinct', 'insert', 'update', 'delete', 'findAndModify']);
/** Stages that bring in documents of other collections, by how they name them. */
const JOINS = ['$lookup', '$graphLookup', '$unionWith'];

const collectionIn = ({ name, command }: Sent) => String(command[name]);
const keyOf = (layouts: Layouts, collection: string) => Object.keys(layouts.get(collection)?.shardKey ?? {});

/** The stages that an aggregation begins with say which documents it looks for, up to the first that says something else. */
function startOf(pipeline: readonly Filter[]): Filter {
  const end = pipeline.findIndex((stage) => !('$match' in stage));
  return { $and: pipeline.slice(0, end === -1 ? pipeline.length : end).map(({ $match }) => $match) };
}

/** The filter of each part of a command; for inserted documents, the documents. */
function filtersOf({ name, command }: Sent): readonly Filter[] {
  if (name === 'find') return [command.filter ?? {}];
  if (name === 'aggregate') return [startOf(command.pipeline)];
  if (name === 'insert') return command.documents;
  if (name === 'update') return command.updates.map(({ q }: Filter) => q);
  if (name === 'delete') return command.deletes.map(({ q }: Filter) => q);
  return [command.query ?? {}];
}

function targetOf(filter: Filter, key: readonly string[]): Target {
  const [first] = key;
  if (first === undefined) return 'ONE';
  const bounds = key.map((path) => boundIn(filter, path));
  if (bounds[0] === null) return 'EVERY';
  return bounds.every((bound) => bound !== null && bound !== 'RANGE' && bound.values.length <= 1) ? 'ONE' : 'SOME';
}

/** One kind of search: its paths are the same for every value that it looks for. */
export interface Route {
  readonly operation: string;
  readonly collection: string;
  readonly paths: readonly string[];
  readonly target: Target;
}

/** Where a router sends each part of a command; nothing where a command names no documents. */
export function routesOf(sent: Sent, layouts: Layouts): Route[] {
  if (!TARGETED.has(sent.name)) return [];
  const collection = collectionIn(sent);
  const key = keyOf(layouts, collection);
  const isInsert = sent.name === 'insert';
  return filtersOf(sent).map((filter) => ({
    ...{ operation: sent.name, collection, paths: isInsert ? [] : pathsOf(filter) },
    target: isInsert ? 'ONE' : targetOf(filter, key),
  }));
}

const isWhole = (filter: Filter, key: readonly string[]) => key.every((path) => isFixed(filter, path));

/** The paths that an update changes by its operators, or all of a document that takes the place of another. */
function changedBy(update: Filter | readonly Filter[]): string[] {
  const parts: readonly Filter[] = Array.isArray(update) ? update : [update];
  return parts.flatMap((part) =>
    Object.entries(part).flatMap(([name, value]) => {
      if (!name.startsWith('$')) return [name];
      if (name === '$setOnInsert') return [];
      if (name === '$unset' && typeof value !== 'object') return [String(value)];
      if (name === '$rename') return [...Object.keys(value), ...Object.values<string>(value)];
      return Array.isArray(value) ? value : Object.keys(value);
    }),
  );
}

const isUnder = (changed: string, path: string) =>
  changed === path || changed.startsWith(`${path}.`) || path.startsWith(`${changed}.`);

function* ofStatement(
  { q, u, multi, limit, upsert, collation }: Filter,
  name: string,
  key: readonly string[],
): Generator<string> {
  const isOne = name === 'update' ? !multi : Number(limit) === 1;
  if (upsert && !isWhole(q, key)) yield 'an upsert without the whole shard key';
  if (isOne && !isWhole(q, key) && !(isFixed(q, '_id') && !collation))
    yield `${name === 'update' ? 'a change' : 'a deletion'} of one document without the shard key or its id`;
  const isReplacement = u !== undefined && !Array.isArray(u) && !Object.keys(u).some((path) => path.startsWith('$'));
  if (isReplacement && !key.every((path) => path === '_id' || path in u)) yield 'a replacement without the shard key';
  if (u !== undefined && !isReplacement)
    for (const path of key)
      if (changedBy(u).some((changed) => isUnder(changed, path))) yield 'a change of the shard key';
}

const isKeyValue = (value: unknown) => value != null && !Array.isArray(value);

const isPrefixed = (index: Filter, key: readonly string[]) => {
  const paths = Object.keys(index);
  return key.every((path, place) => paths[place] === path);
};

function* ofPipeline(pipeline: readonly Filter[], layouts: Layouts, level: unknown): Generator<string> {
  for (const stage of pipeline) {
    const [name = ''] = Object.keys(stage);
    const given = stage[name];
    if (name === '$out') {
      const into = typeof given === 'string' ? given : (given.coll ?? '');
      if (keyOf(layouts, into).length > 0) yield '$out into a collection that is spread over shards';
    }
    if ((name === '$out' || name === '$merge') && level === 'linearizable') yield `a linearizable ${name}`;
    if (JOINS.includes(name) && Array.isArray(given?.pipeline)) yield* ofPipeline(given.pipeline, layouts, level);
    if (name === '$facet')
      for (const part of Object.values(given as Record<string, Filter[]>)) yield* ofPipeline(part, layouts, level);
  }
}

/** Commands that only a member of a replica set or a single server answers. */
const REFUSED = /^(replSet|geoSearch$|reIndex$|top$|convertToCapped$|cloneCollection)/;

/**
 * The reasons of a router in front of MongoDB 6.0 to refuse a command. The rules of 6.0 are the strictest: from 7.0 on
 * one document may be changed without the shard key. Earlier versions are not supported.
 *
 * @returns the reasons in words; none if the command may be sent
 * @see https://www.mongodb.com/docs/v6.0/core/sharded-cluster-requirements/
 */
export function refusalsOf(sent: Sent, layouts: Layouts): string[] {
  const { name, command } = sent;
  if (REFUSED.test(name)) return ['a command that only a member of a replica set answers'];
  const key = keyOf(layouts, collectionIn(sent));
  if (name === 'aggregate') return [...ofPipeline(command.pipeline, layouts, command.readConcern?.level)];
  if (key.length === 0) return [];
  if (name === 'find' && command.tailable) return ['a tailable cursor'];
  if (name === 'findAndModify') {
    const { query: q = {}, update: u, upsert, remove } = command;
    const others = remove ? [] : [...ofStatement({ q, u, multi: true, upsert }, 'update', key)];
    return [...(isWhole(q, key) ? [] : ['findAndModify without the whole shard key']), ...others];
  }
  if (name === 'update' || name === 'delete')
    return command[`${name}s`].flatMap((statement: Filter) => [...ofStatement(statement, name, key)]);
  if (name === 'insert')
    return command.documents.every((document: Filter) => key.every((path) => isKeyValue(document[path])))
      ? []
      : ['a document without a value for the shard key'];
  if (name === 'createIndexes')
    return command.indexes.flatMap((index: Filter) =>
      index.unique && !isPrefixed(index.key, key) ? ['a unique index that does not begin with the shard key'] : [],
    );
  return [];
}
