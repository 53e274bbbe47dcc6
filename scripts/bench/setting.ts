import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openSigner } from '../../src/http/signing.ts';
import { readConfig } from '../../src/process/config.ts';
import type { Shot } from './contestants.ts';
import type { Operation, Question } from './operations.ts';

const HOUR = 3_600_000;

/** Everything runs in its production configuration, where tokens are an identity provider's: this one. */
export async function startProvider(dataDir: string) {
  const { auth } = readConfig({});
  const signer = await openSigner(dataDir, auth);
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(signer.jwks));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const tokens = new Map<string, Promise<string>>();
  return {
    url: `http://127.0.0.1:${port}/`,
    /** One token for each caller. */
    token: (caller: Question['caller']) => {
      const key = JSON.stringify(caller);
      const now = new Date();
      const token = tokens.get(key) ?? signer.sign(caller, now, new Date(now.getTime() + 12 * HOUR));
      tokens.set(key, token);
      return token;
    },
    stop: () => server.close(),
  };
}

/** The environment in which everybody runs: in production, and asked as often as can be. */
export const settingOf = (mongoUri: string, dataDir: string, jwksUrl: string) => ({
  NODE_ENV: 'production',
  MONGODB_URI: mongoUri,
  DATA_DIR: dataDir,
  LOG_LEVEL: 'warn',
  AUTH_JWKS_URL: jwksUrl,
  PUBLIC_URL: 'https://assent.example',
  KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  RATE_LIMIT: '0',
  RATE_LIMIT_PARTNER: '0',
});

export type ShotsOf = (operation: Operation) => Promise<Shot[][]>;

/** The requests of an operation, ready to be sent, for each connection. */
export const createShots =
  (tokenOf: (caller: Question['caller']) => Promise<string>): ShotsOf =>
  (operation) =>
    Promise.all(
      operation.connections.map((questions) =>
        Promise.all(
          questions.map(async ({ caller, ...body }) => ({
            authorization: `Bearer ${await tokenOf(caller)}`,
            body: JSON.stringify(body),
          })),
        ),
      ),
    );
