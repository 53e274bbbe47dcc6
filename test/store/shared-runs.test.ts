import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { shareRuns } from '../../src/base/shared-runs.ts';

const create = (fails = false) => {
  const runs = { begun: 0, ended: 0 };
  const shared = shareRuns(async () => {
    runs.begun += 1;
    await sleep(5);
    runs.ended += 1;
    if (fails) throw new Error('no');
  });
  return { ...shared, runs };
};

test('a call has a run that began after it, and shares it with the others that came by then', async () => {
  const { run, runs } = create();
  const first = run();
  await Promise.resolve();
  expect(runs.begun).toBe(1);
  const others = [run(), run(), run()];
  await first;
  expect(runs.ended).toBe(1);
  await Promise.all(others);
  expect(runs).toEqual({ begun: 2, ended: 2 });
  await run();
  expect(runs.ended).toBe(3);
});

test('a run that fails fails for its own callers alone', async () => {
  const { run } = create(true);
  const first = run();
  await Promise.resolve();
  await expect(first).rejects.toThrow('no');
  await expect(run()).rejects.toThrow('no');
});

test('nothing is under way once it is idle', async () => {
  const { run, idle, runs } = create();
  const calls = [run(), run()];
  await Promise.resolve();
  calls.push(run());
  await idle();
  expect(runs.ended).toBe(2);
  await Promise.all(calls);
});
