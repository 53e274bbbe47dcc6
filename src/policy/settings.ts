import canonicalize from 'canonicalize';
import { isRecord } from '../base/records.ts';
import type { Policy } from './clause.ts';

/** One setting with different values in two versions of a policy. */
export interface SettingDifference {
  /** Its place: `noticeHours`, `defaults.preferences.adTargeting`, `purposes.billing.promotional`. */
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
  /** The first policy with this setting of the second. */
  readonly alone: Policy;
}

/** The age and the tie of a guardian's consent are one setting: neither has a meaning alone. */
export const isUnder = (path: string): boolean => /^consents\.[^.]+\.under$/.test(path);

type Put = (value: unknown) => Policy;

interface Identified {
  readonly id: string;
}

const areIdentified = (value: unknown): value is readonly (Identified & Readonly<Record<string, unknown>>)[] =>
  Array.isArray(value) && value.every((item) => isRecord(item) && typeof item.id === 'string');

/** The differences between two versions outside of their clauses. A condition with all its parts is one setting. */
export function* settingDifferences(before: Policy, after: Policy): Generator<SettingDifference> {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof Policy)[];
  for (const key of keys) {
    if (key === 'clauses' || key === 'version') continue;
    const put: Put = (value) => ({ ...before, [key]: value });
    if (key === 'partnerRequirements') yield* whole(key, before[key], after[key], put);
    else yield* within(key, before[key], after[key], put);
  }
}

function* whole(path: string, from: unknown, to: unknown, put: Put): Generator<SettingDifference> {
  if (canonicalize(from) !== canonicalize(to)) yield { path, from, to, alone: put(to) };
}

function* within(path: string, from: unknown, to: unknown, put: Put): Generator<SettingDifference> {
  if (isUnder(path)) yield* whole(path, from, to, put);
  else if (isRecord(from) && isRecord(to)) yield* withinMap(path, from, to, put);
  else if (areIdentified(from) && areIdentified(to)) yield* withinList(path, from, to, put);
  else yield* whole(path, from, to, put);
}

function* withinMap(
  path: string,
  from: Readonly<Record<string, unknown>>,
  to: Readonly<Record<string, unknown>>,
  put: Put,
): Generator<SettingDifference> {
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
    yield* within(`${path}.${key}`, from[key], to[key], (value) => put({ ...from, [key]: value }));
}

function* withinList(
  path: string,
  from: readonly Identified[],
  to: readonly Identified[],
  put: Put,
): Generator<SettingDifference> {
  const find = (items: readonly Identified[], id: string) => items.find((item) => item.id === id);
  const idsOf = (items: readonly Identified[]) => items.map(({ id }) => id);
  yield* whole(path, idsOf(from), idsOf(to), () => put(to.map((item) => find(from, item.id) ?? item)));
  for (const item of from) {
    const other = find(to, item.id);
    const replaced = (value: unknown) => put(from.map((one) => (one === item ? value : one)));
    if (other) yield* within(`${path}.${item.id}`, item, other, replaced);
  }
}
