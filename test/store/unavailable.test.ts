import mongoose from 'mongoose';
import { expect, test } from 'vitest';
import { isUnavailable } from '../../src/store/mongo/unavailable.ts';

const { mongo } = mongoose;

const network = new mongo.MongoNetworkError('connection closed');
const server = (code: number) => new mongo.MongoServerError({ code, message: 'refused' });
const bulk = (error: Error | { message: string; code: number }, writeConcernError?: object) =>
  new mongo.MongoBulkWriteError(error, { getWriteConcernError: () => writeConcernError } as never);
const pool = (name: string) => Object.defineProperty(new mongo.MongoDriverError('pool'), 'name', { value: name });

/** @see https://www.mongodb.com/docs/manual/reference/error-codes/ */
const OUTAGES: Readonly<Record<string, readonly number[]>> = {
  'a server that can’t be reached': [6, 7, 89, 145, 202, 317, 384, 9001],
  'a server that was too late': [24, 50, 262, 290, 407],
  'a server that is no primary': [94, 189, 216, 10058, 10107, 11602, 13435, 13436],
  'a server that shuts down': [91, 172, 333, 372, 11600],
  'a write that is not acknowledged': [64, 75, 79, 100, 217],
  'a read that is not proven': [133, 134, 148, 187],
  'an operation that was interrupted': [43, 175, 237, 279, 355, 453, 11601, 46841, 91331, 10045600],
  'data that moves between shards': [63, 149, 150, 249, 319, 342, 343, 406, 412, 13388, 56846],
  'a server with too much to do': [112, 365, 402, 433, 449, 450, 462],
  'a server that takes no writes for now': [371, 391, 14031],
};
test.each(
  Object.entries(OUTAGES).flatMap(([name, codes]) => codes.map((code) => ({ name, code }))),
)('$name means unavailable: error $code', ({ code }) => {
  expect(isUnavailable(server(code))).toBe(true);
  expect(isUnavailable(bulk(server(code)))).toBe(true);
  expect(isUnavailable(new Error('could not load', { cause: server(code) }))).toBe(true);
});

test.each([
  ['BadValue', 2],
  ['Unauthorized', 13],
  ['AuthenticationFailed', 18],
  ['IllegalOperation', 20],
  ['NamespaceNotFound', 26],
  ['CommandNotFound', 59],
  ['ShardKeyNotFound', 61],
  ['ImmutableField', 66],
  ['InvalidOptions', 72],
  ['DocumentValidationFailure', 121],
  ['BSONObjectTooLarge', 10334],
  ['DuplicateKey', 11000],
] as const)('a refusal is an answer: %s', (_, code) => {
  expect(isUnavailable(server(code))).toBe(false);
});

test.each([
  'RetryableWriteError',
  'RetryableError',
  'SystemOverloadedError',
])('an error of any code is unavailable with the label %s', (label) => {
  const error = new mongo.MongoServerError({ code: 999_999, message: 'later', errorLabels: [label] });
  expect(isUnavailable(error)).toBe(true);
});

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
