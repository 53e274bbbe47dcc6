import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from './readme.ts';

/**
 * Compiles the program once for all tests that start it, as `npm start` does, but without a check of the types. Compiled
 * it starts in half the time that it takes from its sources.
 */
export default async function setup(): Promise<void> {
  const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
  const program = path.join(path.dirname(compiler), 'bin/tsc');
  for (const config of ['tsconfig.build.json', 'tsconfig.client.json'])
    await promisify(execFile)(process.execPath, [program, '-p', config, '--noCheck'], { cwd: PROJECT });
}
