import cluster from 'node:cluster';
import { createGatewayInTime } from '../gateway/gateway-in-time.ts';
import { GRAPHQL_ENDPOINT } from '../gateway/pipeline.ts';
import { readTrustedDocuments } from '../http/guards/trusted-documents.ts';
import { createHttpServer } from '../http/server.ts';
import { createLog } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { exposeTogether } from '../telemetry/worker-metrics.ts';
import { seedDemoWorld } from '../world/demo-seed.ts';
import { isDevelopment } from '../world/marker.ts';
import { awaitFoundation } from './await-foundation.ts';
import type { Config } from './config.ts';
import { createExplorer } from './explorer.ts';
import { endOnSignal, failOnFault, startSweeping } from './life-cycle.ts';
import { openProvider } from './provider.ts';
import { startHint } from './start-hint.ts';
import { createWorkers } from './workers.ts';

const NOTHING_TO_SWEEP: { readonly stop: () => Promise<void> } = { stop: async () => {} };

/**
 * Opens a gateway and the server in front of it: one in this process, or workers, each of which does the same again.
 * Only a process that is not a worker does the work that is done once for all.
 *
 * @param tell says a line to the person at the terminal
 */
export async function start(config: Config, workers: number, tell: (line: string) => void): Promise<void> {
  const { isWorker } = cluster;
  const log = createLog({ level: config.logLevel, sync: false });
  const documents = config.trustedDocuments === undefined ? null : await readTrustedDocuments(config.trustedDocuments);
  if (config.production && config.publicUrl === undefined && !isWorker)
    log.warn('PUBLIC_URL is not set: links in mails lead to the host that a request names.');
  const foundation = await awaitFoundation(config, log);
  const { store } = foundation;
  const { signer, auth } = await openProvider(config, foundation.table);
  if (!config.production && !isWorker) await seedDemoWorld(foundation, log);

  const explorable = config.graphiql && signer !== null && !config.production && (await isDevelopment(store));
  const reached = config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl };
  const { ownIssuer } = config.auth;
  const gateway = createGatewayInTime({
    ...foundation,
    ...reached,
    ...(ownIssuer !== undefined && { ownIssuer }),
    ...(config.metrics && { metrics: createMetrics(store, isWorker ? exposeTogether : undefined) }),
    traces: config.traces,
    reach: config.reach,
    log,
    auth,
    guards: { ...config.guards, documents, together: isWorker },
    routes: config.graphiql ? createExplorer(foundation, explorable ? signer : null, reached) : [],
  });
  const server = workers === 1 || isWorker ? createHttpServer(gateway.fetch) : createWorkers(workers, log);
  let sweeping = NOTHING_TO_SWEEP;
  failOnFault(log);
  // before anything is answered: a supervisor may end the gateway as soon as it is ready
  endOnSignal({ server, sweeping: { stop: () => sweeping.stop() }, gateway, store }, config.leave, log);
  const port = await server.listen(config.port, config.host);
  gateway.goOnUnder(await foundation.recordPolicy());
  if (!isWorker) sweeping = startSweeping(gateway, log);
  if (isWorker) return;

  const address = `http://${config.host}:${port}${GRAPHQL_ENDPOINT}`;
  tell(`Assent is listening on ${address}`);
  if (explorable) startHint(config, port, address, foundation.table.current.vocabulary).forEach(tell);
}
