import { problem } from './json.ts';
import { pathOf } from './path.ts';

type Handler = (request: Request) => Promise<Response | null>;

/** The handlers of a path, by method. A HEAD comes here as the GET that it asks about. */
export interface Methods {
  readonly GET?: Handler;
  readonly POST?: Handler;
}

const METHODS = ['GET', 'POST'] as const;

const allowOf = (methods: Methods) =>
  METHODS.flatMap((method) => (methods[method] ? (method === 'GET' ? ['GET', 'HEAD'] : [method]) : [])).join(', ');

/**
 * Answers a request at a path that is there.
 *
 * @returns the answer of the handler of its method; 405 with `Allow` for a method that the path does not take
 * @see RFC 9110, 15.5.6
 */
export async function answerByMethod(request: Request, methods: Methods): Promise<Response | null> {
  const method = METHODS.find((known) => known === request.method);
  const handle = method && methods[method];
  if (handle) return handle(request);
  const allow = allowOf(methods);
  return problem(405, `Use ${allow}.`, { allow });
}

/** Routes of fixed paths. They answer null for any other path. */
export function createRoutes(routes: Readonly<Record<string, Methods>>): Handler {
  const byPath = new Map(Object.entries(routes));
  return async (request) => {
    const methods = byPath.get(pathOf(request));
    return methods ? answerByMethod(request, methods) : null;
  };
}

/** The requests that came as a HEAD, and are answered as a GET. */
const heads = new WeakSet<Request>();

/** The method by which a request came. */
export const methodOf = (request: Request): string => (heads.has(request) ? 'HEAD' : request.method);

/**
 * Answers a HEAD as the GET of the same address, without the body. All that the GET would do is done and put on
 * record.
 *
 * @see RFC 9110, 9.3.2
 */
export const answerHead =
  <Rest extends readonly unknown[]>(answer: (request: Request, ...rest: Rest) => Promise<Response>) =>
  async (request: Request, ...rest: Rest): Promise<Response> => {
    if (request.method !== 'HEAD') return answer(request, ...rest);
    const get = new Request(request.url, { headers: [...request.headers] });
    heads.add(get);
    const { status, headers, body } = await answer(get, ...rest);
    await body?.cancel();
    return new Response(null, { status, headers: [...headers] });
  };
