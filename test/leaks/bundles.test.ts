import { readdirSync } from 'node:fs';
import path from 'node:path';
import { getIntrospectionQuery } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LoadedPolicy } from '../../src/policy/load.ts';
import { REFERENCE_BUNDLE } from '../../src/policy/reference.ts';
import { idsOf, staffAudience, type Vocabulary } from '../../src/policy/vocabulary.ts';
import { parsePolicy, referencePolicy } from '../support/policy.ts';
import { createWorld } from '../support/world.ts';
import { askersOf, type CrawlOptions, crawlBundle } from './bundle-crawl.ts';
import { type PlantedBundle, plant } from './bundle-people.ts';
import type { Finding } from './judge.ts';

const FOLDER = path.dirname(REFERENCE_BUNDLE);
/** The reference has a crawler of its own, with an oracle that is written by hand. */
const BUNDLES = readdirSync(FOLDER).filter((name) => name !== path.basename(REFERENCE_BUNDLE));

const clause = (to: string, categories: readonly string[]) => ({
  ...{ id: 'planted.leak', section: 'Planted', summary: 'Shows too much.', kind: ['reveal'], reading: 'LITERAL' },
  legalBasis: 'CONTRACT',
  reveals: [{ to, categories, when: { fact: 'personActive' } }],
});

interface Draft {
  clauses: { readonly reveals?: readonly { readonly to: string }[] }[];
}

/** The policy of a bundle with other clauses. Its version and its words stay. */
function edited({ loaded }: PlantedBundle, change: (draft: Draft) => void): LoadedPolicy {
  const draft: Draft = JSON.parse(loaded.canonical);
  change(draft);
  return parsePolicy(JSON.stringify(draft), 'planted');
}

const ownFields = ({ categories }: Vocabulary) =>
  categories.filter(({ field, value }) => field && value).map(({ id }) => id);

interface Fault {
  readonly name: string;
  readonly asker: string;
  readonly make: (planted: PlantedBundle) => CrawlOptions;
  readonly finds: Finding['kind'];
}

const FAULTS: readonly Fault[] = [
  {
    name: 'a rule that shows visitors every value of active people',
    asker: 'visitor',
    make: (planted) => ({
      policy: edited(planted, ({ clauses }) => {
        clauses.push(clause('VISITOR', ownFields(planted.stage.table.vocabulary)));
      }),
    }),
    finds: 'LEAK',
  },
  {
    name: 'a rule that shows every member a category meant for some of them',
    asker: 'member',
    make: (planted) => ({
      policy: edited(planted, ({ clauses }) => {
        clauses.push(clause('MEMBER', ownFields(planted.stage.table.vocabulary).slice(-1)));
      }),
    }),
    finds: 'LEAK',
  },
  {
    name: 'a missing rule, so that members see too little of others',
    asker: 'member',
    make: (planted) => ({
      policy: edited(planted, (draft) => {
        draft.clauses = draft.clauses.map((one) =>
          one.reveals ? { ...one, reveals: one.reveals.filter(({ to }) => to !== 'MEMBER') } : one,
        );
      }),
    }),
    finds: 'OVER-BLOCKING',
  },
  {
    name: 'an error that tells a value in its message',
    asker: 'visitor',
    make: ({ people }) => {
      const [one] = people.values();
      const text = Object.values(one?.before ?? {}).find((value) => typeof value === 'string' && value.length >= 16);
      return { spoil: (body) => body.replaceAll('"message":"', `"message":"unlike ${text}: `) };
    },
    finds: 'LEAK',
  },
];

/** Words of the reference company. */
const FOREIGN =
  /imvu|avatar|\bcredit|co-?brand|newsletter|\bforum|\bblog|\bfriend|\bcreator|\bdeveloper|\bsweepstake|facebook/i;

/** Ids of the reference in several words, so that no other company has the same by chance. */
const FOREIGN_IDS = [
  ...[referencePolicy.clauses, referencePolicy.purposes, referencePolicy.consents].flatMap((words) =>
    idsOf<string>(words),
  ),
  ...[referencePolicy.partnerKinds, referencePolicy.vocabulary.preferences].flatMap((words) => idsOf<string>(words)),
  ...idsOf(referencePolicy.vocabulary.staff).map(staffAudience),
].filter((id) => /[^a-z]/.test(id));

describe.each(BUNDLES)('policies/%s', (name) => {
  let planted: PlantedBundle;
  beforeAll(async () => {
    planted = await plant(path.join(FOLDER, name));
  });

  test('every caller is told the values that the policy reveals of every person, and no others', async () => {
    const { findings, requests, shown, denied, over } = await crawlBundle(planted);
    expect(findings).toEqual([]);
    expect(requests).toBe(askersOf(planted.stage).length);
    // each of the three has occurred
    expect(Math.min(shown, denied, over)).toBeGreaterThan(0);
  });

  test.each(FAULTS)('the crawler finds $name', async ({ asker, make, finds }) => {
    const askers = askersOf(planted.stage).filter(({ words }) => words.split(' ')[0] === asker);
    const { findings } = await crawlBundle(planted, { ...make(planted), askers });
    expect(findings.filter(({ kind }) => kind === finds)).not.toEqual([]);
  });

  test('nothing in its schema is called or described by a word of the reference company', async () => {
    const { loaded, stage } = planted;
    const world = await createWorld({}, { policy: loaded });
    const { data } = await world.ask(null, getIntrospectionQuery({ descriptions: true }));
    await world.close();
    const told = JSON.stringify(data.__schema);
    const own = JSON.stringify([loaded.policy, stage.table.vocabulary]);
    const lines = told.split(/"description":/).filter((line) => FOREIGN.test(line));
    expect(lines).toEqual([]);
    expect(FOREIGN_IDS.filter((id) => told.includes(id) && !own.includes(id))).toEqual([]);
  });
});
