import { readdirSync } from 'node:fs';
import path from 'node:path';
import { buildClientSchema, getIntrospectionQuery, printSchema } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { REFERENCE_BUNDLE } from '../../src/policy/reference.ts';
import { parsePolicy } from '../support/policy.ts';
import { createWorld } from '../support/world.ts';
import { askersOf, crawlBundle, VISITOR } from './bundle-crawl.ts';
import { type PlantedBundle, plant } from './bundle-people.ts';

const FOLDER = path.dirname(REFERENCE_BUNDLE);
/** The reference has a crawler of its own, with an oracle that is written by hand. */
const BUNDLES = readdirSync(FOLDER).filter((name) => name !== path.basename(REFERENCE_BUNDLE));

describe.each(BUNDLES)('policies/%s', (name) => {
  let planted: PlantedBundle;
  beforeAll(async () => {
    planted = await plant(path.join(FOLDER, name));
  });

  test('every caller is told what the policy reveals of every person, and nothing else', async () => {
    const { findings, ...counts } = await crawlBundle(planted);
    console.log(name, counts, planted.canaries.count, findings.length);
    expect(findings.slice(0, 20)).toEqual([]);
  });
});
