import { createServer } from 'node:http';
import { createServerAdapter } from '@whatwg-node/server';
import { createLocalJWKSet } from 'jose';
import pino from 'pino';
import type * as Foundation from '../../src/gateway/foundation.ts';
import type * as Gateway from '../../src/gateway/gateway.ts';
import type * as Signing from '../../src/http/signing.ts';
import type * as Config from '../../src/process/config.ts';
import type { GatewayProcessOptions } from './processes.ts';

// A gateway in a process of its own, for tests that need several. It ends with SIGTERM, or with the test.

/** The program as it was compiled for the run: it starts sooner than from its sources. */
const compiled = (file: string) => import(new URL(`../../dist/${file}.js`, import.meta.url).href);
const { readConfig }: typeof Config = await compiled('process/config');
const { openFoundation }: typeof Foundation = await compiled('gateway/foundation');
const { createGateway }: typeof Gateway = await compiled('gateway/gateway');
const { openSigner, SIGNING_ALGORITHM }: typeof Signing = await compiled('http/signing');

const { socketPath, standsAt }: GatewayProcessOptions = JSON.parse(process.argv[2] ?? '');
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
    issuer: config.auth.issuer,
    audience: config.auth.audience,
    keys: createLocalJWKSet(jwks),
    algorithms: [SIGNING_ALGORITHM],
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
