import cluster from 'node:cluster';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLocalJWKSet } from 'jose';
import type { Logger } from 'pino';
import { ClassificationError } from './enforcement/classification.ts';
import { createPartners } from './features/partners/partners.ts';
import { type Foundation, openFoundation } from './gateway/foundation.ts';
import { createGateway, GRAPHQL_ENDPOINT } from './gateway/gateway.ts';
import { createPersonaRoutes } from './http/graphiql/personas.ts';
import { createExplorerRoutes } from './http/graphiql/routes.ts';
import { readTrustedDocuments, TrustedDocumentsError } from './http/guards/trusted-documents.ts';
import { openRemoteKeys } from './http/remote-keys.ts';
import { createHttpServer } from './http/server.ts';
import { openSigner, SIGNING_ALGORITHM } from './http/signing.ts';
import { DatabaseFormError } from './migrations/form.ts';
import { PolicyError } from './policy/load.ts';
import { type Config, ConfigError, readConfig, readWorkers } from './process/config.ts';
import { createCast } from './process/development.ts';
import { endOnSignal, failOnFault, startSweeping } from './process/life-cycle.ts';
import { startHint } from './process/start-hint.ts';
import { createWorkers, NoWorkerError } from './process/workers.ts';
import { createBlindIndex } from './store/derive.ts';
import { DataDirectoryError } from './store/local-secret.ts';
import { isUnavailable } from './store/mongo/connection.ts';
import { UnsupportedServerError } from './store/mongo/server-version.ts';
import { KeyEncryptionKeyError } from './store/secrets.ts';
import { partnerPseudonyms } from './subject/identifiers.ts';
import { personModel } from './subject/model.ts';
import { createPeople } from './subject/people.ts';
import { createPublicIds } from './subject/public-ids.ts';
import { createLog } from './telemetry/logger.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { exposeTogether } from './telemetry/worker-metrics.ts';
import { seedDemoWorld } from './world/demo-seed.ts';
import { isDevelopment } from './world/marker.ts';

/** Algorithms that tokens of an identity provider may be signed with: asymmetric ones alone. */
const PROVIDER_ALGORITHMS = ['EdDSA', 'ES256', 'ES384', 'PS256', 'PS384', 'RS256'];

const SLOW_MS = 2_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

const HELP = `usage: npm start [-- --workers N]
Starts the gateway: over MONGODB_URI, or over a database of its own in DATA_DIR.
  --workers N  processes that answer on one port, 1 to 64; 1 where nothing is said
  --help       says this
  --version    says the version
README.md lists the variables of the environment.`;

const NOTHING_TO_SWEEP: { readonly stop: () => Promise<void> } = { stop: async () => {} };

const tell = (line: string) => process.stdout.write(`${line}\n`);

async function openAuth({ auth: { issuer, audience, jwksUrl }, dataDir }: Config) {
  const common = { issuer, audience };
  if (jwksUrl !== undefined) {
    const keys = openRemoteKeys(jwksUrl);
    return { signer: null, auth: { ...common, keys, algorithms: PROVIDER_ALGORITHMS, jwks: null } };
  }
  const signer = await openSigner(dataDir, common);
  const keys = createLocalJWKSet(signer.jwks);
  return { signer, auth: { ...common, keys, algorithms: [SIGNING_ALGORITHM], jwks: signer.jwks } };
}

/** Who may be played on a development database: the two people that the documentation speaks of, or any two. */
const findPlayers =
  ({ store, sharedSecret }: Foundation) =>
  async () => {
    const publicIds = createPublicIds(store, createBlindIndex(sharedSecret));
    const players = await createPeople(store, publicIds).findByPublicIds(['u1', 'u2']);
    if (players.length === 2) return players.sort((a, b) => a.publicId.localeCompare(b.publicId));
    return personModel(store.connection)
      .find({}, null, { ...store.read, sort: { _id: 1 }, limit: 2, lean: true })
      .exec();
  };

/** Waits for a database that is not there yet, and says so. */
async function awaitFoundation(config: Config, log: Logger): Promise<Foundation> {
  const patience = setTimeout(() => log.info('Waiting for the database.'), SLOW_MS);
  try {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS))
      try {
        return await openFoundation(config, null, log);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        log.warn(
          { reason: (error as Error).name },
          `The database cannot be reached yet; next try in ${pause / 1000} s.`,
        );
        await sleep(pause);
      }
  } finally {
    clearTimeout(patience);
  }
}

/**
 * Opens a gateway and what answers through it: a server of this process's own, or workers, each of which does the same
 * again. What is done once for all is done by whoever is no worker.
 */
async function start(config: Config, workers: number): Promise<void> {
  const { isWorker } = cluster;
  const log = createLog({ level: config.logLevel, sync: false });
  const documents = config.trustedDocuments === undefined ? null : await readTrustedDocuments(config.trustedDocuments);
  if (config.production && config.publicUrl === undefined && !isWorker)
    log.warn('PUBLIC_URL is not set: links in mails lead to the host that a request names.');
  const foundation = await awaitFoundation(config, log);
  const { store, clock, table, sharedSecret } = foundation;
  if (!config.production && !isWorker) await seedDemoWorld(foundation, log);

  const { signer, auth } = await openAuth(config);
  const explorable = config.graphiql && signer !== null && !config.production && (await isDevelopment(store));
  const listPersonas = createCast({
    table,
    partners: createPartners(store),
    findPeople: findPlayers(foundation),
    pseudonymsOf: partnerPseudonyms(sharedSecret),
  });
  const reached = config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl };
  const explorer = createExplorerRoutes({
    endpoint: GRAPHQL_ENDPOINT,
    ...reached,
    ...(explorable && { listPersonas }),
  });
  const personas = explorable ? [createPersonaRoutes({ listPersonas, sign: signer.sign, clock, ...reached })] : [];

  const gateway = createGateway({
    ...foundation,
    ...reached,
    ...(config.metrics && { metrics: createMetrics(store, isWorker ? exposeTogether : undefined) }),
    traces: config.traces,
    log,
    auth,
    guards: { ...config.guards, documents, together: isWorker },
    routes: config.graphiql ? [explorer, ...personas] : [],
  });
  const server = workers === 1 || isWorker ? createHttpServer(gateway.fetch) : createWorkers(workers, log);
  let sweeping = NOTHING_TO_SWEEP;
  failOnFault(log);
  // before anything is answered: a supervisor may end the gateway as soon as it is ready
  endOnSignal({ server, sweeping: { stop: () => sweeping.stop() }, gateway, store }, config.leave, log);
  const port = await server.listen(config.port, config.host);
  await foundation.recordPolicy();
  if (!isWorker) sweeping = startSweeping(gateway, log);
  if (isWorker) return;

  const address = `http://${config.host}:${port}${GRAPHQL_ENDPOINT}`;
  tell(`Assent is listening on ${address}`);
  if (explorable) startHint(config, port, address).forEach(tell);
}

/** Faults that a person can mend are told in their own words; any other with all that helps to find it. */
const isMendable = (error: unknown): error is Error =>
  error instanceof ConfigError ||
  error instanceof PolicyError ||
  error instanceof ClassificationError ||
  error instanceof TrustedDocumentsError ||
  error instanceof DatabaseFormError ||
  error instanceof KeyEncryptionKeyError ||
  error instanceof DataDirectoryError ||
  (error instanceof Error && (error as NodeJS.ErrnoException).code === 'EADDRINUSE') ||
  error instanceof UnsupportedServerError ||
  (error instanceof Error && error.name === 'EmbeddedUnavailableError');

const INFORMATION: Readonly<Record<string, () => Promise<string>>> = {
  '--help': async () => HELP,
  '--version': async () =>
    JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')).version as string,
};

try {
  const args = process.argv.slice(2);
  const inform = INFORMATION[args.find((arg) => Object.hasOwn(INFORMATION, arg)) ?? ''];
  if (inform) tell(await inform());
  else await start(readConfig(process.env), readWorkers(args));
} catch (error) {
  if (!(error instanceof NoWorkerError))
    process.stderr.write(`Assent can't start.\n${isMendable(error) ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
