import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from './readme.ts';

const execute = promisify(execFile);

/** Packs the compiled program. @returns the path of the archive */
export async function packProject(to: string): Promise<string> {
  const args = ['--import', 'tsx', 'scripts/package.ts', '--to', to];
  const { stdout } = await execute(process.execPath, args, { cwd: PROJECT });
  return stdout.trim();
}

/** Unpacks the archive, and installs the dependencies of its shrinkwrap, from npm's cache where it can. */
export async function unpackPackage(archive: string, to: string): Promise<string> {
  await execute('tar', ['-xzf', archive, '-C', to]);
  const folder = path.join(to, 'package');
  const args = ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await execute('npm', [...args, '--omit=dev', '--omit=optional'], { cwd: folder });
  return folder;
}
