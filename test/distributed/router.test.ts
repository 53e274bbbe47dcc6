import { describe, expect, test } from 'vitest';
import type { Layout } from '../../src/store/mongo/collection-layout.ts';
import { refusalsOf, routesOf, type Sent } from '../support/router/router.ts';

const layout = (name: string, shardKey: Layout['shardKey']): [string, Layout] => [
  name,
  { name, indexes: [], shardKey },
];
const LAYOUTS = new Map([
  layout('people', { _id: 1 }),
  layout('posts', { sid: 1 }),
  layout('chain', { sid: 1, n: 1 }),
  layout('tombstones', null),
]);

const sent = (command: Sent['command']): Sent => ({ name: Object.keys(command)[0] ?? '', command });
const find = (collection: string, filter: object) => sent({ find: collection, filter });
const update = (collection: string, statement: object) => sent({ update: collection, updates: [statement] });
const remove = (collection: string, statement: object) => sent({ delete: collection, deletes: [statement] });
const $set = { text: 'hello' };

describe('a router in front of shards asks', () => {
  test.each([
    { name: 'one shard for an id', asked: find('people', { _id: 'a' }), target: 'ONE' },
    {
      name: 'one for an id among other conditions',
      asked: find('people', { $and: [{ a: 1 }, { _id: 'a' }] }),
      target: 'ONE',
    },
    { name: 'one for a single value of a list', asked: find('people', { _id: { $in: ['a'] } }), target: 'ONE' },
    { name: 'those of the beginning of a key', asked: find('chain', { sid: 'a', n: { $gt: 3 } }), target: 'SOME' },
    { name: 'one for a collection that is not spread', asked: find('tombstones', { mark: 'a' }), target: 'ONE' },
    { name: 'one for a collection without a known layout', asked: find('others', {}), target: 'ONE' },
    { name: 'those of some values', asked: find('people', { _id: { $in: ['a', 'b'] } }), target: 'SOME' },
    { name: 'those of a range', asked: find('people', { _id: { $gte: 'a', $lt: 'b' } }), target: 'SOME' },
    {
      name: 'those of values in alternatives',
      asked: find('people', { $or: [{ _id: 'a' }, { _id: 'b' }] }),
      target: 'SOME',
    },
    {
      name: 'every shard where an alternative names none',
      asked: find('people', { $or: [{ _id: 'a' }, { b: 1 }] }),
      target: 'EVERY',
    },
    { name: 'every shard for a range without an end', asked: find('people', { _id: { $gt: 'a' } }), target: 'EVERY' },
    { name: 'every shard for the rest of a key', asked: find('chain', { n: 3 }), target: 'EVERY' },
    { name: 'every shard for everything', asked: find('people', {}), target: 'EVERY' },
    {
      name: 'one for an aggregation that begins with an id',
      asked: sent({ aggregate: 'people', pipeline: [{ $match: { _id: 'a' } }, { $sort: { n: 1 } }] }),
      target: 'ONE',
    },
    {
      name: 'every shard for an aggregation that comes to an id later',
      asked: sent({ aggregate: 'people', pipeline: [{ $sort: { n: 1 } }, { $match: { _id: 'a' } }] }),
      target: 'EVERY',
    },
    {
      name: 'one for a document that is put in',
      asked: sent({ insert: 'people', documents: [{ _id: 'a' }] }),
      target: 'ONE',
    },
    { name: 'one for a change by the key', asked: update('posts', { q: { sid: 'a' }, u: { $set } }), target: 'ONE' },
    {
      name: 'every shard for a change by the id',
      asked: update('posts', { q: { _id: 'a' }, u: { $set } }),
      target: 'EVERY',
    },
  ])('$name', ({ asked, target }) => {
    expect(routesOf(asked, LAYOUTS).map((route) => route.target)).toEqual([target]);
  });
});

describe('a router in front of shards refuses', () => {
  test.each([
    {
      name: 'to find and change one document by its id alone',
      asked: sent({ findAndModify: 'posts', query: { _id: 'a' }, update: { $set } }),
    },
    {
      name: 'to find and change one document by a part of the key',
      asked: sent({ findAndModify: 'chain', query: { sid: 'a' }, update: { $set } }),
    },
    {
      name: 'to find and change one of some values',
      asked: sent({ findAndModify: 'people', query: { _id: { $in: ['a'] } }, update: { $set } }),
    },
    { name: 'an upsert without the key', asked: update('posts', { q: { _id: 'a' }, u: { $set }, upsert: true }) },
    { name: 'a change of one document by neither', asked: update('posts', { q: { text: 'a' }, u: { $set } }) },
    { name: 'a deletion of one document by neither', asked: remove('posts', { q: { text: 'a' }, limit: 1 }) },
    { name: 'a change of the key', asked: update('posts', { q: { sid: 'a' }, u: { $set: { sid: 'b' } } }) },
    {
      name: 'a path that takes the name of the key',
      asked: update('posts', { q: { sid: 'a' }, u: { $rename: { a: 'sid' } } }),
    },
    { name: 'a pipeline that takes the key away', asked: update('posts', { q: { sid: 'a' }, u: [{ $unset: 'sid' }] }) },
    { name: 'a replacement without the key', asked: update('posts', { q: { _id: 'a', sid: 'a' }, u: { text: 'a' } }) },
    { name: 'a document without the key', asked: sent({ insert: 'posts', documents: [{ _id: 'a' }] }) },
    {
      name: 'a document with a list for the key',
      asked: sent({ insert: 'posts', documents: [{ _id: 'a', sid: ['a'] }] }),
    },
    {
      name: 'a unique index that begins otherwise',
      asked: sent({ createIndexes: 'people', indexes: [{ key: { name: 1 }, unique: true }] }),
    },
    { name: 'a tailable cursor', asked: sent({ find: 'people', filter: {}, tailable: true }) },
    { name: '$out into a spread collection', asked: sent({ aggregate: 'tombstones', pipeline: [{ $out: 'people' }] }) },
    {
      name: 'a linearizable $merge',
      asked: sent({
        aggregate: 'tombstones',
        pipeline: [{ $merge: 'people' }],
        readConcern: { level: 'linearizable' },
      }),
    },
    { name: 'a command that only a member answers', asked: sent({ replSetGetStatus: 1 }) },
  ])('$name', ({ asked }) => {
    expect(refusalsOf(asked, LAYOUTS)).toHaveLength(1);
  });

  test.each([
    { name: 'a change of one document by its id', asked: update('posts', { q: { _id: 'a' }, u: { $set } }) },
    { name: 'a change of many by anything', asked: update('posts', { q: { text: 'a' }, u: { $set }, multi: true }) },
    {
      name: 'an upsert by the whole key',
      asked: update('chain', { q: { sid: 'a', n: 1 }, u: { $set }, upsert: true }),
    },
    { name: 'a replacement with the key', asked: update('posts', { q: { _id: 'a', sid: 'a' }, u: { sid: 'a' } }) },
    {
      name: 'to find and change by the key',
      asked: sent({ findAndModify: 'posts', query: { _id: 'a', sid: 'a' }, update: { $set } }),
    },
    {
      name: 'to find and take away by the key',
      asked: sent({ findAndModify: 'posts', query: { sid: 'a' }, remove: true }),
    },
    {
      name: 'a unique index that begins with the key',
      asked: sent({ createIndexes: 'chain', indexes: [{ key: { sid: 1, n: 1, x: 1 }, unique: true }] }),
    },
    {
      name: 'anything in a collection that is not spread',
      asked: update('tombstones', { q: { text: 'a' }, u: { $set }, upsert: true }),
    },
  ])('not $name', ({ asked }) => {
    expect(refusalsOf(asked, LAYOUTS)).toEqual([]);
  });
});
