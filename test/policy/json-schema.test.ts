import { readdir, readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { policyJsonSchema, vocabularyJsonSchema } from '../../src/policy/json-schema.ts';

const ajv = new Ajv2020({ strict: false, allErrors: true });
const SCHEMAS = {
  'policy.yaml': ajv.compile(policyJsonSchema()),
  'vocabulary.yaml': ajv.compile(vocabularyJsonSchema()),
};
type FileName = keyof typeof SCHEMAS;

const entries = await readdir('policies', { withFileTypes: true });
const bundles = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `policies/${name}`);
const read = async (file: string) => parse(await readFile(file, 'utf8'));

describe('the JSON Schemas of the language', () => {
  test.each(
    [...bundles, 'templates/bundle'].flatMap((bundle) =>
      Object.keys(SCHEMAS).map((file) => ({ bundle, file: file as FileName })),
    ),
  )('take $file of $bundle', async ({ bundle, file }) => {
    const fits = SCHEMAS[file];
    fits(await read(`${bundle}/${file}`));
    expect(fits.errors ?? []).toEqual([]);
  });

  test.each<{ file: FileName; it: string; spoil: (file: Record<string, never>) => void }>([
    {
      file: 'policy.yaml',
      it: 'an unknown operator of a condition',
      spoil: (file) => Object.assign(file, { partnerRequirements: { every: [] } }),
    },
    {
      file: 'policy.yaml',
      it: 'an unknown fact',
      spoil: (file) => Object.assign(file, { partnerRequirements: { fact: 'personIsNice' } }),
    },
    {
      file: 'policy.yaml',
      it: 'an age that is no whole number of years',
      spoil: (file) => Object.assign(file, { partnerRequirements: { age: { atLeast: 'adult' } } }),
    },
    { file: 'policy.yaml', it: 'an unknown key', spoil: (file) => Object.assign(file, { clausse: [] }) },
    {
      file: 'vocabulary.yaml',
      it: 'an unknown kind of value',
      spoil: (file) => Object.assign((file.categories as unknown as object[])[0] ?? {}, { value: 'string' }),
    },
  ])('refuse $it', async ({ file, spoil }) => {
    const content = await read(`policies/imvu-2014-09-12/${file}`);
    spoil(content);
    expect(SCHEMAS[file](content)).toBe(false);
  });
});
