import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { compile } from '../../src/policy/compile.ts';
import { lint } from '../../src/policy/lint.ts';
import { PolicyError } from '../../src/policy/load.ts';
import { matrixOf } from '../../src/policy/matrix.ts';
import { parsePolicy } from '../support/policy.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './fuzz.ts';
import { mutatedText, mutatedValue } from './mutations.ts';

// a small one: many are read
const TEXT = readFileSync(new URL('../fixtures/corner-shop.yaml', import.meta.url), 'utf8');
const SOURCE = parse(TEXT) as unknown;

const TOKENS = [
  ...[
    '\n',
    '\t',
    ': ',
    '- ',
    '&a ',
    '*a',
    '<<: *a\n',
    '!!binary ',
    '!!set ',
    '!!js/function ',
    '? ',
    '|\n',
    '>\n',
    '---\n',
  ],
  ...[
    '%YAML 1.1\n',
    '{',
    '}',
    '[',
    ']',
    '# ',
    '"',
    "'",
    '0x10',
    '.inf',
    '~',
    'all: ',
    'any: ',
    'not: ',
    '{ fact: personActive }',
  ],
  ...[
    '[{ fact: standingOptOut }]',
    '{ consent: targetedOffers }',
    '{ preference: adTargeting }',
    'to: SELF',
    'purposes: []',
  ],
];

const inputs = fc.oneof(
  mutatedText(fc.constant(TEXT), TOKENS),
  mutatedValue(SOURCE).map((value) => JSON.stringify(value) ?? ''),
  fc.nat({ max: 2_000 }).map((depth) => '['.repeat(depth)),
  fc.nat({ max: 500 }).map((depth) => `clauses: ${'{ not: '.repeat(depth)}`),
  fc.string({ unit: 'binary', maxLength: 2_000 }),
);

test('the policy that is changed is a good one', () => {
  expect(parsePolicy(TEXT, 'policy.yaml').policy.version).toEqual(expect.any(String));
});

test(
  'any text is a policy that works, or is refused with its faults',
  () =>
    fuzz(inputs, (text) => {
      let loaded: ReturnType<typeof parsePolicy>;
      try {
        loaded = parsePolicy(text, 'policy.yaml');
      } catch (error) {
        expect(error).toBeInstanceOf(PolicyError);
        expect((error as PolicyError).faults).not.toEqual([]);
        return;
      }
      const { policy } = loaded;
      compile([policy], policy.version);
      lint(policy);
      matrixOf(policy);
    }),
  FUZZ_TIMEOUT_MS,
);
