import { systemClock } from '../../src/base/clock.ts';
import { compile } from '../../src/policy/compile.ts';
import { type LoadedPolicy, loadPolicy } from '../../src/policy/load.ts';
import {
  type Category,
  categoryWith,
  type DataCategory,
  type ItemShape,
  isListShape,
  type ScalarShape,
  type ValueShape,
} from '../../src/policy/vocabulary.ts';
import { createStage, type Stage } from '../../src/world/bundle-cases.ts';
import { demoSource } from '../../src/world/demo-seed.ts';
import { type Canaries, type Canary, createCanaries } from './canaries.ts';
import { createRandom } from './random.ts';

/** The invented people and partners of a bundle, with a canary in place of every value that the vocabulary lets a person hold. */

type Json = Readonly<Record<string, unknown>>;
type Filed = Json & { readonly id: string };
type FiledPartner = Json & { readonly clientId: string; readonly contract?: Json };

interface WorldFile extends Json {
  readonly users: readonly Filed[];
  readonly partners: readonly FiledPartner[];
  readonly successions?: readonly { readonly partner: string; readonly announcedAt: string }[];
  readonly legalProcesses?: readonly Json[];
}

/** A person of a planted world. */
export interface Planted {
  /** As a world file first states the person. */
  readonly before: Filed;
  /** The person's corrections, by field. */
  readonly corrected: Json;
  /** The values before the corrections. */
  readonly previous: ReadonlyMap<DataCategory, unknown>;
}

export interface PlantedBundle {
  readonly loaded: LoadedPolicy;
  readonly canaries: Canaries;
  /** The people as they are once each has put values right. */
  readonly stage: Stage;
  readonly people: ReadonlyMap<string, Planted>;
  /** The world file to load, before anything is put right. */
  readonly world: WorldFile;
}

const YEAR = 365 * 86_400_000;
/** Age in years of each item of a list: one from last year, and one older than anything is kept. */
const AGES = [1, 6];

function createValues(canaries: Canaries, now: Date) {
  const yearsAgo = (years: number) => new Date(now.getTime() - years * YEAR);
  const scalar = (canary: Canary, shape: ScalarShape, country: unknown, age: number): unknown => {
    switch (shape) {
      case 'word':
      case 'line':
      case 'text':
      case 'phone':
        return canaries.text(canary);
      case 'email':
        return canaries.text(canary, (mark) => `${mark}@example.com`);
      case 'url':
        return canaries.text(canary, (mark) => `https://example.org/${mark}`);
      case 'date':
        return canaries.date(canary, 1950);
      case 'instant':
        return canaries.instant(canary, yearsAgo(age));
      case 'integer':
        return canaries.integer(canary);
      case 'number':
        return canaries.amount(canary);
      case 'boolean':
        return true;
      case 'country':
        return country ?? 'DE';
      case 'address': {
        const [street, city, postalCode] = ['street', 'city', 'postalCode'].map((part) =>
          canaries.text({ ...canary, what: `${canary.what}.${part}` }),
        );
        return { street, city, postalCode, ...(country !== undefined && { country }) };
      }
    }
  };
  const item = (canary: Canary, shape: ItemShape, country: unknown, age: number): unknown =>
    typeof shape === 'string'
      ? scalar(canary, shape, country, age)
      : Object.fromEntries(
          Object.entries(shape).map(([part, one]) => [
            part,
            scalar({ ...canary, what: `${canary.what}.${part}` }, one, country, age),
          ]),
        );
  return (canary: Canary, shape: ValueShape, country: unknown): unknown =>
    isListShape(shape)
      ? AGES.map((age) => item(canary, shape.list, country, age))
      : item(canary, shape, country, AGES[0] as number);
}

/** Where a person lives decides about them, and so stays as the file has it. */
const countryIn = ({ field = '' }: Category, { [field]: value, country }: Filed): unknown =>
  (value as { readonly country?: unknown } | undefined)?.country ?? country;

/** Twins of each partner of the file: one without a contract in force, and one suspended. */
const TWINS = {
  lapsed: (partner: FiledPartner) => ({
    ...partner,
    contract: { ...partner.contract, from: '2012-01-01T00:00:00Z', until: '2014-01-01T00:00:00Z' },
  }),
  suspended: (partner: FiledPartner) => ({ ...partner, status: 'SUSPENDED' }),
} satisfies Record<string, (partner: FiledPartner) => FiledPartner>;

const named = (id: string, twin: string) => `${id}-${twin}`;

/** The items that name a partner, repeated for each of its twins. */
const forTwins = <T extends Json>(items: unknown, key: string): T[] =>
  ((items ?? []) as T[]).flatMap((item) =>
    item[key] === undefined
      ? [item]
      : [item, ...Object.keys(TWINS).map((twin) => ({ ...item, [key]: named(String(item[key]), twin) }))],
  );

function withTwins({ users, partners, successions, ...rest }: WorldFile): WorldFile {
  return {
    ...rest,
    users: users.map((user) => ({
      ...user,
      ...(user.relationships !== undefined && { relationships: forTwins(user.relationships, 'partner') }),
      ...(user.consents !== undefined && { consents: forTwins(user.consents, 'recipient') }),
    })),
    partners: partners.flatMap((partner) => [
      partner,
      ...Object.entries(TWINS).map(([twin, make]) => ({ ...make(partner), clientId: named(partner.clientId, twin) })),
    ]),
    successions: forTwins(successions, 'partner'),
  };
}

/** A person with a handle and no other data. */
const BARE = 'bare';

/** Reads a bundle and fills its world. */
export async function plant(bundle: string): Promise<PlantedBundle> {
  const now = systemClock.now();
  const loaded = await loadPolicy(bundle);
  const table = compile([loaded.policy], loaded.policy.version);
  const { vocabulary, retention } = table;
  const source: WorldFile = JSON.parse((await demoSource(bundle, table, now)).text);
  const file = withTwins(source);
  const canaries = createCanaries(createRandom(11));
  const plantedValue = createValues(canaries, now);
  const handle = categoryWith(vocabulary, 'handle')?.field ?? '';
  const held = vocabulary.categories.filter(({ field, value }) => field !== undefined && value !== undefined);
  const valuesOf = (person: Filed, categories: readonly Category[], of = person.id) =>
    Object.fromEntries(
      categories.map((category) => [
        category.field,
        plantedValue({ of, what: category.id }, category.value as ValueShape, countryIn(category, person)),
      ]),
    );
  // roles decide, and a value that is kept for a time would begin anew
  const correctable = held.filter(({ id, role, correct }) => correct && role === undefined && !retention.kept.has(id));

  const people = new Map(
    file.users.map((user, index): [string, Planted] => {
      const cases = ((user.privacyCases ?? []) as Json[]).map((one) => ({
        ...one,
        id: canaries.text({ of: user.id, what: 'a privacy case' }),
      }));
      const before: Filed = {
        ...user,
        ...valuesOf(user, held),
        ...(index % 3 === 2 && { emailProven: false }),
        ...(cases.length > 0 && { privacyCases: cases }),
      };
      const previous = new Map(correctable.map(({ id, field = '' }) => [id, before[field]]));
      return [user.id, { before, corrected: valuesOf(user, correctable), previous }];
    }),
  );
  const name = canaries.text({ of: BARE, what: handle });
  people.set(BARE, { before: { id: BARE, [handle]: name }, corrected: {}, previous: new Map() });

  const processes = (file.legalProcesses ?? []).map((one) => ({
    ...one,
    reference: canaries.text({ of: String(one.subject), what: 'the reference of a legal process' }),
  }));
  const world = { ...file, legalProcesses: processes, users: [...people.values()].map(({ before }) => before) };
  const users = [...people.values()].map(({ before, corrected }) => ({ ...before, ...corrected }));
  const stage = createStage(loaded.policy, { text: JSON.stringify({ ...world, users }), file: 'planted' }, now);
  return { loaded, canaries, stage, people, world };
}
