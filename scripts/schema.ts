import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEnforcedSchema } from '../src/gateway/schema.ts';
import { printWithDirectives } from '../src/graphql/semantic-nullability.ts';
import { compile } from '../src/policy/compile.ts';
import { policyJsonSchema, vocabularyJsonSchema } from '../src/policy/json-schema.ts';
import { loadPolicy } from '../src/policy/load.ts';
import { readConfig } from '../src/process/config.ts';

/** Generated files are checked in, so that a change of one is seen. */
const fileAt = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const inJson = (schema: object) => `${JSON.stringify(schema, null, 2)}\n`;

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const { policy } = await loadPolicy(readConfig(process.env).bundle);
const schema = createEnforcedSchema(compile([policy], policy.version));

const FILES = {
  'schema.graphql': printWithDirectives(schema),
  'docs/policy.schema.json': inJson(policyJsonSchema()),
  'docs/vocabulary.schema.json': inJson(vocabularyJsonSchema()),
};

for (const [name, text] of Object.entries(FILES))
  if (!values.check) await writeFile(fileAt(name), text);
  else if ((await readFile(fileAt(name), 'utf8').catch(() => '')) !== text) {
    process.stderr.write(`${name} is stale: run \`npm run schema\`.\n`);
    process.exitCode = 1;
  }
