import type { Deadline } from '../base/deadline.ts';
import type { SchemaPart } from '../graphql/schema-part.ts';
import type { OptionalFeature } from '../policy/vocabulary.ts';
import type { Layout } from '../store/mongo/collection-layout.ts';

/** The request for which loaders are made. */
export interface LoaderRequest {
  readonly now: Date;
  readonly deadline: Deadline;
  /** The name under which callers share positions in lists. */
  readonly audience: string;
}

/**
 * One theme of the product. A feature enters the gateway by its import and its place in the list of
 * `gateway/features.ts`. Its `index.ts` declares the names of its operations for resolvers
 * (`declare module '../../graphql/context.ts'`) and the values behind its types
 * (`declare module '../../graphql/builder.ts'`).
 */
export interface Feature<Needs = never, Gives extends object = object, Loads extends object = object> {
  /** Its name in vocabularies, where a company may do without it: then its schema, layout and sweeps are not there. */
  readonly optional?: OptionalFeature;
  /** The part of a company's policies that brings the feature along: ties, or restrictions of purposes. */
  readonly about?: 'ties' | 'restrictions';
  /** Makes its operations from the operations of the core and of the features before it. */
  readonly operations?: (needs: Needs) => Gives;
  /** Adds its types and fields to the schema. */
  readonly fields?: (part: SchemaPart) => void;
  /** Makes its loaders: once for the gateway, then for each request. */
  readonly loaders?: (services: Needs & Gives) => (request: LoaderRequest) => Loads;
  /** Its collections that have an index besides that of their ids, or grow with the number of people. */
  readonly layout?: readonly Layout[];
  /** Its periodic work. Each function runs by itself. */
  readonly sweeps?: (services: Needs & Gives) => readonly (() => Promise<unknown>)[];
}

/** A feature, with its types as its parts have them. */
export const feature = <Needs, Gives extends object, Loads extends object>(
  parts: Feature<Needs, Gives, Loads>,
): Feature<Needs, Gives, Loads> => parts;
