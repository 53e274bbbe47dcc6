// @ts-check
import cluster from 'node:cluster';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import pino from 'pino';

// A small program of two workers that tell their process ids. While the file it is given is there, none can start.

/** @type {typeof import('../../src/process/workers.ts')} */
const { createWorkers } = await import(new URL('../../dist/process/workers.js', import.meta.url).href);

const [, , fault = ''] = process.argv;
const log = pino(pino.destination({ dest: 2, sync: true }));

if (cluster.isPrimary) {
  const port = await createWorkers(2, log).listen(0, '127.0.0.1');
  process.stdout.write(`${port}\n`);
} else {
  if (existsSync(fault)) process.exit(3);
  const server = createServer((_request, response) =>
    response.setHeader('connection', 'close').end(String(process.pid)),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
}
