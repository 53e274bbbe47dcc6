import { readdirSync } from 'node:fs';
import path from 'node:path';
import { getNamedType, isObjectType, parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { buildSchema } from '../../src/gateway/schema.ts';
import { examplesFor } from '../../src/http/graphiql/examples.ts';
import type { CallerClaims } from '../../src/http/signing.ts';
import { widestScope } from '../../src/policy/audiences.ts';
import { compile } from '../../src/policy/compile.ts';
import { lint } from '../../src/policy/lint.ts';
import { type LoadedPolicy, loadPolicy, readCasesOf } from '../../src/policy/load.ts';
import { REFERENCE_BUNDLE } from '../../src/policy/reference.ts';
import { categoryNamed, idsOf } from '../../src/policy/vocabulary.ts';
import { createStage, failuresOf, type PolicyCase, parseCases, type Stage } from '../../src/world/bundle-cases.ts';
import { demoSource } from '../../src/world/demo-seed.ts';
import { parsePolicy } from '../support/policy.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const FOLDER = path.dirname(REFERENCE_BUNDLE);
const BUNDLES = readdirSync(FOLDER);

interface Loaded {
  readonly loaded: LoadedPolicy;
  readonly stage: Stage;
  readonly cases: readonly PolicyCase[];
  readonly world: unknown;
}

async function load(name: string): Promise<Loaded> {
  const bundle = path.join(FOLDER, name);
  const loaded = await loadPolicy(bundle);
  const source = await readCasesOf(bundle);
  if (!source) throw new Error(`${name} has no cases.`);
  const now = systemClock.now();
  const { table } = createStage(loaded.policy, { text: '{}', file: 'empty' }, now);
  const world = await demoSource(bundle, table, now);
  const stage = createStage(loaded.policy, world, now);
  return { loaded, stage, cases: parseCases(source, stage), world: JSON.parse(world.text) };
}

/** For each category of the vocabulary with a field of `User`: that field, with its selection. */
function selectionsOf({ table }: Stage): ReadonlyMap<string, string> {
  const user = buildSchema(table).getType('User');
  const fields = isObjectType(user) ? user.getFields() : {};
  return new Map(
    table.vocabulary.categories.flatMap(({ id, field }): [string, string][] => {
      if (field === undefined) return id === 'ACCOUNT' ? [[id, 'status']] : [];
      const type = fields[field] && getNamedType(fields[field].type);
      const parts = isObjectType(type) ? ` { ${Object.keys(type.getFields()).join(' ')} }` : '';
      return [[id, `${field}${parts}`]];
    }),
  );
}

const isNothing = (value: unknown) => value === null || value === 0 || (Array.isArray(value) && value.length === 0);

const callerOf = ({ table, partners }: Stage, { caller, person }: PolicyCase): CallerClaims | null => {
  const [kind, name = '', purpose = '', ...scope] = caller.split(' ');
  if (kind === 'visitor') return null;
  if (kind === 'self') return member(person);
  if (kind === 'member') return member(name);
  if (kind === 'staff') return staff(name, purpose);
  const words = scope.length > 0 ? scope : widestScope(table, partners.get(name)?.kind ?? '', purpose);
  return partner(name, purpose, words.join(' '));
};

describe.each(BUNDLES)('policies/%s', (name) => {
  test('lint finds no error', async () => {
    const { policy } = await loadPolicy(path.join(FOLDER, name));
    expect(lint(policy).filter(({ severity }) => severity === 'ERROR')).toEqual([]);
  });

  test('its cases hold', async () => {
    const found = await load(name);
    expect(failuresOf(found.stage, found.cases)).toEqual([]);
  });

  test('the examples of the explorer are valid against its schema', async () => {
    const { policy } = await loadPolicy(path.join(FOLDER, name));
    const table = compile([policy], policy.version);
    const schema = buildSchema(table);
    const faults = examplesFor([], table).flatMap(({ query }) => validate(schema, parse(query)));
    expect(faults.map(({ message }) => message)).toEqual([]);
  });

  describe('over HTTP', () => {
    let found: Loaded;
    let world: TestWorld;
    /** By the instant of cases: the people of the bundle, as they are then. */
    const worlds = new Map<string, TestWorld>();
    beforeAll(async () => {
      found = await load(name);
      world = await createWorld(found.world, { policy: found.loaded });
    });
    afterAll(async () => {
      await world?.close();
      for (const other of worlds.values()) await other.close();
    });

    const worldAt = async (now: string | undefined): Promise<TestWorld> => {
      if (now === undefined) return world;
      const instant = new Date(now);
      const there =
        worlds.get(now) ??
        (await createWorld(found.world, { policy: found.loaded, clock: { now: () => new Date(instant) } }));
      worlds.set(now, there);
      return there;
    };

    /** The id of the person for the caller of a case; the person asks for it and hands it over. */
    const idFor = async (world: TestWorld, { caller, person }: PolicyCase): Promise<string> => {
      const [kind, clientId = ''] = caller.split(' ');
      if (kind !== 'partner') return person;
      const { data } = await world.ask(member(person), `{ me { partnerId(clientId: ${JSON.stringify(clientId)}) } }`);
      return data.me.partnerId;
    };

    test('each case is answered as it says', async () => {
      const { stage, cases } = found;
      const selections = selectionsOf(stage);
      const { retention, vocabulary } = stage.table;
      /** The fields of values that the person of a case was given and that are kept for a time. */
      const timedOf = ({ person }: PolicyCase) => {
        const given = stage.states.get(person)?.values ?? {};
        const kept = [...retention.kept.values()].filter(({ place }) => given[place] !== undefined);
        return new Set(kept.flatMap(({ names }) => names.map((id) => categoryNamed(vocabulary, id)?.field)));
      };
      for (const one of cases) {
        const world = await worldAt(one.now);
        const timed = timedOf(one);
        const id = await idFor(world, one);
        const query = `{ user(id: ${JSON.stringify(id)}) { ${[...selections.values()].join(' ')} } }`;
        const { data, errors } = await world.ask(callerOf(stage, one), query);
        const denied = new Set(errors.map((error) => error.path?.[1]));
        const isShown = (selection: string) => {
          const [field = ''] = selection.split(' ');
          return !denied.has(field) && !(timed.has(field) && isNothing(data.user[field]));
        };
        const shown = data?.user ? [...selections].filter(([, selection]) => isShown(selection)).map(([id]) => id) : [];
        const wanted =
          one.shows ?? idsOf(stage.table.vocabulary.categories).filter((category) => !one.hides?.includes(category));
        expect({ ...one, shown: shown.sort() }).toEqual({
          ...one,
          shown: wanted.filter((category) => selections.has(category)).sort(),
        });
      }
    });

    test('introspection shows no word of another company', async () => {
      if (name === path.basename(REFERENCE_BUNDLE)) return;
      const { data } = await world.ask(
        null,
        '{ __schema { types { name fields { name args { name } } inputFields { name } } } }',
      );
      const told = JSON.stringify(data).match(/imvu|avatar|newsletter|friend|creator/gi);
      expect(told).toBeNull();
    });
  });
});

describe('a word more', () => {
  const bundle = path.join(FOLDER, 'corner-shop');
  const edited = async (change: (draft: Draft) => void): Promise<LoadedPolicy> => {
    const draft: Draft = JSON.parse((await loadPolicy(bundle)).canonical);
    change(draft);
    return parsePolicy(JSON.stringify(draft), 'edited');
  };
  interface Draft {
    readonly vocabulary: Record<'categories' | 'preferences' | 'staff', object[]>;
    readonly partnerKinds: object[];
    readonly clauses: object[];
  }
  const clause = (to: string, categories: readonly string[], more: object = {}) => ({
    ...{
      id: 'shop.more',
      section: 'More',
      summary: 'More.',
      kind: ['reveal'],
      reading: 'LITERAL',
      legalBasis: 'CONTRACT',
    },
    reveals: [{ to, categories, when: { fact: 'personActive' }, ...more }],
  });
  const SHOE = { id: 'SHOE_SIZE', says: 'The size of shoes.', field: 'shoeSize', value: 'integer', correct: true };
  const ANA = { id: 'u1', nickname: 'Ana', fullName: 'Ana Lima', shoeSize: 38 };
  const BO = { id: 'u2', nickname: 'Bo', fullName: 'Bo Ek' };

  test('a category has its field, its scope, its correction and its history', async () => {
    const policy = await edited(({ vocabulary, clauses }) => {
      vocabulary.categories.push(SHOE);
      clauses.push(clause('MEMBER', ['SHOE_SIZE']));
    });
    const world = await createWorld({ users: [ANA, BO] }, { policy });
    const shoes = async (caller: CallerClaims | null) =>
      (await world.ask(caller, '{ user(id: "u1") { shoeSize } }')).data.user?.shoeSize;
    expect([await shoes(member('u1')), await shoes(member('u2')), await shoes(null)]).toEqual([38, 38, undefined]);
    const put = 'mutation { correctPersonalData(input: { shoeSize: 39 }) { corrections { category previousValue } } }';
    expect((await world.ask(member('u1'), put)).data.correctPersonalData).toEqual({
      corrections: [{ category: 'SHOE_SIZE', previousValue: '38' }],
    });
    expect(await shoes(member('u2'))).toBe(39);
    await world.close();
  });

  test('a deleted value is gone, wherever its role keeps it', async () => {
    const home = { street: 'Am Markt 1', city: 'Bremen', country: 'DE' };
    const { shoeSize: _, ...ana } = ANA;
    const world = await createWorld(
      { users: [{ ...ana, birthday: '1990-02-03', home }] },
      { policy: await loadPolicy(bundle) },
    );
    const remove = 'mutation { deletePersonalData(categories: [BIRTHDAY, HOME]) { deleted } }';
    const { data } = await world.ask(member('u1'), remove);
    expect(data.deletePersonalData.deleted).toEqual(['BIRTHDAY', 'YEAR_OF_BIRTH', 'HOME', 'TOWN']);
    const left = await world.ask(member('u1'), '{ me { birthday yearOfBirth home { city } town } }');
    expect(left.data.me).toEqual({ birthday: null, yearOfBirth: null, home: null, town: null });
    await world.close();
  });

  test('a preference can be switched, and its clause follows it', async () => {
    const policy = await edited(({ vocabulary, clauses }) => {
      vocabulary.categories.push(SHOE);
      vocabulary.preferences.push({ id: 'barefoot', says: 'Walks barefoot.', default: false });
      clauses.push(
        clause('MEMBER', ['SHOE_SIZE'], { when: { all: [{ fact: 'personActive' }, { preference: 'barefoot' }] } }),
      );
    });
    const world = await createWorld({ users: [ANA, BO] }, { policy });
    const denied = async () => (await world.ask(member('u2'), '{ user(id: "u1") { shoeSize } }')).errors.length;
    expect(await denied()).toBe(1);
    await world.ask(member('u1'), 'mutation { updatePreferences(input: { barefoot: true }) { outlastsSignals } }');
    expect(await denied()).toBe(0);
    await world.close();
  });

  test('a role of staff sees the categories of its clause, and may do its tasks alone', async () => {
    const policy = await edited(({ vocabulary, clauses }) => {
      vocabulary.staff.push({ id: 'cobbler', says: 'Mends shoes.', may: ['answerPrivacyCases'] });
      clauses.push(clause('STAFF_COBBLER', ['NICKNAME'], { purposes: ['counter'] }));
    });
    const { shoeSize: _, ...ana } = ANA;
    const world = await createWorld({ users: [ana, BO] }, { policy });
    const asked = (role: string) => world.ask(staff(role, 'counter'), '{ user(id: "u1") { nickname fullName } }');
    expect((await asked('cobbler')).data.user).toEqual({ nickname: 'Ana', fullName: null });
    const queue = '{ privacyCaseQueue { id } }';
    expect((await world.ask(staff('cobbler', 'counter'), queue)).errors).toEqual([]);
    expect((await world.ask(staff('counter', 'counter'), queue)).errors[0]?.message).toBe(
      'Only officer or cobbler staff can do this.',
    );
    await world.close();
  });

  test('a category that a later version retires stays readable under the version that people accepted', async () => {
    const older = await edited((draft) => {
      Object.assign(draft, { version: 'winter-0' });
      draft.vocabulary.categories.push(SHOE);
      draft.clauses.push(clause('MEMBER', ['SHOE_SIZE']));
    });
    const policy = await loadPolicy(bundle);
    const world = await createWorld({}, { policy: older });
    await world.load({ users: [ANA, BO] });
    const later = await createWorld({}, { store: world.store, policy, olderPolicies: [] });
    const { data, errors } = await later.ask(member('u2'), '{ user(id: "u1") { nickname shoeSize } }');
    expect({ data, errors }).toEqual({ data: { user: { nickname: 'Ana', shoeSize: 38 } }, errors: [] });
    await later.close();
    await world.close();
  });

  test('a category in another form is refused, and named', async () => {
    const older = await edited((draft) => Object.assign(draft, { version: 'winter-0' }));
    const policy = await edited(({ vocabulary }) => {
      const [code] = vocabulary.categories.filter((category) => 'id' in category && category.id === 'DOOR_CODE');
      Object.assign(code ?? {}, { value: 'integer' });
    });
    await expect(createWorld({}, { policy, olderPolicies: [older] })).rejects.toThrow(
      'expected the category DOOR_CODE in the form that version winter-0 gives it',
    );
  });
});
