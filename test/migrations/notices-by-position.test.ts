import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TakingBack } from '../../src/features/erasure/due.ts';
import { migrate } from '../../src/migrations/migrate.ts';
import { byPosition, type NoticeByTime, type ShownAt } from '../../src/migrations/notices-by-position.ts';
import type { DataCategory } from '../../src/policy/vocabulary.ts';
import { createClock } from '../support/clock.ts';
import { quiet } from '../support/store.ts';
import { createWorld, KEYS, member, partner, type TestWorld } from '../support/world.ts';
import { openWritten } from './support.ts';

const on = (day: number) => `2026-03-0${day}T12:00:00.000Z`;
const shown = (day: number, ...categories: DataCategory[]): ShownAt => ({
  ...{ recipient: 'offers', purpose: 'targeted-offers', position: 0, times: 1 },
  ...{ categories, at: on(day) },
});
const erased = (day: number, scope: TakingBack['scope']): TakingBack => ({ n: day, at: new Date(on(day)), scope });
const notice = (more: Partial<NoticeByTime>): NoticeByTime => ({
  ...{ _id: 'mark', recipient: 'offers', personId: 'pseudonym' },
  ...{ categories: [], everything: false, pending: false, at: new Date(on(5)), settledUntil: null },
  ...more,
});

test.each<{ name: string; was: NoticeByTime; seen: ShownAt[]; erasures: TakingBack[]; is: object }>([
  {
    name: 'one that waits keeps its categories outstanding',
    was: notice({ pending: true, categories: ['GENDER'] }),
    seen: [shown(1, 'GENDER'), shown(2, 'GENDER', 'NAME')],
    erasures: [erased(5, ['GENDER'])],
    is: { due: { GENDER: 2 }, settled: {} },
  },
  {
    name: 'one that waits for an erased person is about everything',
    was: notice({ pending: true, categories: ['NAME'], everything: true }),
    seen: [shown(1, 'NAME'), shown(2)],
    erasures: [erased(5, 'EVERYTHING')],
    is: { due: { NAME: 1, EVERYTHING: 2 }, settled: {} },
  },
  {
    name: 'an acknowledged one has settled the categories shown and erased before',
    was: notice({ settledUntil: new Date(on(5)) }),
    seen: [shown(1, 'GENDER', 'NAME'), shown(6, 'GENDER')],
    erasures: [erased(5, ['GENDER']), erased(7, ['NAME'])],
    is: { due: { GENDER: 1 }, settled: { GENDER: 1 } },
  },
  {
    name: 'one that waits again has settled the acknowledged part',
    was: notice({ pending: true, categories: ['GENDER'], settledUntil: new Date(on(5)), at: new Date(on(7)) }),
    seen: [shown(1, 'GENDER'), shown(6, 'GENDER')],
    erasures: [erased(5, ['GENDER']), erased(7, ['GENDER'])],
    is: { due: { GENDER: 2 }, settled: { GENDER: 1 } },
  },
  {
    name: 'one that waits stays outstanding if the books have no trace of it',
    was: notice({ pending: true, categories: ['GENDER'] }),
    seen: [],
    erasures: [],
    is: { due: { GENDER: 1 }, settled: {} },
  },
])('a notice by positions: $name', ({ was, seen, erasures, is }) => {
  const { settledUntil: _, ...kept } = was;
  expect(byPosition(was, seen, erasures)).toEqual({
    ...kept,
    since: kept.at,
    ask: 'ERASE',
    purpose: null,
    revision: 1,
    ...is,
  });
});

describe('rights.deletion: a deletion that an earlier version did not tell', () => {
  const clock = createClock('2026-11-22T09:00:00.000Z');
  let world: TestWorld;
  beforeAll(async () => {
    const store = await openWritten();
    // as if a response had shown the partner the photos, and was put on record after the deletion
    const database = store.connection.getClient().db(store.connection.name);
    await database.collection('erasure_notices').deleteMany({ recipient: 'heir' });
    await migrate({ store, ...KEYS, clock, log: quiet }, () => {});
    world = await createWorld({}, { store, clock });
  });
  afterAll(async () => {
    await world.close();
    await world.store.drop();
  });

  const ask = async (query: string, variables = {}, caller = partner('heir', 'succession', 'photos')) => {
    const { data, errors } = await world.ask(caller, query, variables);
    expect(errors).toEqual([]);
    return data;
  };
  const told = async () =>
    (await ask('{ erasureNotices { id asked categories everything } }')).erasureNotices.filter(
      ({ asked }: { asked: string }) => asked === 'ERASE',
    );

  test('is told after the migration, once', async () => {
    const [notice, ...others] = await told();
    expect([notice, ...others]).toMatchObject([{ categories: ['PHOTOS'], everything: false }]);
    await ask('mutation ($id: ID!) { acknowledgeErasure(id: $id) }', { id: notice.id });
    await world.gateway.sweep();
    expect(await told()).toEqual([]);
  });

  test('leads to a new notice of further deletions alone', async () => {
    await ask('mutation { deletePersonalData(categories: [CELL_PHONE]) { deleted } }', {}, member('ivy'));
    expect(await told()).toEqual([]);
  });
});
