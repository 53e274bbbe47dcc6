import { createExchange, type ExchangeOptions, type Failed } from '../../base/outbound.ts';

/** The outcome of one attempt at sending. */
export type Answer =
  /** `retryAfter` is the header as it came. */
  { readonly status: number; readonly retryAfter: string | null } | Failed;

/** Sends a message to an address that somebody else has chosen. It never throws. */
export type Post = (message: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Cuts the attempt off. */
  readonly signal: AbortSignal;
}) => Promise<Answer>;

/** So much of an answer is taken before the connection is closed, in bytes; none of it is kept. */
const MOST_READ = 16_384;

/** Sends to public addresses alone. */
export function createPost(options: ExchangeOptions): Post {
  const exchange = createExchange(options);
  return async ({ headers, body, ...message }) => {
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const answer = await exchange({
      ...{ method: 'POST', mostRead: MOST_READ, headers: { ...headers, ...length }, body },
      ...message,
    });
    if ('failure' in answer) return answer;
    return { status: answer.status, retryAfter: answer.headers['retry-after'] ?? null };
  };
}
