import { type Answer, answerOf } from './answer.ts';
import { PATIENCE, type Patience, pauseBefore, type Refusal, standstillMs } from './patience.ts';
import { type TypedDocument, takesKey, textOf } from './typed-document.ts';

export interface ClientOptions {
  /** The address of the gateway: `https://privacy.example/graphql`. */
  readonly url: string;
  /**
   * Gives the token of the caller; null for a visitor. It is asked before each request.
   *
   * @param refused  the token that the gateway has just refused, once, so that another can be fetched
   */
  readonly token?: (refused?: string) => string | null | Promise<string | null>;
  readonly patience?: Partial<Patience>;
  /** In the place of the global one. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
}

export interface MutationOptions extends RequestOptions {
  /** That the mutation may be carried out twice: it sets something, and adds nothing. */
  readonly repeatable?: boolean;
}

type VariablesOf<Variables> = { readonly [Name in keyof Variables]: Variables[Name] };
type Given<Variables, Options> =
  Record<string, never> extends Variables
    ? [variables?: VariablesOf<Variables>, options?: Options]
    : [variables: VariablesOf<Variables>, options?: Options];

export interface AssentClient {
  /** Asks. A denial is part of the answer, and so is a fault; only a request that never reached the gateway throws. */
  readonly query: <Result, Variables = Record<string, unknown>>(
    document: TypedDocument<Result, Variables>,
    ...given: Given<Variables, RequestOptions>
  ) => Promise<Answer<Result>>;
  /**
   * Changes something. A document with the variable `$idempotencyKey` is given a key, and is sent again after an outage;
   * any other is sent once, unless it is repeatable or was refused before it was begun.
   */
  readonly mutate: <Result, Variables = Record<string, unknown>>(
    document: TypedDocument<Result, Variables>,
    ...given: Given<Variables, MutationOptions>
  ) => Promise<Answer<Result>>;
}

interface Call {
  readonly query: string;
  readonly variables: object;
  /** Whether it may be carried out twice. */
  readonly repeatable: boolean;
  readonly signal: AbortSignal | undefined;
}

const NO_HEADERS = new Headers();

const pause = (ms: number, signal: AbortSignal | undefined) =>
  new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });

/** A client of one gateway, for one caller. It keeps nothing. */
export function createClient(options: ClientOptions): AssentClient {
  const { url, token = () => null, fetch: send = (to, init) => fetch(to, init) } = options;
  const patience = { ...PATIENCE, ...options.patience };
  /** Until when the limit of the caller is used up. */
  let standstill = 0;

  const post = async ({ query, variables, signal }: Call, bearer: string | null) => {
    const wait = standstill - Date.now();
    if (wait > 0) await pause(Math.min(wait, patience.longestMs), signal);
    const response = await send(url, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json, application/json',
        'content-type': 'application/json',
        'assent-denials': 'include',
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify({ query, variables }),
      ...(signal && { signal }),
    });
    standstill = Math.max(standstill, Date.now() + standstillMs(response.headers));
    return response;
  };

  /** The answer, and its advice to a client that would ask again. */
  const ask = async <Result>(
    call: Call,
    refused?: string,
  ): Promise<{ answer: Answer<Result>; refusal: Refusal | null }> => {
    const bearer = await token(refused);
    const response = await post(call, bearer);
    const { headers, status } = response;
    const body = await response.json().catch(() => null);
    const answer = answerOf<Result>(
      body ?? {
        errors: [{ message: `HTTP ${status}`, extensions: { code: status >= 500 ? 'UNAVAILABLE' : 'BAD_REQUEST' } }],
      },
    );
    const [fault] = answer.faults;
    if (fault?.code === 'UNAUTHENTICATED' && bearer !== null && refused === undefined) return ask(call, bearer);
    return { answer, refusal: fault ? { code: fault.code, headers } : null };
  };

  /** A mutation that was refused by its rate was not begun. */
  const mayRepeat = ({ repeatable }: Call, { code }: Refusal, answer: Answer<unknown> | null) =>
    repeatable || (code === 'RATE_LIMITED' && answer?.data === null);

  const run = async <Result>(call: Call): Promise<Answer<Result>> => {
    for (let attempt = 1; ; attempt++) {
      const outcome = await ask<Result>(call).catch((error: unknown) => {
        if (call.signal?.aborted) throw error;
        return { answer: null, refusal: { code: 'UNAVAILABLE', headers: NO_HEADERS }, error };
      });
      const { answer, refusal } = outcome;
      const ms = refusal && mayRepeat(call, refusal, answer) ? pauseBefore(patience, refusal, attempt) : null;
      if (ms === null && answer) return answer;
      if (ms === null) throw (outcome as { readonly error: unknown }).error;
      await pause(ms, call.signal);
    }
  };

  return {
    query: (document, ...[variables = {}, { signal } = {}]) =>
      run({ query: textOf(document), variables, repeatable: true, signal }),
    mutate: (document, ...[variables = {}, { signal, repeatable = false } = {}]) => {
      const query = textOf(document);
      const keyed = takesKey(query) ? { idempotencyKey: crypto.randomUUID(), ...variables } : null;
      return run({ query, variables: keyed ?? variables, repeatable: repeatable || keyed !== null, signal });
    },
  };
}
