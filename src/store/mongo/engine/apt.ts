import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { SuccessorSource } from './apt-sources.ts';

const execute = promisify(execFile);
const APT_TIMEOUT_MS = 180_000;

// the machine's own hooks and pins do not apply here; its proxies, certificates and credentials do
const FOREIGN_SETTINGS = [
  'APT::Update::Pre-Invoke',
  'APT::Update::Post-Invoke',
  'APT::Update::Post-Invoke-Success',
  'APT::Default-Release',
  'APT::Snapshot',
];

const settings = (at: (name: string) => string, architecture: string) => ({
  'Dir::Etc::sourcelist': '/dev/null',
  'Dir::Etc::sourceparts': at('sources'),
  'Dir::Etc::preferences': '/dev/null',
  'Dir::Etc::preferencesparts': '/dev/null',
  'Dir::State': at('state'),
  'Dir::State::status': at('status'),
  'Dir::Cache': at('cache'),
  'Dir::Log': at('log'),
  'APT::Architecture': architecture,
  'APT::Architectures': architecture,
  'APT::Sandbox::User': process.getuid?.() === 0 ? 'root' : '',
  'APT::Update::Error-Mode': 'any',
  'Acquire::Languages': 'none',
  'Acquire::Retries': '2',
  'Acquire::AllowInsecureRepositories': 'false',
  'Acquire::AllowWeakRepositories': 'false',
  'Acquire::AllowDowngradeToInsecureRepositories': 'false',
  'APT::Get::AllowUnauthenticated': 'false',
});

/**
 * Downloads one package of a release and unpacks it, without installing it and without privileges. apt keeps every file
 * under `workDir`, and refuses files without a valid signature of the release.
 *
 * @param workDir  an existing directory that nobody else uses; the caller removes it
 * @returns the directory the package was unpacked into
 * @throws {Error} apt-get or dpkg-deb is missing or failed; its standard error is in the message
 */
export async function unpackPackage(
  name: string,
  source: SuccessorSource,
  architecture: string,
  workDir: string,
): Promise<string> {
  const work = await mkdtemp(path.join(workDir, `${source.suite}-`));
  const at = (file: string) => path.join(work, file);
  for (const dir of ['sources', 'state/lists/partial', 'cache/archives/partial', 'log', 'package', 'tree'])
    await mkdir(at(dir), { recursive: true });
  await writeFile(at('status'), '');
  await writeFile(at('sources/successor.sources'), source.text);
  await writeFile(at('apt.conf'), FOREIGN_SETTINGS.map((setting) => `#clear ${setting};\n`).join(''));

  const options = Object.entries(settings(at, architecture)).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const apt = (...command: string[]) =>
    execute('apt-get', ['-c', at('apt.conf'), ...options, '-q', ...command], {
      cwd: at('package'),
      timeout: APT_TIMEOUT_MS,
      env: { ...process.env, LC_ALL: 'C', APT_CONFIG: '' },
    });
  await apt('update');
  await apt('download', name);
  const [file] = (await readdir(at('package'))).filter((entry) => entry.endsWith('.deb'));
  if (file === undefined) throw new Error(`apt-get downloaded no ${name}`);
  await execute('dpkg-deb', ['-x', path.join(at('package'), file), at('tree')]);
  await rm(at('tree/usr/share'), { recursive: true, force: true });
  return at('tree');
}
