import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { openEmbedded } from '../../src/store/mongo/engine/embedded.ts';
import { isRunning, until } from './engines.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The addresses of the run's own database engines. */
    mongoUris: readonly string[];
  }
}

const ENGINES = 2;

/** An embedded engine over a directory that is removed with it. */
async function openEngine() {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'assent-test-'));
  const engine = await openEmbedded({ dataDir, log: console });
  const pid = engine.pid();
  const close = async () => {
    await engine.close();
    if (pid !== null) await until(() => !isRunning(pid));
    await rm(dataDir, { recursive: true, force: true });
  };
  return { uri: engine.uri, close };
}

/** Embedded engines for the whole run, which its files of tests share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engines = await Promise.all(Array.from({ length: ENGINES }, openEngine));
  project.provide(
    'mongoUris',
    engines.map(({ uri }) => uri),
  );
  return async () => {
    await Promise.all(engines.map(({ close }) => close()));
  };
}
