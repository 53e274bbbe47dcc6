import { GraphQLError, type GraphQLSchema, getOperationAST, parse, type Source } from 'graphql';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import { ApiError, badRequest, tooComplex, withHeaders } from '../../base/errors.ts';
import type { RequestLimits } from './limits.ts';
import { createMeasure } from './measure.ts';

const LIMITED = ['definitions', 'depth', 'aliases', 'repeats', 'directives', 'items', 'nesting', 'cost'] as const;

/** The parser's message where it stops counting; in no message does text of the request stand as far in front. */
const TOO_MANY_TOKENS = /^Syntax Error: Document contains more that \d+ tokens/;

/** The parser repeats the word that it stumbles over; the place says as much. */
const syntaxError = ({ source, positions }: GraphQLError) =>
  new ApiError(
    'GRAPHQL_PARSE_FAILED',
    'The document is not GraphQL: something else is expected here.',
    {},
    { source, positions },
  );

/**
 * Stops reading a document where it is too long, and refuses an excessive document before it is validated: the time of
 * some validation rules grows with the square of the document.
 */
export const useDocumentGuard = (
  schema: GraphQLSchema,
  limits: RequestLimits,
): Plugin<YogaInitialContext & { cost: number }> => {
  const measure = createMeasure(schema);
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string | Source) => {
        try {
          return parse(source, { maxTokens: limits.tokens });
        } catch (error) {
          if (!(error instanceof GraphQLError)) throw error;
          throw TOO_MANY_TOKENS.test(error.message) ? tooComplex('tokens', limits.tokens) : syntaxError(error);
        }
      });
      return ({ result, context: { params, request }, extendContext }) => {
        if (result instanceof Error) return;
        const found = measure(result, params.variables ?? {});
        // a value that is not a number is within no limit
        const limit = LIMITED.find((name) => !(found[name] <= limits[name]));
        if (limit) throw tooComplex(limit, limits[limit]);
        extendContext({ cost: found.cost });
        const operation = getOperationAST(result, params.operationName);
        if (!operation) throw badRequest('operationName: expected the name of one of the operations.');
        if (!schema.getRootType(operation.operation))
          throw new ApiError('GRAPHQL_VALIDATION_FAILED', `There is no ${operation.operation} here.`);
        // A mutation by GET would run from any link (and from any page, were there cookies).
        if (request.method === 'GET' && operation.operation !== 'query')
          throw withHeaders('METHOD_NOT_ALLOWED', 'Only queries may be sent by GET.', { allow: 'POST' });
      };
    },
  };
};
