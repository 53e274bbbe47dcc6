import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Question {
  readonly agent?: Agent;
  readonly token?: string;
  readonly query?: string;
}

/** Asks a program over the network: for a page, or by POST where there is a query. */
export const send = (origin: string, target: string, { agent, token, query }: Question = {}) =>
  new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    request(
      new URL(target, origin),
      {
        ...(agent && { agent }),
        method: query === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      },
      (incoming) => {
        const { statusCode: status, headers } = incoming;
        text(incoming).then((body) => resolve({ status, headers, body }), reject);
      },
    )
      .on('error', reject)
      .end(query && JSON.stringify({ query }));
  });
