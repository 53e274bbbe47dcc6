import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LoadedPolicy, loadPolicy } from '../../src/policy/load.ts';
import { actsOf } from '../support/acts.ts';
import { runCommand } from '../support/command.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { documentsIn } from '../support/people.ts';
import { parsePolicy } from '../support/policy.ts';
import { createWorld, member, type TestWorld } from '../support/world.ts';

/** The corner shop, and a version of it that holds tastings no more. */
let before: LoadedPolicy;
let after: LoadedPolicy;
let world: TestWorld;
/** A gateway with the older file: it knows the words of earlier people. */
let past: TestWorld;
let folder: string;

/** The corner shop without some of its categories. */
function shopWithout(version: string, isRetired: (id: string) => boolean): LoadedPolicy {
  const draft = JSON.parse(before.canonical);
  const isLeft = (id: string) => !isRetired(id);
  draft.version = version;
  draft.vocabulary.categories = draft.vocabulary.categories.filter(({ id }: { id: string }) => isLeft(id));
  for (const { reveals = [] } of draft.clauses)
    for (const reveal of reveals)
      if (Array.isArray(reveal.categories)) reveal.categories = reveal.categories.filter(isLeft);
  return parsePolicy(JSON.stringify(draft), version);
}

beforeAll(async () => {
  before = await loadPolicy('policies/corner-shop');
  after = shopWithout('winter-1', (id) => id.startsWith('TASTINGS'));
  folder = await mkdtemp(path.join(tmpdir(), 'assent-retire-'));
});
beforeEach(async () => {
  await writeFile(path.join(folder, 'policy.yaml'), after.canonical);
  world = await createWorld({}, { policy: after, olderPolicies: [before] });
  past = await createWorld({}, { policy: before, store: world.store });
});
afterEach(async () => {
  await past.close();
  await world.close();
});
afterAll(() => rm(folder, { recursive: true }));

const person = (id: string, version: string) => ({
  ...{ id, nickname: id, fullName: `${id} Ek`, country: 'DE' },
  tastings: [{ cheese: 'Gouda', at: '2025-02-01T17:00:00Z' }],
  acceptedPolicy: { version, mode: 'EXPLICIT', at: '2025-01-01T00:00:00Z' },
});
const retire = (...more: string[]) =>
  runCommand('store', ['retire', ...more], {
    env: { MONGODB_URI: mongoUri().replace('/?', `/${world.store.connection.name}?`), POLICY: folder },
  });
const held = () => documentsIn(world.store).countDocuments({ 'values.TASTINGS': { $exists: true } });

test('it tells the number of people with values of a retired category, and the versions that they accepted', async () => {
  await past.load({
    users: [person('ana', 'spring-1'), person('bo', 'winter-1'), { id: 'cy', nickname: 'cy', fullName: 'Cy' }],
  });
  const { code, stdout, stderr } = await retire();
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatch(/^TASTINGS +2 people hold values +2 people are judged under spring-1, which reveals it$/m);
  expect(stdout.trim().split('\n')).toHaveLength(1);
});

test('it deletes nothing while somebody is judged under a version that reveals it', async () => {
  await past.load({ users: [person('ana', 'spring-1'), person('bo', 'winter-1')] });
  expect((await retire('--delete')).code).toBe(1);
  expect(await held()).toBe(2);
});

test('it deletes the values once nobody is, with an entry in each ledger, and a second run changes nothing', async () => {
  await past.load({ users: [person('ana', 'spring-1'), person('bo', 'winter-1')] });
  const accept = 'mutation { acceptPolicy(version: "winter-1") { user { id } } }';
  expect((await world.ask(member('ana'), accept)).errors).toEqual([]);
  const first = await retire('--delete');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(/^TASTINGS +0 people hold values /m);
  expect(await held()).toBe(0);
  for (const id of ['ana', 'bo'])
    expect((await actsOf(world.store, id)).at(-1)).toMatchObject({
      ...{ type: 'EXPIRY', categories: ['TASTINGS', 'TASTINGS_SO_FAR'] },
    });
  const acts = await actsOf(world.store, 'ana');
  expect((await retire('--delete')).code).toBe(0);
  expect(await actsOf(world.store, 'ana')).toEqual(acts);
});

test('a value that a legal process in force names stays, and counts', async () => {
  await past.load({
    users: [person('ana', 'winter-1'), person('bo', 'winter-1')],
    legalProcesses: [{ id: 'p1', kind: 'COURT_ORDER', authority: 'A court', subject: 'ana', categories: ['TASTINGS'] }],
  });
  const { code, stdout } = await retire('--delete');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^TASTINGS +1 people hold values /m);
});

test('a previous value that a legal process in force names stays, and the value goes', async () => {
  await past.load({ users: [person('ana', 'winter-1'), person('bo', 'winter-1')] });
  const correct = 'mutation ($input: CorrectionInput!) { correctPersonalData(input: $input) { user { id } } }';
  for (const id of ['ana', 'bo'])
    expect((await past.ask(member(id), correct, { input: { tastings: [{ cheese: 'Brie' }] } })).errors).toEqual([]);
  const order = {
    id: 'p1',
    kind: 'COURT_ORDER',
    authority: 'A court',
    subject: 'ana',
    categories: ['CORRECTED_VALUE'],
  };
  await past.load({ legalProcesses: [order] });
  const { code, stdout } = await retire('--delete');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^TASTINGS +1 people hold values /m);
  const left = await documentsIn(world.store).find({ 'corrections.category': 'TASTINGS' }).toArray();
  expect(left.map(({ publicId }) => publicId)).toEqual(['ana']);
  expect(await held()).toBe(0);
});

test('an address that was never proven is a value of the mailbox like one that was', async () => {
  await past.load({ users: [{ ...person('ana', 'winter-1'), mail: 'ana@shop.example' }, person('bo', 'winter-1')] });
  await documentsIn(world.store).updateOne(
    { publicId: 'ana' },
    { $rename: { 'values.EMAIL': 'values.UNPROVEN_EMAIL' } },
  );
  const unmailed = shopWithout('winter-2', (id) => id === 'MAIL');
  await writeFile(path.join(folder, 'policy.yaml'), unmailed.canonical);
  const next = await createWorld({}, { policy: unmailed, olderPolicies: [before, after], store: world.store });
  await documentsIn(world.store).updateMany({}, { $set: { 'facts.acceptedVersion': 'winter-2' } });
  await next.close();
  expect((await retire()).stdout).toMatch(/^MAIL +1 people hold values /m);
  const { code, stdout } = await retire('--delete');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^MAIL +0 people hold values /m) });
  const ana = await documentsIn(world.store).findOne({ publicId: 'ana' });
  expect([ana?.values.UNPROVEN_EMAIL, ana?.mailbox]).toEqual([undefined, undefined]);
});
