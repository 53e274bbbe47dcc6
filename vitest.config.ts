import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import LongestFirst from './test/support/longest-first.ts';

/** Tests that start programs, end engines or drive browsers. */
const PROCESSES = [
  'test/{consistency,distributed,process,scripts,soak,versions}/**/*.test.ts',
  'test/http/graphiql-{,panel-}browser.test.ts',
  'test/examples/**/*.test.ts',
  'test/{docs,readme}.test.ts',
  'test/ledger/command.test.ts',
  'test/store/{connection,embedded,glibc}.test.ts',
  'test/telemetry/logger.test.ts',
];

/** Tests that put something else in the place of a module or of a clock, which no other file may meet. */
const MOCKED = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((file) => path.posix.join('test', file))
  .filter((file) => file.endsWith('.test.ts') && /\bvi\.(mock|spyOn|useFakeTimers)\(/.test(readFileSync(file, 'utf8')));

const project = (name: string, test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration => ({
  // vite and node resolve `graphql` to two different builds; one realm needs one copy
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: { name, setupFiles: ['test/support/clauses.ts'], testTimeout: 120_000, hookTimeout: 60_000, ...test },
});

export default defineConfig({
  test: {
    globalSetup: ['test/support/engine.ts'],
    // one more than can work at once, since tests of programs wait for most of their time
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      project('process', {
        include: PROCESSES,
        exclude: MOCKED,
        globalSetup: ['test/support/programs.ts'],
        isolate: false,
      }),
      project('mocked', { include: MOCKED }),
      // the schema, the policy and some hundred modules are read once for each worker
      project('gateway', { include: ['test/**/*.test.ts'], exclude: [...PROCESSES, ...MOCKED], isolate: false }),
    ],
  },
});
