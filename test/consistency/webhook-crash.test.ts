import { expect, test } from 'vitest';
import { crash, createDisk } from '../support/engines.ts';
import { ELECTIONS } from '../support/replica-set/elections.ts';
import { openReplicaSet } from '../support/replica-set/replica-set.ts';
import { roundsOf } from '../support/rounds.ts';
import { drillWebhooks } from './webhook-drill.ts';

const KILLS = roundsOf(20, 2);
const SOUND = { kills: KILLS, lost: 0, doubled: 0, withoutAct: 0 };

test(`${KILLS} kills of gateways and of their engine: the receiver is told of each withdrawal, under one id`, {
  timeout: 900_000,
}, async () => {
  const disk = createDisk();
  const dataDir = await disk.dir();
  try {
    const outcome = await drillWebhooks({ dataDir, env: {}, kills: KILLS, killDatabase: () => crash(dataDir) });
    console.log(JSON.stringify(outcome));
    expect(outcome).toMatchObject(SOUND);
    expect(outcome.acknowledged).toBeGreaterThan(KILLS);
  } finally {
    await disk.clear();
  }
});

test(`${KILLS} kills of gateways and of primaries: the receiver is told of each withdrawal, under one id`, {
  timeout: 900_000,
}, async () => {
  const disk = createDisk();
  const set = await openReplicaSet({ elections: ELECTIONS });
  const killDatabase = async () => {
    const { id } = await set.awaitPrimary();
    set.crash(id);
    await set.awaitPrimary();
    set.restart(id);
  };
  try {
    const env = { MONGODB_URI: set.uri('test', 'drill') };
    const outcome = await drillWebhooks({ dataDir: await disk.dir(), env, kills: KILLS, killDatabase });
    console.log(JSON.stringify(outcome));
    expect(outcome).toMatchObject(SOUND);
    expect(outcome.acknowledged).toBeGreaterThan(KILLS);
  } finally {
    await set.close();
    await disk.clear();
  }
});
