import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

/** Takes webhooks. A message says no more than that it is time to poll: what it tells waits among the events. */
export function createReceiver(secret, poll) {
  const webhook = new Webhook(secret);
  return createServer(async (request, response) => {
    try {
      webhook.verify(Buffer.concat(await request.toArray()), request.headers);
    } catch {
      return response.writeHead(400).end();
    }
    response.writeHead(204).end();
    poll();
  });
}
