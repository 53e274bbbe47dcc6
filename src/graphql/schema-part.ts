import type { Policy } from '../policy/clause.ts';
import type { Vocabulary } from '../policy/vocabulary.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import type { PolicyEnums } from './policy-enums.ts';

/** Finds the object of an id. Null where there is none, or none that the caller may see. */
export type FindNode = (id: string, context: Context) => object | null | Promise<object | null>;

/** The types that `node(id)` finds by an id with their name in front. A person's id is the bare string. */
export type Nodes = Map<string, FindNode>;

/** The tools and words for building a part of the schema. */
export interface SchemaPart {
  readonly builder: Builder;
  /** The words of all versions of the policy. */
  readonly vocabulary: Vocabulary;
  /** The version that governs from now on. */
  readonly current: Policy;
  /** Every version of the policy. */
  readonly policies: readonly Policy[];
  /** The enums of the policy's vocabulary. */
  readonly enums: PolicyEnums;
  /** Where a type says how `node(id)` finds it. */
  readonly nodes: Nodes;
}
