import { badInput } from '../base/errors.ts';
import { opaque } from '../enforcement/card-guard.ts';
import { PART_OF_VALUE } from '../enforcement/classification.ts';
import type { Item } from '../subject/content.ts';
import { countOf } from './arguments.ts';
import type { Builder, Objects } from './builder.ts';
import type { PositionsIn } from './list-cursors.ts';
import type { SchemaPart } from './schema-part.ts';

const PAGE = { usual: 20, most: 100 } as const;

type Fields = Parameters<Parameters<Builder['queryFields']>[0]>[0];

/** The arguments of a page. */
export const paging = (t: Pick<Fields, 'arg'>) => ({
  first: t.arg.int({ description: `How many, up to ${PAGE.most}; ${PAGE.usual} where nothing is said.` }),
  after: t.arg.string({ description: 'The `endCursor` of the page before.', extensions: opaque() }),
});

export interface Paging {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/**
 * The size of a page, and the position after which it begins.
 *
 * @throws {ApiError} BAD_INPUT for a bad number of items, or a cursor that is not of this list
 */
export function wantedOf<Position>({ first, after }: Paging, open: (cursor: string) => Position | null) {
  const position = after == null ? null : open(after);
  if (after != null && position === null) throw badInput('after', 'a cursor of this list');
  return { count: countOf('first', first, PAGE.usual, PAGE.most), position };
}

/** An item of a page, and where it stands. */
export interface Edge<Item> {
  readonly node: Item;
  readonly cursor: string;
}

export interface Page<Item> {
  readonly edges: readonly Edge<Item>[];
  readonly hasNextPage: boolean;
}

/** A list of one person that grows without end, as a page of it is found. */
export interface EndlessList<Item, Position> {
  readonly positions: PositionsIn<Position>;
  readonly positionOf: (item: Item) => Position;
  /** The first so many after a position, or from the start. */
  readonly find: (count: number, after: Position | null) => Promise<readonly Item[]>;
}

/** One item more than are wanted is looked for, which tells whether the list goes on. */
export async function pageOf<Item, Position>(
  paging: Paging,
  { positions, positionOf, find }: EndlessList<Item, Position>,
): Promise<Page<Item>> {
  const { count, position } = wantedOf(paging, positions.open);
  const found = await find(count + 1, position);
  const edges = found.slice(0, count).map((node) => ({ node, cursor: positions.of(positionOf(node)) }));
  return { edges, hasNextPage: found.length > count };
}

/** Where one of them stands. */
export interface ItemPlace {
  readonly id: string;
  readonly at: string;
}

/**
 * A list of a person's things that stand apart from their document, the newest first.
 *
 * @param read  the newest so many, or those behind one of them
 */
export const newestFirst = <Thing extends Item>(
  positions: PositionsIn<ItemPlace>,
  read: (count: number, after: Item | null) => Promise<readonly Thing[]>,
): EndlessList<Thing, ItemPlace> => ({
  positions,
  positionOf: ({ id, at }) => ({ id, at: at.toISOString() }),
  find: (count, after) => read(count, after && { id: after.id, at: new Date(after.at) }),
});

/**
 * Declares the pages of a type.
 *
 * @param thing the name of an item, with its article
 */
export function defineConnection<Name extends keyof Objects & string>(builder: Builder, name: Name, thing: string) {
  const EdgeType = builder.objectRef<Edge<Objects[Name]>>(`${name}Edge`);
  builder.objectType(EdgeType, {
    description: `${thing} in a page.`,
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'Where it stands in the list; it tells nothing else.' }),
      node: t.field({
        type: name as 'PageInfo',
        description: `${thing}.`,
        resolve: ({ node }) => node as Objects['PageInfo'],
      }),
    }),
  });
  const ConnectionType = builder.objectRef<Page<Objects[Name]>>(`${name}Connection`);
  builder.objectType(ConnectionType, {
    description: 'A page of a list.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      edges: t.field({ type: [EdgeType], description: 'The items of the page.', resolve: ({ edges }) => edges }),
      pageInfo: t.field({
        type: 'PageInfo',
        description: 'Where the page stands.',
        resolve: ({ edges, hasNextPage }) => ({
          hasNextPage,
          startCursor: edges.at(0)?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        }),
      }),
    }),
  });
  return ConnectionType;
}

/**
 * Declares the parts that all connections share. Lists go forward only.
 *
 * @see https://relay.dev/graphql/connections.htm
 */
export function definePages({ builder }: Pick<SchemaPart, 'builder'>): void {
  builder.objectType('PageInfo', {
    description: 'Where a page of a list stands.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether the list goes on after this page.' }),
      hasPreviousPage: t.boolean({
        description: 'Always false: lists go forward only, and the items before a page are not looked up.',
        resolve: () => false,
      }),
      startCursor: t.exposeString('startCursor', {
        nullable: true,
        description: 'The cursor of the first item; null for an empty page.',
      }),
      endCursor: t.exposeString('endCursor', {
        nullable: true,
        description: 'The cursor of the last item, for the `after` of the next page; null for an empty page.',
      }),
    }),
  });
}
