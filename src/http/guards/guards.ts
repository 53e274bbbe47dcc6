import type { GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { useDocumentGuard } from './document.ts';
import { DEFAULT_LIMITS, DEFAULT_RATES, DEFAULT_TURNS, type Rates, type RequestLimits, type Turns } from './limits.ts';
import { useReadOperation } from './request.ts';
import type { TrustedDocuments } from './trusted-documents.ts';
import { useValidation } from './validation.ts';
import { useVariableGuard } from './variables.ts';

/** The guards between the network and the schema. Each default is as narrow as it can be. */
export interface GuardOptions {
  readonly limits?: RequestLimits;
  /** Whether tools may ask for the schema. */
  readonly introspection?: boolean;
  /** Whether faults of a request tell developers which name or word is wrong, and which would be right. */
  readonly hints?: boolean;
  /** Origins of pages that may send operations and read the answers. */
  readonly corsOrigins?: readonly string[];
  /** The only documents that are run; null runs any. */
  readonly documents?: TrustedDocuments | null;
  readonly rates?: Rates;
  /** Whether this process is one of several workers: callers are counted over all of them. */
  readonly together?: boolean;
  /** How many proxies stand before the gateway and tell where a request comes from. */
  readonly proxies?: number;
  readonly turns?: Turns;
  /** Milliseconds in which an operation must be answered. */
  readonly timeLimit?: number;
}

export const DEFAULT_GUARDS: Required<GuardOptions> = {
  limits: DEFAULT_LIMITS,
  introspection: false,
  hints: false,
  corsOrigins: [],
  documents: null,
  rates: DEFAULT_RATES,
  together: false,
  proxies: 0,
  turns: DEFAULT_TURNS,
  timeLimit: 15_000,
};

/** The checks that an operation passes before it is executed, in this order. */
export const useGuards = (schema: GraphQLSchema, { limits, introspection, hints }: Required<GuardOptions>) => [
  useReadOperation(),
  useDocumentGuard(schema, limits),
  useValidation({ introspection, hints }),
  useVariableGuard(hints),
];

/** All documents that are remembered together, in characters: a parsed one takes up to 200 times its length. */
const REMEMBERED = 200_000;

/** Documents that were parsed and found valid. Faulty ones are not kept: everyone can make up more of them. */
export const createDocumentCache = () => ({
  documentCache: new LRUCache<string, object>({
    maxSize: REMEMBERED,
    sizeCalculation: (_document, text) => text.length + 1,
  }) as never,
  errorCache: { get: () => undefined, set: () => undefined },
});
