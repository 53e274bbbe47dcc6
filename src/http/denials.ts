import type { Plugin } from 'graphql-yoga';
import type { ErrorCode } from '../base/errors.ts';

/** The request header by which a client asks for denials as data: `Assent-Denials: include`. */
export const DENIALS_HEADER = 'assent-denials';

interface Told {
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** A denial stands at a place of the answer; an error without a place is one of the whole request. */
const isDenial = ({ path, extensions }: Told) =>
  path !== undefined && extensions?.code === ('FORBIDDEN' satisfies ErrorCode);

/**
 * Tells the denials of an answer once more under `extensions.denials`, for clients that throw at the first of its
 * `errors`. A denial there holds the same as its error, no more; a fault is no denial. Stands behind the table of
 * errors.
 */
export const useDenials = (): Plugin => ({
  onResultProcess({ request, result, setResult }) {
    if (request.headers.get(DENIALS_HEADER) !== 'include' || !('data' in result)) return;
    const errors: readonly Told[] = result.errors ?? [];
    const denials = errors.filter(isDenial).map(({ path, extensions }) => ({ path, ...extensions }));
    setResult({ ...result, extensions: { ...result.extensions, denials } });
  },
  onResponse({ response }) {
    response.headers.append('vary', DENIALS_HEADER);
  },
});
