import { execFile } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { layoutOf } from '../../src/gateway/layout.ts';
import { createPersonLedger, type PersonEntry } from '../../src/ledger/chain/person-chain.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { prepareIndexes } from '../../src/store/mongo/collection-layout.ts';
import { UnsupportedServerError } from '../../src/store/mongo/server-version.ts';
import { createChanges } from '../../src/subject/change.ts';
import { eachWithReplicaSet } from '../support/each-set.ts';
import { until } from '../support/engines.ts';
import { spawnMain } from '../support/main-process.ts';
import type { Member } from '../support/replica-set/member.ts';
import type { ReplicaSet, Request } from '../support/replica-set/replica-set.ts';
import { openSetStore, quiet, type TestStore } from '../support/store.ts';
import { wordsWith } from '../support/words.ts';
import { createWorld, member, type TestWorld } from '../support/world.ts';
import { weaken } from './stage.ts';

const WORLD = { users: [0, 1, 2].map((n) => ({ id: `p${n}`, avatarName: `Avatar ${n}`, country: 'US' })) };
const self = member('p0');
/** As a gateway writes to a replica set, but for how long it waits. */
const SOON_OVER = { w: 'majority', j: true, wtimeoutMS: 500 } as const;
const act = (give: boolean) =>
  `mutation { ${give ? 'giveConsent' : 'withdrawConsent'}(purpose: "targetedOffers") { ledgerEntry { number hash } } }`;

let set: ReplicaSet;
const closing = eachWithReplicaSet((next) => {
  set = next;
});

const open = async (app: string) => closing(await openSetStore(set, app));

describe('an act that a primary gives up', () => {
  let world: TestWorld;
  beforeEach(async () => {
    const store = await open('gateway');
    world = await createWorld(WORLD, { store: { ...store, write: SOON_OVER } });
  });
  afterEach(() => world.close());

  const waits = { find: 'people', filter: { 'ledger.outbox.n': { $gt: 0 } } };
  const waitingAt = async (primary: Member): Promise<PersonEntry[]> => {
    const { cursor } = await primary.engine.ask('test', waits);
    return cursor.firstBatch.flatMap((person: { ledger: { outbox: PersonEntry[] } }) => person.ledger.outbox);
  };

  /**
   * A sweep meets an act that its primary hands on to nobody, and the primary ends at the next step of the sweep.
   *
   * @returns the entry of the act, which is given up
   */
  async function sweepInto(sweeper: TestStore): Promise<PersonEntry> {
    for (const give of [true, false]) expect((await world.ask(self, act(give))).errors).toEqual([]);
    const ledger = createPersonLedger(sweeper);
    const changes = createChanges({ store: sweeper, ledger, clock: world.clock, log: quiet });
    await world.gateway.sweep();

    await set.settled();
    // from the act itself on, the primary hands nothing on any more
    const isAct = ({ name, app }: Request) => name === 'findAndModify' && app === 'gateway';
    set.faults.add({
      when: (request) => {
        if (isAct(request)) set.hold();
        return false;
      },
      by: 0,
    });
    const old = set.primary();
    expect((await world.ask(self, act(true))).errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
    const [given, ...others] = await waitingAt(old);
    expect(others).toEqual([]);

    // the search for people is answered; the next step is a read that asks for proof, or a write to the ledger
    let steps = 0;
    const isNext = ({ name, app, command }: Request) =>
      app === 'sweeper' && (name === 'insert' || command.readConcern?.level === 'linearizable');
    set.faults.add({
      when: (request) => {
        if (!isNext(request) || ++steps > 1) return false;
        set.crash(old.id);
        void set.elect(1);
        set.release();
        return true;
      },
      by: 'BREAKING_BEFORE',
    });
    await changes.settleLeftovers().catch(() => {});
    set.faults.clear();
    expect(steps).toBeGreaterThan(0);
    set.restart(old.id);
    await set.settled();
    return given as PersonEntry;
  }

  /** The hash of the entry that the ledger holds in the place of this one. */
  const heldFor = async ({ _id }: PersonEntry) => {
    const { cursor } = await set.primary().engine.ask('test', { find: 'person_ledger', filter: { _id } });
    return cursor.firstBatch[0]?.hash;
  };

  test('never comes to the ledger, though a sweep runs into the failover', async () => {
    const sweeper = await open('sweeper');
    const given = await sweepInto(sweeper);
    expect(await heldFor(given)).toBeUndefined();
    expect((await verify(sweeper)).faults).toEqual([]);
    for (let n = 0; n < 36; n++) expect((await world.ask(self, act(n % 2 === 0))).errors).toEqual([]);
    await until(async () => (await waitingAt(set.primary())).length === 0);
    expect(await verify(sweeper)).toMatchObject({ faults: [] });
  });

  test('would come to the ledger by a sweep with unproven reads: so the test above can fail', async () => {
    const sweeper = await open('sweeper');
    const given = await sweepInto({ ...sweeper, read: weaken(sweeper).read });
    expect(await heldFor(given)).toBe(given.hash);
    expect((await verify(sweeper)).faults).toMatchObject([{ entry: given._id }]);
  });

  test('is never answered with an INTERNAL error: every error of the server about it is an outage', async () => {
    const codes = [6, 50, 64, 91, 133, 134, 187, 189, 262, 10107, 11600, 11602, 13435];
    for (const name of ['find', 'findAndModify'])
      for (const by of codes) {
        const fault = { when: (request: { name: string }) => request.name === name, by };
        set.faults.add(fault);
        const { status, data, errors } = await world.ask(self, act(true));
        set.faults.delete(fault);
        expect({ name, by, status, data, code: errors[0]?.extensions.code }).toEqual({
          ...{ name, by, status: 503, data: undefined, code: 'UNAVAILABLE' },
        });
      }
  }, 120_000);
});

describe('a gateway alone with an old primary', () => {
  test('is live and not ready, since it can answer nothing; it is ready again once it hears of the new one', async () => {
    const world = await createWorld(WORLD, { store: await open('gateway') });
    const health = async (kind: string) =>
      (await world.gateway.fetch(new Request(`http://gateway.test/health/${kind}`))).status;
    expect([await health('live'), await health('ready')]).toEqual([200, 200]);
    await set.settled();
    set.partition({ members: [0], apps: ['gateway'] });
    await set.elect(1);
    expect(set.members[0]?.state).toBe('PRIMARY');
    expect([await health('live'), await health('ready')]).toEqual([200, 503]);
    set.heal();
    await until(async () => (await health('ready')) === 200);
    await world.close();
  });

  test('asks no person’s document for it', async () => {
    const world = await createWorld(WORLD, { store: await open('gateway') });
    set.commands.length = 0;
    await world.gateway.fetch(new Request('http://gateway.test/health/ready'));
    const asked = set.commands.flatMap(({ command }) => (command.find === 'people' ? [command] : []));
    expect(asked).toMatchObject([{ filter: { foldedName: '\0' }, readConcern: { level: 'linearizable' } }]);
    expect(Number(asked[0]?.maxTimeMS)).toBeLessThanOrEqual(1_000);
    await world.close();
  });
});

describe('a replica set', () => {
  test('has its indexes once a majority of its members has built them', async () => {
    const store = await open('gateway');
    set.commands.length = 0;
    await prepareIndexes(store, layoutOf(wordsWith('targetedOffers')));
    const made = set.commands.filter(({ name }) => name === 'createIndexes');
    expect(made.length).toBeGreaterThan(5);
    for (const { command } of made) expect(command.commitQuorum).toBe('majority');
  });

  test.each([
    { name: '4.2', maxWireVersion: 8 },
    { name: '4.4', maxWireVersion: 9 },
    { name: '5.0', maxWireVersion: 13 },
  ])('of MongoDB $name is refused with one line', async ({ maxWireVersion }) => {
    set.greet = (hello) => ({ ...hello, maxWireVersion });
    const error = await open('gateway').catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(UnsupportedServerError);
    expect((error as Error).message).toBe('MONGODB_URI: expected MongoDB 6.0 or later; the server there is older.');
  }, 30_000);

  test('that is older ends the gateway and the command with one clear line', async () => {
    set.greet = (hello) => ({ ...hello, maxWireVersion: 13 });
    const env = { MONGODB_URI: set.uri('test', 'gateway'), DATA_DIR: '/nowhere' };
    const line = 'MONGODB_URI: expected MongoDB 6.0 or later; the server there is older.\n';
    const starting = spawnMain(env);
    expect(await starting.ended).toBe(1);
    expect(starting.logged()).toContain(`Assent can't start.\n${line}`);
    const prepared = await new Promise((resolve) => {
      const args = ['--import', 'tsx', 'src/assent.ts', 'store', 'prepare'];
      const child = execFile(process.execPath, args, { env: { ...process.env, ...env } }, (_, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      );
    });
    expect(prepared).toEqual({ code: 1, stdout: '', stderr: line });
  }, 60_000);

  test('of MongoDB 6.0 is taken', async () => {
    set.greet = (hello) => ({ ...hello, maxWireVersion: 17 });
    expect((await open('gateway')).read.readConcern).toEqual({ level: 'linearizable' });
  });
});
