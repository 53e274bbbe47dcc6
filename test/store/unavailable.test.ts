import mongoose from 'mongoose';
import { expect, test } from 'vitest';
import { isUnavailable } from '../../src/store/unavailable.ts';

const { mongo } = mongoose;

const network = new mongo.MongoNetworkError('connection closed');
const server = (code: number) => new mongo.MongoServerError({ code, message: 'refused' });
const bulk = (error: Error | { message: string; code: number }, writeConcernError?: object) =>
  new mongo.MongoBulkWriteError(error, { getWriteConcernError: () => writeConcernError } as never);
const pool = (name: string) => Object.defineProperty(new mongo.MongoDriverError('pool'), 'name', { value: name });

test.each([
  { name: 'a lost connection', error: network, unavailable: true },
  { name: 'a silent connection', error: new mongo.MongoNetworkTimeoutError('timed out'), unavailable: true },
  {
    name: 'no server to select',
    error: new mongo.MongoServerSelectionError('timed out', { type: 'Unknown' } as never),
    unavailable: true,
  },
  { name: 'a closed client', error: new mongo.MongoClientClosedError(), unavailable: true },
  { name: 'a closed topology', error: new mongo.MongoTopologyClosedError(), unavailable: true },
  { name: 'a driver time limit', error: new mongo.MongoOperationTimeoutError('too late'), unavailable: true },
  { name: 'a read over its time limit', error: server(50), unavailable: true },
  { name: 'a write concern timeout', error: server(64), unavailable: true },
  { name: 'a primary that stepped down', error: server(189), unavailable: true },
  { name: 'a server that is no primary', error: server(10107), unavailable: true },
  { name: 'a server that shuts down', error: server(11600), unavailable: true },
  {
    name: 'a write without its acknowledgements',
    error: new mongo.MongoWriteConcernError({ ok: 1, writeConcernError: { code: 64, errmsg: 'waiting timed out' } }),
    unavailable: true,
  },
  { name: 'a bulk write cut off', error: bulk(network), unavailable: true },
  {
    name: 'a bulk write with a duplicate and without its acknowledgements',
    error: bulk({ message: 'duplicate', code: 11000 }, {}),
    unavailable: true,
  },
  { name: 'a broken pipe', error: Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }), unavailable: true },
  {
    name: 'a name that does not resolve',
    error: Object.assign(new Error('querySrv ENOTFOUND'), { code: 'ENOTFOUND', syscall: 'querySrv' }),
    unavailable: true,
  },
  { name: 'a full pool', error: pool('MongoWaitQueueTimeoutError'), unavailable: true },
  { name: 'a cause deeper down', error: new Error('could not load', { cause: network }), unavailable: true },
  { name: 'a duplicate key', error: server(11000), unavailable: false },
  { name: 'a bulk write with a duplicate', error: bulk({ message: 'duplicate', code: 11000 }), unavailable: false },
  { name: 'a document that fails its schema', error: new mongoose.Error.ValidationError(), unavailable: false },
  { name: 'an address that is not one', error: new mongo.MongoParseError('bad address'), unavailable: false },
  { name: 'a fault of our own', error: new TypeError('undefined'), unavailable: false },
  { name: 'a missing file', error: Object.assign(new Error('no file'), { code: 'ENOENT' }), unavailable: false },
  { name: 'something thrown that is no error', error: 'MongoNetworkError', unavailable: false },
  { name: 'nothing', error: undefined, unavailable: false },
])('$name means unavailable: $unavailable', ({ error, unavailable }) => {
  expect(isUnavailable(error)).toBe(unavailable);
});
