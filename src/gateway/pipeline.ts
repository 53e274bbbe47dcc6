import type { GraphQLSchema } from 'graphql';
import { createYoga, type GraphQLParams } from 'graphql-yoga';
import type { Log } from '../base/log.ts';
import { useCardNumberGuard } from '../enforcement/card-guard.ts';
import { useDemand } from '../enforcement/demand.ts';
import { type Books, useReleaseGate } from '../enforcement/release-gate.ts';
import { useDeemedAcceptance } from '../enforcement/site-use.ts';
import type { Context } from '../graphql/context.ts';
import { useReferenceExecution } from '../graphql/execution.ts';
import { useDenials } from '../http/denials.ts';
import { useErrorTable } from '../http/error-table.ts';
import { createDocumentCache, type GuardOptions, useGuards } from '../http/guards/guards.ts';
import { useTimeLimit } from '../http/guards/time-limit.ts';
import { useTurns } from '../http/guards/turns.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { useTraces } from '../telemetry/traces.ts';
import { createDeemedAcceptance, wouldAccept } from './deemed-acceptance.ts';
import type { Arrival, ContextOf } from './request-context.ts';

export const GRAPHQL_ENDPOINT = '/graphql';

export const isEndpoint = (pathname: string): boolean =>
  pathname === GRAPHQL_ENDPOINT || pathname === `${GRAPHQL_ENDPOINT}/`;

interface PipelineOptions {
  readonly schema: GraphQLSchema;
  readonly contextOf: ContextOf;
  readonly guards: Required<GuardOptions>;
  readonly books: Books;
  readonly log: Log;
  readonly metrics: Metrics | undefined;
  readonly traces: boolean;
}

/** Takes an operation through all that stands between its document and its answer. */
export const createPipeline = ({ schema, contextOf, guards, books, log, metrics, traces }: PipelineOptions) =>
  createYoga<Arrival & { readonly operation: GraphQLParams }, Context>({
    schema,
    context: contextOf,
    graphqlEndpoint: GRAPHQL_ENDPOINT,
    plugins: [
      // before all that wraps an executor: the one to wrap
      useReferenceExecution(),
      // before anything is done for the document: it may be too large, or not fit
      ...useGuards(schema, guards),
      // before the context is used: values that the document can't ask for are neither read nor opened
      useDemand(schema),
      // after the guards, which tell the cost: a refused operation takes no turn
      useTurns(guards.turns),
      // before any resolver is handed an argument
      useCardNumberGuard(schema),
      // before the first decision: it is made under the version that is accepted by going on
      useDeemedAcceptance(wouldAccept, createDeemedAcceptance(contextOf)),
      // around the execution: nothing leaves that is not on record
      useReleaseGate(metrics ? metrics.watchBooks(books) : books, log),
      // around the gate: its time counts
      ...(metrics ? [metrics.plugin] : []),
      ...(traces ? [useTraces()] : []),
      // around all of them: an answer that is too late is told so
      useTimeLimit(guards.timeLimit),
      // behind all that can fail: every error that the others leave is made anew from the table
      useErrorTable(log),
      // the last: it repeats the errors of the table
      useDenials(),
    ],
    parserAndValidationCache: createDocumentCache(),
    maskedErrors: false,
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
  });
