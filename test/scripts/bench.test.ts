import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

// Apollo and mercurius would have to be installed first; the raw handler covers all the code that they share.
const CONTESTANTS = 'ours,unrecorded,unenforced,raw';

test('the contestants of the benchmark answer alike', { timeout: 180_000 }, async () => {
  const options = ['--compare', '--contestants', CONTESTANTS, '--people', '100', '--connections', '2'];
  const { stderr } = await run(process.execPath, ['--import', 'tsx', 'scripts/bench/bench.ts', ...options]);
  expect(stderr).toContain('all answer alike');
});
