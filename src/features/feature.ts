import type { Deadline } from '../base/deadline.ts';
import type { SchemaPart } from '../graphql/schema-part.ts';
import type { Layout } from '../store/mongo/collection-layout.ts';

/** What the loaders of one request are made for. */
export interface LoaderRequest {
  readonly now: Date;
  readonly deadline: Deadline;
  /** Callers who are given the same positions in lists have the same name. */
  readonly audience: string;
}

/**
 * One theme of what people, partners and staff can do. A feature enters the gateway by its import and its place in
 * the list of `gateway/features.ts`.
 * It says in its `index.ts` by which names resolvers find what it gives (`declare module '../../graphql/context.ts'`),
 * and which values stand behind its types (`declare module '../../graphql/builder.ts'`).
 */
export interface Feature<Needs = never, Gives extends object = object, Loads extends object = object> {
  /** Makes its operations of what the core and the features before it give. */
  readonly operations?: (needs: Needs) => Gives;
  /** Adds its types and fields to the schema. */
  readonly fields?: (part: SchemaPart) => void;
  /** What each request reads by: made once for the gateway, then for each request. */
  readonly loaders?: (services: Needs & Gives) => (request: LoaderRequest) => Loads;
  /** Its collections that have an index besides that of their ids, or grow with the number of people. */
  readonly layout?: readonly Layout[];
  /** What is due from time to time, each for itself. */
  readonly sweeps?: (services: Needs & Gives) => readonly (() => Promise<unknown>)[];
}

/** A feature, with its types as its parts have them. */
export const feature = <Needs, Gives extends object, Loads extends object>(
  parts: Feature<Needs, Gives, Loads>,
): Feature<Needs, Gives, Loads> => parts;
