import { isDeepStrictEqual } from 'node:util';
import type { mongo } from 'mongoose';
import { type Index, type Key, keyText, type Layout } from '../../collection-layout.ts';
import type { IndexFacts } from '../facts/indexes.ts';
import { type Finding, fault, note, ok } from '../finding.ts';
import { unseen } from '../look.ts';

type Found = mongo.IndexDescriptionInfo;

/** Options that change the content, the refusals or the use of an index, each as an adjective. */
const TELLING = {
  unique: 'unique',
  sparse: 'sparse',
  hidden: 'hidden',
  partialFilterExpression: 'partial',
  collation: 'collated',
  expireAfterSeconds: 'expiring',
};

const isSameKey = (one: object, other: object) => isDeepStrictEqual(Object.entries(one), Object.entries(other));
/** Some servers report the simple collation for every index, others for none. */
const isSet = (value: unknown) =>
  value !== undefined && value !== false && (value as { readonly locale?: unknown }).locale !== 'simple';
const optionsOf = (index: Found | Index): readonly string[] =>
  Object.entries(TELLING).flatMap(([option, adjective]) => (isSet(Object(index)[option]) ? [adjective] : []));

/** The differences between the index with this key and the wanted one; null if there is no index with this key. */
function differencesOf(wanted: Index, found: readonly Found[]): string[] | null {
  const same = found.filter(({ key }) => isSameKey(key, wanted.key)).map(optionsOf);
  const expected = optionsOf(wanted);
  const [has] = same;
  if (!has) return null;
  if (same.some((options) => isDeepStrictEqual(options, expected))) return [];
  const lacks = expected.filter((option) => !has.includes(option)).map((option) => `not ${option}`);
  return [...lacks, ...has.filter((option) => !expected.includes(option))];
}

const isId = ({ key }: Found) => isSameKey(key, { _id: 1 });
const PREPARE = 'Run `assent store prepare`.';

function findingsOn({ name, indexes }: Layout, found: readonly Found[]): Finding[] {
  const compared = indexes.map((index) => ({ key: keyText(index.key), differences: differencesOf(index, found) }));
  const missing = compared.filter(({ differences }) => differences === null).map(({ key }) => key);
  const isBare = missing.length > 1 && missing.length === indexes.length;
  const lacks = isBare ? `all of its ${missing.length} indexes` : `the index ${missing.join(' and ')}`;
  const others = compared.flatMap(({ key, differences }) =>
    differences && differences.length > 0 ? [`${key} is ${differences.join(', ')}`] : [],
  );
  const strangers = found.filter((one) => !isId(one) && !indexes.some(({ key }) => isSameKey(key, one.key)));
  const names = strangers.map(({ key }) => keyText(key as Key)).join(' ');
  return [
    ...(missing.length > 0 ? [fault('indexes', `${name} lacks ${lacks}.`, PREPARE)] : []),
    ...others.map((other) => fault('indexes', `The index of ${name} on ${other}.`, `Drop it. ${PREPARE}`)),
    ...(names === '' ? [] : [note('indexes', `${name} has indexes that no gateway uses: ${names}.`)]),
  ];
}

export function findingsOnIndexes(layouts: readonly Layout[], facts: IndexFacts): Finding[] {
  const findings = layouts.flatMap((layout) => {
    const seen = facts.get(layout.name);
    if (seen === undefined) return [];
    if ('answer' in seen) return findingsOn(layout, seen.answer);
    return [unseen('indexes', `Those of ${layout.name}`, seen.refusal, 'readWrite')];
  });
  if (findings.some(({ level }) => level !== 'note')) return findings;
  const count = layouts.reduce((sum, { indexes }) => sum + indexes.length, 0);
  return [ok('indexes', `All ${count} of the gateway are there.`), ...findings];
}
