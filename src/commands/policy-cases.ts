import { systemClock } from '../base/clock.ts';
import { compile } from '../policy/compile.ts';
import type { Trace } from '../policy/condition.ts';
import type { Mentions } from '../policy/coverage.ts';
import { explain } from '../policy/explain.ts';
import type { Truth } from '../policy/facts.ts';
import { loadPolicy, PolicyError, readCasesOf } from '../policy/load.ts';
import { alignColumns } from '../policy/text-table.ts';
import {
  accessOf,
  createStage,
  type Failure,
  factsToward,
  failuresOf,
  parseCases,
  type Stage,
} from '../world/bundle-cases.ts';
import { demoSource } from '../world/demo-seed.ts';
import { mentionsIn } from './policy-mentions.ts';

/** The output of a command. */
export interface Output {
  readonly text: string;
  readonly faulty?: boolean;
}

async function stageOf(bundle: string): Promise<Stage> {
  const { policy } = await loadPolicy(bundle);
  const now = systemClock.now();
  return createStage(policy, await demoSource(bundle, compile([policy], policy.version), now), now);
}

const failureText = ({ case: { clause, caller, person }, tooMuch, tooLittle, withoutClause }: Failure) => [
  'FAILS',
  clause,
  `${caller} of ${person}`,
  [
    ...(tooMuch.length > 0 ? [`shows ${tooMuch.join(', ')} as well`] : []),
    ...(tooLittle.length > 0 ? [`does not show ${tooLittle.join(', ')}`] : []),
    ...(withoutClause ? ['by other clauses alone'] : []),
  ].join('; '),
];

/** The cases of a bundle with its people; null where it has none. */
async function readCases(bundle: string) {
  const source = await readCasesOf(bundle);
  if (!source) return null;
  const stage = await stageOf(bundle);
  return { stage, cases: parseCases(source, stage) };
}

/** The clauses that cases of a bundle name. */
export const clausesWithCases = async (bundle: string): Promise<Mentions> =>
  mentionsIn((await readCases(bundle))?.cases ?? []);

/** Runs the cases of a bundle. */
export async function testCases(bundle: string, json: boolean): Promise<Output> {
  const found = await readCases(bundle);
  if (!found) throw new PolicyError([`${bundle}: expected a folder with cases.yaml`]);
  const { stage, cases } = found;
  const failures = failuresOf(stage, cases);
  const untested = stage.table.current.clauses
    .filter(
      ({ id, reveals, keeps }) =>
        (reveals.length > 0 || keeps !== undefined) && !cases.some(({ clause }) => clause === id),
    )
    .map(({ id }) => id);
  const faulty = failures.length > 0;
  if (json) return { text: JSON.stringify({ cases: cases.length, failures, untested }, null, 2), faulty };
  const lines = [
    ...(faulty ? [alignColumns(failures.map(failureText))] : []),
    ...(untested.length > 0 ? [`no case yet for ${untested.join(', ')}`] : []),
    `${cases.length - failures.length} of ${cases.length} cases hold`,
  ];
  return { text: lines.join('\n'), faulty };
}

const TRUTHS = new Map<Truth, string>([
  [true, 'holds'],
  [false, 'does not hold'],
  [undefined, 'is unknown'],
]);

/** The conditions of a reasoning that are read from the record. */
const factsIn = ({ operator, says, holds, of }: Trace): string[] =>
  operator === 'FACT' ? [`${says}: ${TRUTHS.get(holds)}`] : of.flatMap(factsIn);

/** The verdict on each category of an invented person, for one caller. */
export async function tryCaller(bundle: string, caller: string, person: string): Promise<string> {
  const stage = await stageOf(bundle);
  const access = accessOf(stage, caller);
  const facts = stage.people.has(person) ? factsToward(stage, caller, person) : null;
  if (typeof access === 'string') throw new PolicyError([`caller: ${access}`]);
  if (!facts) throw new PolicyError([`person: expected one of ${[...stage.people.keys()].slice(0, 20).join(', ')}`]);
  const rows = stage.table.vocabulary.categories.map(({ id, field }) => {
    const { outcome, reason, clauses } = explain(access, facts, id);
    const weighed = clauses.filter(({ applies }) => applies);
    const told = outcome === 'REVEAL' ? weighed.filter(({ holds }) => holds === true) : weighed;
    return [
      field ?? id,
      outcome === 'REVEAL' ? 'shown' : 'denied',
      reason ?? '',
      told.map(({ clauseId }) => clauseId).join(', '),
      [...new Set(told.flatMap(({ conditions }) => factsIn(conditions)))].join('; '),
    ];
  });
  return alignColumns([['FIELD', 'VERDICT', 'REASON', 'CLAUSE', 'CONDITIONS'], ...rows]);
}
