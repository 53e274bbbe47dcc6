import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { createEnforcedSchema } from '../src/gateway/schema.ts';
import { compile } from '../src/policy/compile.ts';
import { loadPolicy } from '../src/policy/load.ts';
import { readConfig } from '../src/process/config.ts';

const SCHEMA_FILE = fileURLToPath(new URL('../schema.graphql', import.meta.url));

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const { policy } = await loadPolicy(readConfig(process.env).bundle);
const schema = createEnforcedSchema(compile([policy], policy.version));
const sdl = `${printSchema(lexicographicSortSchema(schema))}\n`;

if (!values.check) await writeFile(SCHEMA_FILE, sdl);
else if ((await readFile(SCHEMA_FILE, 'utf8').catch(() => '')) !== sdl) {
  process.stderr.write('schema.graphql is stale: run `npm run schema`.\n');
  process.exitCode = 1;
}
