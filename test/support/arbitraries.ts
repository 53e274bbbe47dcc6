import fc from 'fast-check';
import { dateEverywhere, latestBirth } from '../../src/base/birthdays.ts';
import type { DecisionTable } from '../../src/policy/compile.ts';
import type { Audience } from '../../src/policy/decide.ts';
import type { Contract, Facts, Recipient } from '../../src/policy/facts.ts';
import { NEVER, UNCOUNTED } from '../../src/policy/held-times.ts';
import { type CategoryMask, EVERY_CATEGORY, maskOf, STATUSES } from '../../src/policy/vocabulary.ts';
import { DATA_CATEGORIES, FIRST_PARTY_AUDIENCES, PREFERENCES } from './words.ts';

/** The instant that every generated window lies around, often to the millisecond. */
export const NOW = new Date('2026-03-10T12:00:00.000Z');

const HOUR = 3_600_000;
const shifted = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);

const OFFSETS = [-721 * HOUR, -720 * HOUR - 1, -720 * HOUR, -720 * HOUR + 1, -HOUR, -1, 0, 1, HOUR];
export const instants = fc.constantFrom(...OFFSETS.map(shifted));

/** A consent that ends by itself, and one that is given for each recipient and ends as well. */
export const LASTING = 'lasting';
export const EACH = 'each';

/** A purpose that people restrict. */
export const RESTRICTED = 'targeted-offers';

const births = fc.constantFrom(
  ...[13, 18].flatMap((years) =>
    [-1, 0, 1].map((apart) => new Date(latestBirth(years, dateEverywhere(NOW)).getTime() + apart)),
  ),
  shifted(HOUR),
);

/** The start of values, often the first instant that is over after thirty days. */
const heldSince = fc.oneof(instants, fc.constantFrom(NEVER, UNCOUNTED));

const CLIENT_IDS = ['first', 'first', 'second'] as const;
const COUNTRY_CODES = ['US', 'FR', 'NO', 'GB', 'DE'] as const;

/** Values that no fact should hold, as a database may still hold them. */
const junk = fc.oneof(
  fc.constantFrom(null, 0, 1, -1, 1.5, '', 'true', 'ACTIVE', 'OPEN', true, false, NOW, new Date(Number.NaN)),
  fc.constantFrom([], {}, [[]], [{}], [null], { 0: true }, ['first'], [true], [NOW]),
);

const mostly = <Value>(usual: fc.Arbitrary<Value>, other: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: other });

/** Mostly the value; sometimes junk, or the value within a list or an object. */
const tainted = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 30, arbitrary: value },
    { weight: 1, arbitrary: junk },
    { weight: 1, arbitrary: value.map((inner) => [inner]) },
    { weight: 1, arbitrary: value.map((inner) => ({ 0: inner })) },
  );

type Wrap = (value: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>;
type Model = Record<string, fc.Arbitrary<unknown>>;

const MISSING = Symbol('missing');

/** An object with any parts missing, though seldom many. */
const gappy = (model: Model): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .record(
      Object.fromEntries(
        Object.entries(model).map(([key, value]) => [key, fc.option(value, { nil: MISSING, freq: 15 })]),
      ),
    )
    .map((whole) => Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== MISSING)));

/** Facts: each part passes through `wrap`, and may be missing. */
const factsWith = (versions: readonly string[], wrap: Wrap): fc.Arbitrary<Facts> => {
  const part = (model: Model) =>
    gappy(Object.fromEntries(Object.entries(model).map(([key, value]) => [key, wrap(value)])));
  const list = (model: Model) => fc.array(wrap(part(model)), { maxLength: 3 });
  const partner = fc.constantFrom(...CLIENT_IDS);
  const mostlyTrue = mostly(fc.constant(true), fc.constant(false));
  const byGuardian = { tie: fc.constantFrom('of-mother', 'of-father') };
  const consent = fc.oneof(
    part({ given: mostlyTrue, at: instants }),
    part({ given: mostlyTrue, at: instants, ...byGuardian }),
  );
  return part({
    status: mostly(fc.constant('ACTIVE'), fc.constantFrom(...STATUSES, 'ERASED')),
    invented: mostly(fc.constant(true), fc.constant(false)),
    acceptedVersion: mostly(fc.constantFrom(...versions), fc.constant('never-published')),
    residence: fc.constantFrom(...COUNTRY_CODES, 'ZZ'),
    preferences: part(Object.fromEntries(PREFERENCES.map((name) => [name, mostlyTrue]))),
    bornOn: births,
    held: part({ GENDER: heldSince, POSTS: heldSince }),
    restrictions: part({ [RESTRICTED]: mostly(fc.constant(false), fc.constant(true)) }),
    consents: part({ targetedOffers: consent, euTransfer: consent, [LASTING]: consent }),
    recipientConsents: list({ purpose: fc.constantFrom(EACH, LASTING), partner, at: instants, ...byGuardian }),
    standingOptOut: mostly(fc.constant(false), fc.constant(true)),
    orders: list({ processor: partner, status: fc.constantFrom('OPEN', 'FAILED', 'FILLED', 'CANCELLED') }),
    subscriptions: list({ verified: mostlyTrue }),
    relationships: list({ partner, active: mostlyTrue }),
    socialLinks: list({ partner, autoPost: mostlyTrue }),
    adInteractions: list({ partner, at: instants }),
    privacyCases: list({
      status: mostly(fc.constant('OPEN'), fc.constant('CLOSED')),
      from: fc.constantFrom('SUBJECT', 'GUARDIAN', 'STAFF'),
      verified: fc.boolean(),
    }),
    legalProcesses: list({
      id: fc.constantFrom('process-1', 'process-2'),
      kind: fc.constantFrom('COURT_ORDER', 'SUBPOENA'),
      authority: fc.constant('District Court'),
      categories: fc.array(wrap(fc.constantFrom(...DATA_CATEGORIES, 'UNHEARD_OF')), { maxLength: 4 }),
      from: instants,
      until: instants,
    }),
  });
};

/** Facts as the gateway writes them, with any of them missing. */
export const soundFacts = (versions: readonly string[]) => factsWith(versions, (value) => value);

/** Facts of people as a database may hold them: sound ones, and ones with wrong types anywhere. */
export const anyFacts = (versions: readonly string[]): fc.Arbitrary<Facts> =>
  fc.oneof(soundFacts(versions), factsWith(versions, tainted));

const bounds = fc.option(instants, { nil: null });

const attributes = gappy({ certified: fc.oneof(fc.boolean(), instants, junk) });

const rest = (purposes: fc.Arbitrary<string[]>) => ({
  ...{ purposes, attributes },
  mode: mostly(fc.constant('LIVE' as const), fc.constant('TEST' as const)),
});

const contracts = (purposes: fc.Arbitrary<string[]>): fc.Arbitrary<Contract> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ from: fc.constant(null), until: fc.constant(null), ...rest(purposes) }) },
    { weight: 1, arbitrary: fc.record({ from: bounds, until: bounds, ...rest(purposes) }) },
  );

/** A recipient of one kind, mostly with a contract in force. */
export const recipients = (kind: string, purposes: fc.Arbitrary<string[]>): fc.Arbitrary<Recipient> =>
  fc.record({
    clientId: fc.constantFrom(...CLIENT_IDS),
    kind: fc.constant(kind),
    jurisdiction: fc.constantFrom(...COUNTRY_CODES, 'ZZ'),
    active: fc.constantFrom(...Array<boolean>(9).fill(true), false),
    contract: fc.option(contracts(purposes), { nil: null, freq: 6 }),
    successionAnnouncedAt: fc.option(instants, { nil: null, freq: 6 }),
  });

const scopes: fc.Arbitrary<CategoryMask> = fc.oneof(
  fc.constant(EVERY_CATEGORY),
  fc.subarray(DATA_CATEGORIES).map(maskOf),
);

/** A caller under a policy: one of our own or a partner, mostly for a purpose that its clauses serve. */
export function audiences(table: DecisionTable): fc.Arbitrary<Audience> {
  const everyPurpose = [...table.callerPurposes];
  const purposesOf = (name: string) => {
    const served = (table.all.get(name) ?? []).flatMap(({ purposes }) => [...(purposes ?? [])]);
    return fc.constantFrom(...(served.length > 0 ? [...served, ...served, ...served] : [null]), ...everyPurpose);
  };
  const ofOurOwn = fc.constantFrom(...FIRST_PARTY_AUDIENCES).chain((name) =>
    fc.record({
      name: fc.constant(name),
      purpose: name.startsWith('STAFF_') ? purposesOf(name) : fc.constant(null),
      recipient: fc.constant(null),
      scope: fc.constant(EVERY_CATEGORY),
    }),
  );
  const kinds = table.current.partnerKinds.map(({ id }) => id);
  const partners = fc
    .constantFrom(...kinds)
    .chain((name) => fc.tuple(fc.constant(name), purposesOf(name)))
    .chain(([name, purpose]) =>
      fc.record({
        name: fc.constant(name),
        purpose: fc.constant(purpose),
        recipient: recipients(
          name,
          fc.oneof(
            { weight: 5, arbitrary: fc.constant<string[]>(purpose === null ? [] : [purpose]) },
            { weight: 1, arbitrary: fc.subarray(everyPurpose, { maxLength: 3 }) },
          ),
        ),
        scope: scopes,
      }),
    );
  return fc.oneof({ weight: 1, arbitrary: ofOurOwn }, { weight: 3, arbitrary: partners });
}
