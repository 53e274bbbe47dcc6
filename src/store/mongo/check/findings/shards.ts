import { keyText, type Layout } from '../../collection-layout.ts';
import { planSharding, type RecordedSharding } from '../../sharding.ts';
import { counted, type Finding, fault, note, ok } from '../finding.ts';
import { type Look, unseen } from '../look.ts';

const SUBJECT = 'shard keys';

/** @param seen  the cluster's own records; the answer is null if the database is no sharded cluster */
export function findingsOnShards(
  database: string,
  layouts: readonly Layout[],
  seen: Look<readonly RecordedSharding[] | null>,
): Finding[] {
  if ('refusal' in seen) return [unseen(SUBJECT, 'The shard keys', seen.refusal)];
  if (seen.answer === null) return [];
  const { kept, otherwise } = planSharding(database, layouts, seen.answer);
  const keys = new Map(
    seen.answer.filter(({ unsplittable }) => !unsplittable).map(({ _id, key }) => [_id, keyText(key)]),
  );
  const findings = layouts.flatMap(({ name, shardKey }) => {
    const found = keys.get(`${database}.${name}`);
    if (shardKey === null)
      return found === undefined
        ? []
        : [fault(SUBJECT, `${name} is spread by ${found}, and has to stay together.`, 'Run unshardCollection on it.')];
    if (otherwise.includes(name))
      return [
        fault(
          SUBJECT,
          `${name} is spread by ${found} instead of ${keyText(shardKey)}.`,
          'Run reshardCollection on it.',
        ),
      ];
    if (kept.includes(name)) return [];
    return [fault(SUBJECT, `${name} is not spread by ${keyText(shardKey)}.`, 'Run `assent store prepare`.')];
  });
  const known = new Set(layouts.map(({ name }) => `${database}.${name}`));
  const strangers = [...keys.keys()].filter((place) => place.startsWith(`${database}.`) && !known.has(place));
  const notes = strangers.map((place) =>
    note(SUBJECT, `${place.slice(database.length + 1)} is spread, and is not one that the gateway spreads.`),
  );
  if (findings.length > 0) return [...findings, ...notes];
  return [
    ok(SUBJECT, `${counted(kept.length, 'collection')} are spread as they should be, the others together.`),
    ...notes,
  ];
}
