import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { CallerAccess } from '../enforcement/access.ts';
import type { Books } from '../enforcement/release-gate.ts';
import type { Context } from '../graphql/context.ts';
import { createRoutes } from '../http/routes.ts';
import type { Book } from '../ledger/book/book.ts';
import type { DisclosureEntry } from '../ledger/disclosure/disclosure.ts';
import type { Access } from '../policy/decide.ts';
import { NO_CATEGORIES } from '../policy/vocabulary.ts';
import { watchCommands } from '../store/mongo/command-ends.ts';
import type { Store } from '../store/mongo/connection.ts';

/**
 * The counters of the gateway. Every label is a word of the policy or of the code. No label comes from a request, a
 * token or a record of anybody, so that no number tells of a person, and there are no more numbers than words.
 */
export interface Metrics {
  /** How long operations take, and how many fields they deny. */
  readonly plugin: Plugin<Context>;
  /** Counts the decisions made by way of it. */
  readonly watchAccess: (access: CallerAccess) => CallerAccess;
  /** Counts the disclosures that are on record. */
  readonly watchBooks: (books: Books) => Books;
  /** Counts that a person's chain turned out to be broken. */
  readonly countBreak: () => void;
  /** `GET /metrics`, in the text format of Prometheus. */
  readonly route: (request: Request) => Promise<Response | null>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const codesOf = ({ errors = [] }: ExecutionResult) => errors.map(({ extensions }) => extensions ?? {});

/** An answer is refused where nothing of it is left, partial where something of it is denied or failed. */
const outcomeOf = ({ data, errors = [] }: ExecutionResult) => {
  if (errors.length === 0) return 'complete';
  return data == null ? 'refused' : 'partial';
};

const KINDS = new Set(['query', 'mutation']);
const kindOf = ({ document }: { readonly document: { readonly definitions: readonly object[] } }) => {
  const kinds = document.definitions.flatMap((definition) =>
    'operation' in definition ? [String(definition.operation)] : [],
  );
  return kinds.find((kind) => KINDS.has(kind)) ?? 'other';
};

/** Tells the counters, in the text format of Prometheus. */
export type Exposition = () => Promise<string>;

/**
 * @param store  a store that counts commands
 * @param expose how the counters of this process are told; on their own by default
 */
export function createMetrics(
  store: Store,
  expose: (registry: Registry) => Exposition = (registry) => () => registry.metrics(),
): Metrics {
  const registry = new Registry();
  const exposition = expose(registry);
  const registers = [registry];
  // of the process and its runtime: memory, event loop, garbage collection, open files
  collectDefaultMetrics({ register: registry });
  const operations = new Histogram({
    name: 'assent_operation_duration_seconds',
    help: 'How long GraphQL operations take to execute, the record of disclosures included.',
    labelNames: ['operation', 'caller', 'outcome'] as const,
    buckets: SECONDS,
    registers,
  });
  const decisions = new Counter({
    name: 'assent_decisions_total',
    help: 'Decisions about one person each: whether the caller may see something of them or nothing.',
    labelNames: ['audience', 'outcome'] as const,
    registers,
  });
  const denials = new Counter({
    name: 'assent_denials_total',
    help: 'Fields and operations that were denied; no category for a whole operation.',
    labelNames: ['category', 'reason'] as const,
    registers,
  });
  const disclosures = new Counter({
    name: 'assent_disclosures_total',
    help: 'People about whom a third party was shown data, put on record before the response left.',
    labelNames: ['recipient_kind', 'purpose'] as const,
    registers,
  });
  const breaks = new Counter({
    name: 'assent_ledger_breaks_total',
    help: 'Times that the ledger held another entry in the place of one that a person’s document holds.',
    registers,
  });
  const commands = new Histogram({
    name: 'assent_store_command_duration_seconds',
    help: 'How long database commands take.',
    labelNames: ['command', 'outcome'] as const,
    buckets: SECONDS,
    registers,
  });

  watchCommands(store, ({ command, outcome, milliseconds }) =>
    commands.observe({ command, outcome }, milliseconds / 1_000),
  );

  const watch = (access: Access): Access => ({
    ...access,
    decide: (facts) => {
      const decision = access.decide(facts);
      const outcome = decision.mask === NO_CATEGORIES ? 'NOTHING' : 'SOMETHING';
      decisions.inc({ audience: access.audience.name, outcome });
      return decision;
    },
  });

  return {
    plugin: {
      onExecute({ args }) {
        const { caller } = args.contextValue as Context;
        const operation = kindOf(args);
        const end = operations.startTimer({ operation, caller: caller.kind });
        return {
          onExecuteDone({ result }) {
            const answer = result as ExecutionResult;
            end({ outcome: outcomeOf(answer) });
            for (const { code, category, reason } of codesOf(answer))
              if (code === 'FORBIDDEN') denials.inc({ category: String(category ?? ''), reason: String(reason) });
          },
        };
      },
    },

    watchAccess: ({ others, toward }) => {
      const known = new Map<Access, Access>();
      const watched = (access: Access) => {
        const before = known.get(access) ?? watch(access);
        known.set(access, before);
        return before;
      };
      return { others: watched(others), toward: (sid) => watched(toward(sid)) };
    },

    watchBooks: ({ disclosures: book, audit }) => ({
      audit,
      disclosures: {
        ...book,
        record: async (entries) => {
          await book.record(entries);
          for (const { sids, recipientKind, purpose } of entries)
            disclosures.inc({ recipient_kind: recipientKind, purpose }, sids.length);
        },
      } satisfies Book<DisclosureEntry>,
    }),

    countBreak: () => breaks.inc(),

    route: createRoutes({
      '/metrics': {
        GET: async () => {
          const headers = { 'content-type': registry.contentType, 'cache-control': 'no-store' };
          return new Response(await exposition(), { headers });
        },
      },
    }),
  };
}
