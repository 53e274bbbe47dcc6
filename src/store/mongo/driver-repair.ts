import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

// The driver (7.8) waits for a full socket to drain. A closing socket never drains, so that a command on it would wait
// for ever and keep its place in the pool. This repair wakes the waiting commands when the connection closes; the
// driver then finds the connection's error by itself.

interface DriverConnection {
  readonly socket: EventEmitter;
  cleanup(error: Error): void;
}

// the copy of the driver that mongoose uses
const requireOfMongoose = createRequire(createRequire(import.meta.url).resolve('mongoose'));
const { Connection } = requireOfMongoose('mongodb/lib/cmap/connection.js') as {
  Connection: { readonly prototype: DriverConnection };
};

const { cleanup } = Connection.prototype;
if (typeof cleanup !== 'function')
  throw new Error('This version of the MongoDB driver closes connections in another way');

Connection.prototype.cleanup = function (error) {
  cleanup.call(this, error);
  this.socket.emit('drain');
};
