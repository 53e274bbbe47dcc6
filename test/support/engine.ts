import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { openEmbedded } from '../../src/store/embedded.ts';
import { isRunning, until } from './engines.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The address of the run's own database engine. */
    mongoUri: string;
  }
}

/** One embedded engine for the whole run, over a directory that is removed with it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'assent-test-'));
  const engine = await openEmbedded({ dataDir, log: console });
  const pid = engine.pid();
  project.provide('mongoUri', engine.uri);
  return async () => {
    await engine.close();
    if (pid !== null) await until(() => !isRunning(pid));
    await rm(dataDir, { recursive: true, force: true });
  };
}
