import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** Tests that start programs, end engines or drive browsers. They may need the whole machine for a while. */
const PROCESSES = [
  'test/{consistency,distributed,scripts,soak,versions}/**/*.test.ts',
  'test/{life-cycle,log,readme,start,workers}.test.ts',
  'test/http/graphiql-browser.test.ts',
  'test/ledger/command.test.ts',
  'test/store/{connection,embedded,glibc}.test.ts',
];

/** Tests that put something else in the place of a module, which no other file may meet. */
const MOCKED = [
  'test/enforcement/differential.test.ts',
  'test/http/key-rotation.test.ts',
  'test/leaks/planted.test.ts',
  'test/logs.test.ts',
  'test/performance/counts.test.ts',
  'test/store/encryption.test.ts',
];

const project = (name: string, test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration => ({
  // vite and node resolve `graphql` to two different builds; one realm needs one copy
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: { name, setupFiles: ['test/support/clauses.ts'], testTimeout: 120_000, hookTimeout: 60_000, ...test },
});

export default defineConfig({
  test: {
    globalSetup: ['test/support/engine.ts'],
    maxWorkers: availableParallelism(),
    projects: [
      // the schema, the policy and some hundred modules are read once for each worker
      project('gateway', { include: ['test/**/*.test.ts'], exclude: [...PROCESSES, ...MOCKED], isolate: false }),
      project('process', { include: PROCESSES, globalSetup: ['test/support/programs.ts'] }),
      project('mocked', { include: MOCKED }),
    ],
  },
});
