// @ts-check
import { createServer } from 'node:http';
import { createServerAdapter } from '@whatwg-node/server';
import { createLocalJWKSet } from 'jose';
import pino from 'pino';

// A gateway in a process of its own, for tests that need several. It ends with SIGTERM, or with the test. The program is
// the one that was compiled for the run, and this file is no TypeScript: a loader that compiles takes longer than all else.

/** @type {typeof import('../../src/process/config.ts')} */
const { readConfig } = await compiled('process/config');
/** @type {typeof import('../../src/gateway/foundation.ts')} */
const { openFoundation } = await compiled('gateway/foundation');
/** @type {typeof import('../../src/gateway/gateway.ts')} */
const { createGateway } = await compiled('gateway/gateway');
/** @type {typeof import('../../src/http/authenticate.ts')} */
const { plainIssuer } = await compiled('http/authenticate');
/** @type {typeof import('../../src/http/signing.ts')} */
const { openSigner } = await compiled('http/signing');
/** @type {typeof import('../../src/base/algorithms.ts')} */
const { SIGNING_ALGORITHM } = await compiled('base/algorithms');

/** @type {import('./processes.ts').GatewayProcessOptions} */
const { socketPath, standsAt } = JSON.parse(process.argv[2] ?? '');
const clock = standsAt === undefined ? null : { now: () => new Date(standsAt) };
const log = pino({ level: 'error' });

const config = readConfig(process.env);
const foundation = await openFoundation(config, clock, log);
const { store } = foundation;
const { jwks } = await openSigner(config.dataDir, config.auth);
const gateway = createGateway({
  ...foundation,
  log,
  auth: {
    issuers: [plainIssuer({ ...config.auth, keys: createLocalJWKSet(jwks), algorithms: [SIGNING_ALGORITHM] })],
    jwks,
  },
  guards: { rates: { caller: 0, partner: 0 } },
});
// its clients keep their connections open, however long they have to wait for their turn
const server = createServer({ keepAliveTimeout: 0 }, createServerAdapter(gateway.fetch));

const stop = async () => {
  server.closeAllConnections();
  server.close();
  await gateway.close();
  await store.close();
  process.exit();
};
process.once('SIGTERM', stop);
process.once('disconnect', () => process.exit(1));
server.listen(socketPath, () => process.send?.('listening'));

/** @param {string} file  without its ending */
function compiled(file) {
  return import(new URL(`../../dist/${file}.js`, import.meta.url).href);
}
