import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../graphql/context.ts';

/**
 * A span for each operation, told to the OpenTelemetry SDK that the process was started with. Its attributes name the
 * kind of caller as the policy does, never the person, token or partner, nor the request or its answer; an operator
 * finds these by the id of the request.
 */
export const useTraces = (): Plugin<Context> => {
  const tracer = trace.getTracer('assent');
  return {
    onExecute({ args }) {
      const { caller, access, requestId } = args.contextValue as Context;
      const { name, purpose } = access.others.audience;
      const span = tracer.startSpan('graphql.execute', {
        kind: SpanKind.SERVER,
        attributes: {
          'assent.caller': caller.kind,
          'assent.audience': name,
          'assent.request.id': requestId,
          ...(purpose !== null && { 'assent.purpose': purpose }),
        },
      });
      return {
        onExecuteDone({ result }) {
          const { data, errors = [] } = result as ExecutionResult;
          span.setAttribute('assent.errors', errors.length);
          if (data == null) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
  };
};
