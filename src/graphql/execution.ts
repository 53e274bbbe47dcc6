import { execute } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Executes with graphql-js itself, which answers fields in the order in which they were asked for.
 *
 * @see GraphQL specification, 7.2.2 (serialized map ordering)
 */
export const useReferenceExecution = (): Plugin => ({ onExecute: ({ setExecuteFn }) => setExecuteFn(execute) });
