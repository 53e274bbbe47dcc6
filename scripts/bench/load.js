import { Client } from 'undici';

// The load generator, in a process of its own: every connection asks its requests in turn, the next as soon as the one
// before is answered. It receives the requests, and tells the number of answers and the time of each.

const isAnswer = (status, body) => status === 200 && body.includes('"data":{');

async function ask(client, { authorization, body }) {
  const headers = { 'content-type': 'application/json', authorization };
  const { statusCode, body: stream } = await client.request({ method: 'POST', path: '/graphql', headers, body });
  if (!isAnswer(statusCode, await stream.text())) throw new Error(`A request was refused with status ${statusCode}.`);
}

async function run({ origin, connections, seconds }) {
  const latencies = [];
  const begun = performance.now();
  const end = begun + seconds * 1_000;
  await Promise.all(
    connections.map(async (requests) => {
      const client = new Client(origin);
      for (let turn = 0; performance.now() < end; turn++) {
        const before = performance.now();
        await ask(client, requests[turn % requests.length]);
        latencies.push(performance.now() - before);
      }
      await client.close();
    }),
  );
  const elapsed = (performance.now() - begun) / 1_000;
  latencies.sort((a, b) => a - b);
  const quantile = (q) => latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))];
  return { requests: latencies.length, seconds: elapsed, p50: quantile(0.5), p99: quantile(0.99) };
}

process.on('message', (job) => {
  run(job).then(
    (outcome) => process.send?.({ outcome }),
    ({ message }) => process.send?.({ failed: message }),
  );
});
