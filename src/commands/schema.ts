import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createEnforcedSchema } from '../gateway/schema.ts';
import { printWithDirectives } from '../graphql/semantic-nullability.ts';
import { compile } from '../policy/compile.ts';
import { policyJsonSchema, vocabularyJsonSchema } from '../policy/json-schema.ts';
import { loadPolicy } from '../policy/load.ts';
import { type Environment, readConfig } from '../process/config.ts';
import { tell } from './output.ts';

export const usage = `usage: assent schema [--check] [--docs DIR]
Writes schema.graphql, the schema that the policy makes, into this folder.
  --check     writes nothing; ends with 1 where a file is not what would be written
  --docs DIR  besides, the JSON Schemas of policies and vocabularies, by which editors check the files of a bundle`;

const inJson = (schema: object) => `${JSON.stringify(schema, null, 2)}\n`;

async function filesFor(bundle: string, docs: string | undefined): Promise<Record<string, string>> {
  const { policy } = await loadPolicy(bundle);
  const schema = createEnforcedSchema(compile([policy], policy.version));
  return {
    'schema.graphql': printWithDirectives(schema),
    ...(docs !== undefined && {
      [path.join(docs, 'policy.schema.json')]: inJson(policyJsonSchema()),
      [path.join(docs, 'vocabulary.schema.json')]: inJson(vocabularyJsonSchema()),
    }),
  };
}

/** The files are checked in, so that a change of one is seen. */
export async function run(args: readonly string[], env: Environment): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { check: { type: 'boolean', default: false }, docs: { type: 'string' } },
  });
  let code = 0;
  for (const [name, text] of Object.entries(await filesFor(readConfig(env).bundle, values.docs)))
    if (!values.check) await writeFile(name, text);
    else if ((await readFile(name, 'utf8').catch(() => '')) !== text) {
      tell(`${name} is stale: run \`npm run schema\`.`);
      code = 1;
    }
  return code;
}
