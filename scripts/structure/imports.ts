import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** One import of one file of the project by another; paths are relative to the folder that was read. */
export interface Import {
  readonly file: string;
  readonly target: string;
}

export interface Sources {
  readonly files: readonly string[];
  readonly imports: readonly Import[];
}

const FROM = /^(?:import|export)\s(?:[^'";]*?\sfrom\s)?'(\.[^']+)'/gm;
const AT_RUN_TIME = /\bimport\(\s*'(\.[^']+)'/g;

/** Reads which files of some folders import which; imports of types count, for they too say that one file knows another. */
export async function readImports(root: string, folders: readonly string[]): Promise<Sources> {
  const listed = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(path.join(root, folder), { recursive: true })).map((file) => path.join(folder, file)),
    ),
  );
  const files = listed
    .flat()
    .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
    .sort();
  const imports = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(path.join(root, file), 'utf8');
      return [FROM, AT_RUN_TIME]
        .flatMap((pattern) => [...text.matchAll(pattern)])
        .map(([, specifier = '']) => ({ file, target: path.join(path.dirname(file), specifier) }));
    }),
  );
  return { files, imports: imports.flat() };
}
