import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { layoutOf, wordsOf } from '../../src/gateway/layout.ts';
import { parsePolicy } from '../../src/policy/load.ts';

/** The shop with more switches; clauses ask for the given number of them. */
function shopWith(switches: number, askedFor: number) {
  const [policy, vocabulary] = ['policy', 'vocabulary'].map((file) =>
    parse(readFileSync(`policies/corner-shop/${file}.yaml`, 'utf8')),
  );
  const ids = Array.from({ length: switches }, (_, index) => `switch${index}`);
  vocabulary.preferences.push(...ids.map((id) => ({ id, says: 'A switch.', default: true })));
  policy.clauses.push({
    ...{ id: 'many.switches', section: 's', summary: 'A clause.', kind: ['reveal'], reading: 'LITERAL' },
    legalBasis: 'CONSENT',
    reveals: [
      {
        to: 'COURIER',
        purposes: ['delivery'],
        categories: ['FULL_NAME'],
        when: { all: [{ fact: 'personActive' }, ...ids.slice(0, askedFor).map((preference) => ({ preference }))] },
      },
    ],
  });
  const words = { text: stringify(vocabulary), file: 'vocabulary.yaml' };
  return parsePolicy(stringify(policy), 'policy.yaml', words).policy;
}

const switchesIndexed = (switches: number, askedFor: number) =>
  layoutOf(wordsOf([shopWith(switches, askedFor)]))
    .filter(({ name }) => name === 'people')
    .flatMap(({ indexes }) => indexes.flatMap(({ key }) => Object.keys(key)))
    .filter((path) => path.startsWith('facts.preferences.switch'));

test('a switch has an index where a condition asks for it', () =>
  expect(switchesIndexed(3, 2)).toEqual(['facts.preferences.switch0', 'facts.preferences.switch1']));

test('a policy may have any number of switches that no condition asks for', () =>
  expect(switchesIndexed(300, 1)).toHaveLength(1));

test('conditions that ask for more facts than a database can index are refused', () =>
  expect(() => switchesIndexed(120, 120)).toThrow(
    /^expected conditions that ask for at most \d+ facts, in all versions together, not \d+: each has an index$/,
  ));
