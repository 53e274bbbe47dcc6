import type { mongo } from 'mongoose';
import type { Store } from '../store/mongo/connection.ts';

/** A connection to the server, as `$currentOp` reports it. */
interface Connected {
  readonly clientMetadata?: {
    readonly application?: { readonly name?: string };
    readonly driver?: { readonly name?: string };
  };
}

/** Another program of this project uses the database, and this one needs it alone. */
export class NotAloneError extends Error {
  override readonly name = 'NotAloneError';
}

const UNAUTHORIZED = 13;

/** The number of connections that gateways hold: with a gateway's name, or without one as in the first versions. */
export const gatewaysAmong = (connections: readonly Connected[], ownName: string): number =>
  connections.filter(({ clientMetadata }) => {
    const name = clientMetadata?.application?.name;
    if (name === ownName) return false;
    return name === 'assent' || (name === undefined && clientMetadata?.driver?.name?.includes('Mongoose') === true);
  }).length;

/** Every connection to the server that the user of this one may see. */
async function findConnections({ connection }: Pick<Store, 'connection'>): Promise<Connected[]> {
  const admin = connection.getClient().db('admin');
  const ask = (whose: object) => admin.aggregate<Connected>([{ $currentOp: { ...whose, idleConnections: true } }]);
  return ask({ allUsers: true })
    .toArray()
    .catch((error: mongo.MongoServerError) => {
      if (error.code !== UNAUTHORIZED) throw error;
      return ask({}).toArray();
    });
}

/**
 * @param ownName  the application name of this program's connections
 * @throws {NotAloneError} a gateway is connected to the same server
 */
export async function requireAlone(store: Pick<Store, 'connection' | 'joined'>, ownName: string): Promise<void> {
  const others = store.joined || gatewaysAmong(await findConnections(store), ownName) > 0;
  if (others)
    throw new NotAloneError(
      'Another program uses the database: stop every gateway, then run this again. Where the other connections are ' +
        'surely no gateways, add --gateways-stopped.',
    );
}
