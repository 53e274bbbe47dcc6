import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('contestants/', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FROM_BUILT = /import \{([^}]*)\} from '((?:\.\.\/)+dist\/[^'?]+)'/g;

/** An import of the compiled gateway by a contestant. The compiler does not check it. */
export interface BuiltImport {
  /** The script, from the folder of the contestants. */
  readonly script: string;
  /** The compiled module, from the root of the project: `dist/policy/vocabulary.js`. */
  readonly module: string;
  readonly names: readonly string[];
}

/** Every import of the compiled gateway by a contestant. */
export async function importsOfBuilt(): Promise<BuiltImport[]> {
  const scripts = (await readdir(HERE, { recursive: true })).filter((file) => file.endsWith('.js'));
  const found = await Promise.all(
    scripts.map(async (script) => {
      const text = await readFile(path.join(HERE, script), 'utf8');
      return [...text.matchAll(FROM_BUILT)].map(([, names = '', specifier = '']) => ({
        script,
        module: path.relative(ROOT, path.resolve(HERE, path.dirname(script), specifier)),
        names: names
          .split(',')
          .map((name) => name.trim().replace(/ as .*/, ''))
          .filter((name) => name !== ''),
      }));
    }),
  );
  return found.flat();
}

/** @throws {Error} a contestant imports a module that is not there */
export async function requireBuilt(): Promise<void> {
  for (const { script, module } of await importsOfBuilt())
    if (!existsSync(path.join(ROOT, module)))
      throw new Error(
        `scripts/bench/contestants/${script} imports ${module}, which is not there: run \`npm run build\`, or put ` +
          'the path right where the module has moved.',
      );
}
