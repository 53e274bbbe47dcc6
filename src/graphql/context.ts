import type DataLoader from 'dataloader';
import type { Deadline } from '../base/deadline.ts';
import type { CallerAccess } from '../enforcement/access.ts';
import type { PersonEntry } from '../ledger/chain/person-chain.ts';
import type { DecisionTable } from '../policy/compile.ts';
import type { CategoryMask } from '../policy/vocabulary.ts';
import type { Caller } from '../subject/caller.ts';
import type { ContentLoaders } from '../subject/content.ts';
import type { Subjects } from '../subject/loader.ts';
import type { PersonDocument } from '../subject/model.ts';

import type { ListCursors } from './list-cursors.ts';
import type { ObjectIds } from './object-ids.ts';

/** The things that operations without an account have stored. */
export type Stored = 'GUARDIAN_CASE' | 'FOLLOWER' | 'FORGETTING' | 'DEVICE' | 'COUNT';

/**
 * The operations of every feature, over one store, which all requests share. A feature adds its own where
 * it enters: `declare module '../../graphql/context.ts' { interface Services { readonly photos: PhotoOperations } }`.
 */
export interface Services {
  readonly table: DecisionTable;
}

/** The context that the resolvers of one request share. A feature adds its loaders in the same way. */
export interface Context {
  readonly caller: Caller;
  /** The name under which the caller is counted, the same from one request to the next. It may be an address. */
  readonly line: string;
  /** The one instant that every decision of this request is made for. */
  readonly now: Date;
  readonly requestId: string;
  /** Where this gateway is reached from outside, for links. */
  readonly origin: string;
  /** Whether the browser sent its opt-out signal along. */
  readonly optsOut: boolean;
  /** Takes one of the things of a kind that this request and its network may have stored; false where none is left. */
  readonly mayStore: (kind: Stored) => Promise<boolean>;
  /** Told of the version of the policy that this request was deemed to accept. */
  readonly tellAcceptance: (version: string) => void;
  /** Every category that the document could ask for, and perhaps some more. */
  readonly asked: CategoryMask;
  readonly deadline: Deadline;
  readonly access: CallerAccess;
  readonly subjects: Subjects;
  /** A person's own acts, newest first, by document. */
  readonly acts: DataLoader<PersonDocument, readonly PersonEntry[], string>;
  readonly content: ContentLoaders;
  readonly objectIds: ObjectIds;
  readonly listCursors: ListCursors;
  readonly services: Services;
}
