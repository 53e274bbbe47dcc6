import type { Policy } from '../policy/clause.ts';
import type { Vocabulary } from '../policy/vocabulary.ts';
import type { Builder } from './builder.ts';
import type { Nodes } from './node-id.ts';
import type { PolicyEnums } from './policy-enums.ts';

/** What a part of the schema is built with. */
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
