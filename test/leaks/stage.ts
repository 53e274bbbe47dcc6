import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../../src/base/log.ts';
import {
  type Answer,
  answerTo,
  type Facts,
  type LegalProcess,
  type Person,
  personOf,
  type WorldUser,
} from '../decisions/oracle.ts';
import { NOW, partnersFile } from '../decisions/partners.ts';
import { CURRENT, OLDER } from '../decisions/people.ts';
import { createClock } from '../support/clock.ts';
import { draftOfReference, draftWithout, parsePolicy } from '../support/policy.ts';
import { createWorld, member, staff, type TestWorld } from '../support/world.ts';
import { inBatches } from './batches.ts';
import { createCanaries } from './canaries.ts';
import { type FiledProcess, filePerson, type State } from './people.ts';
import type { Random } from './random.ts';
import { type Asker, CRAWLED_PARTNERS, DEALINGS, SCRATCH_PARTNERS } from './roster.ts';
import { isUnsettled, RECORD, type Shown, shownOf } from './shown.ts';

/** A person of the crawled world, with the whole record. */
export interface Resident {
  readonly state: string;
  readonly id: string;
  readonly sid: string;
  /** The ids of the person at partners. */
  readonly partnerIds: ReadonlyMap<string, string>;
  /** The facts about the person, as the oracle takes them. */
  readonly person: Person;
  /** The record as the person would read it, and the processor's token. */
  readonly shown: Shown;
  /** The token that each order was placed with, by the order's id. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly processes: readonly FiledProcess[];
  readonly erased: boolean;
}

export type Stage = Awaited<ReturnType<typeof createStage>>;

/** A text of a case, and the person with that case; null if the case is unverified or about nobody. */
export interface Letter {
  readonly text: string;
  readonly of: string | null;
}

/** An unverified report about a child. */
export interface Report {
  readonly id: string;
  readonly kind: 'GUARDIAN_UNVERIFIED' | 'FINDING';
  readonly child: string;
  readonly message: string | null;
  readonly contact: string | null;
}

const legal = staff('legal', 'legal-process');
const officer = staff('privacy', 'privacy-request');
const CORRECT = 'mutation ($name: String) { correctPersonalData(input: { name: $name }) { user { id } } }';
const WRITE = 'mutation ($text: String!) { openPrivacyCase(message: $text) { id } }';
const ASK_ABOUT_CHILD = `
  mutation ($child: String!, $contact: EmailAddress!, $message: String!) {
    openGuardianCase(child: $child, contact: $contact, message: $message)
  }`;
const REPORTS = `{ privacyCases(first: 100, kinds: [GUARDIAN_UNVERIFIED, FINDING]) {
  edges { node { id kind child message contact } }
} }`;
const PLACE = 'mutation ($input: OrderInput!) { placeOrder(input: $input) { order { id } } }';
const OPEN_PROCESS = 'mutation ($input: LegalProcessInput!) { openLegalProcess(input: $input) }';

/** Fields that a person must read exactly as the world file has them. */
const AS_FILED = [
  ...[
    'avatarName',
    'email',
    'emailProven',
    'gender',
    'birthDate',
    'country',
    'status',
    'cellPhone',
    'postalAddress',
    'billingAddress',
  ],
  ...['photos', 'posts', 'recentActivity', 'transactions', 'preferences', 'subscriptions', 'relationships'],
  ...['socialLinks', 'adInteractions', 'orders', 'paymentCard'],
];

/** The order of a list says nothing here. */
const isSame = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b)
    ? a.length === b.length && a.every((item) => b.some((other) => isDeepStrictEqual(item, other)))
    : isDeepStrictEqual(a, b);

/** The number of people to enter at once. */
const TOGETHER = 6;

const CLIENT_IDS = CRAWLED_PARTNERS.map(({ partner: { clientId } }) => clientId);

/** A world with a canary in every personal value, and the oracle's knowledge of it. */
export async function createStage(states: readonly State[], random: Random) {
  const canaries = createCanaries(random);
  const clock = createClock(NOW);
  const logged: string[] = [];
  const note = (...line: unknown[]) => void logged.push(JSON.stringify(line));
  const log = { info: note, warn: note, error: note } as unknown as Log;

  const clauses = draftOfReference().clauses.map(({ id }) => id);
  const versions = new Map<string, ReadonlySet<string>>([[CURRENT, new Set(clauses)]]);
  const olderPolicies = Object.entries(OLDER).map(([version, lacking]) => {
    versions.set(version, new Set(clauses.filter((id) => !lacking.includes(id))));
    return parsePolicy(JSON.stringify({ ...draftWithout(lacking), version }), version);
  });

  const filed = states.map((state) => filePerson(state, canaries, DEALINGS));
  const world: TestWorld = await createWorld(
    {
      ...partnersFile([...CRAWLED_PARTNERS, ...SCRATCH_PARTNERS]),
      users: filed.map(({ file }) => file),
      legalProcesses: filed.flatMap(({ file: { id }, processes }) =>
        processes.map((process) => ({ ...process, kind: 'COURT_ORDER', subject: id })),
      ),
    },
    { clock, log, olderPolicies },
  );

  const residents = new Map<string, Resident>();
  const letters: Letter[] = [];

  /** The record as the person is told it; null after the erasure. */
  const readRecord = async (id: string) => {
    const { status, data, errors } = await world.ask(member(id), `{ me { ${RECORD} } }`);
    if (status === 401) return null;
    const unexpected = errors.filter(({ extensions }) => extensions.category !== 'PROCESSOR_TOKEN');
    if (!data?.me || unexpected.length > 0)
      throw new Error(`A person can not read their record: ${JSON.stringify(errors)}`);
    return data.me as Shown;
  };

  const factsOf = (shown: Shown, processes: readonly LegalProcess[]): Facts => {
    const { gpcOptOut, ...preferences } = shown.preferences;
    const residence = shown.country ?? shown.postalAddress?.country;
    return {
      status: shown.status,
      acceptedVersion: shown.policyAcceptances[0]?.version as string,
      ...(residence != null && { residence }),
      preferences,
      gpcOptOut,
      consents: shown.consents,
      orders: shown.orders.map(({ status, processor }) => ({ status, processor: processor.clientId })),
      subscriptions: shown.subscriptions,
      relationships: shown.relationships.map(({ active, partner }) => ({ active, partner: partner.clientId })),
      socialLinks: shown.socialLinks.map(({ autoPost, partner }) => ({ autoPost, partner: partner.clientId })),
      adInteractions: shown.adInteractions.map(({ at, partner }) => ({ at, partner: partner.clientId })),
      privacyCases: shown.privacyCases.map(({ status, kind }) =>
        kind === 'SUBJECT' ? { status, from: 'SUBJECT' } : { status, from: 'GUARDIAN', verified: true },
      ),
      legalProcesses: processes,
    };
  };

  const idsOf = async (id: string, of: string) => {
    const people = world.store.connection.collection('people');
    const document = await people.findOne({ publicId: id });
    const sid = canaries.id({ of, what: 'sid' }, String(document?._id));
    const aliases = CLIENT_IDS.map((clientId, index) => `p${index}: partnerId(clientId: "${clientId}")`);
    const found: Record<string, string> = {};
    for (let at = 0; at < aliases.length; at += 25)
      Object.assign(found, (await world.ask(member(id), `{ me { ${aliases.slice(at, at + 25).join(' ')} } }`)).data.me);
    const partnerIds = new Map(
      CLIENT_IDS.map((clientId, index) => {
        const partnerId = found[`p${index}`] as string;
        return [clientId, canaries.id({ of, what: `id for ${clientId}` }, partnerId)];
      }),
    );
    return { sid, partnerIds };
  };

  /** Enters a person of a world file. */
  const enter = async (file: WorldUser, state: string, processes: readonly FiledProcess[]) => {
    const ids = await idsOf(file.id, `somebody ${state}`);
    const person = personOf(file, processes, CURRENT, NOW);
    residents.set(file.id, {
      state,
      id: file.id,
      ...ids,
      person,
      processes,
      tokens: {},
      erased: false,
      shown: shownOf(file, person),
    });
  };

  /** Reads a person's record again after a change. */
  const refresh = async (id: string, change: Partial<Pick<Resident, 'processes'>> & { token?: string } = {}) => {
    const before = residents.get(id);
    const record = await readRecord(id);
    if (!record) {
      if (before) residents.set(id, { ...before, erased: true });
      return;
    }
    const state = before?.state ?? 'with a new registration';
    const processes = change.processes ?? before?.processes ?? [];
    // the token belongs to the order that is new in the record
    const placed =
      change.token && record.orders.find(({ id: order }) => !before?.shown.orders.some((known) => known.id === order));
    const tokens = { ...before?.tokens, ...(placed && { [placed.id]: change.token as string }) };
    const processorToken = before?.shown.paymentCard?.processorToken ?? null;
    const shown = { ...record, paymentCard: record.paymentCard && { ...record.paymentCard, processorToken } };
    const user = { id, avatarName: record.avatarName, ...(record.birthDate && { birthDate: record.birthDate }) };
    const person = { user, facts: factsOf(shown, processes) };
    const ids = before ?? (await idsOf(id, `somebody ${state}`));
    const { sid, partnerIds } = ids;
    residents.set(id, { state, id, sid, partnerIds, person, processes, tokens, erased: false, shown });
  };

  /** Applies the opt-out signal of a browser to the known record of its person. */
  const optOut = ({ resident }: Asker) => {
    const before = resident?.();
    if (!before || before.erased) return;
    const { person, shown } = before;
    residents.set(before.id, {
      ...before,
      person: { ...person, facts: { ...person.facts, gpcOptOut: true } },
      shown: { ...shown, preferences: { ...shown.preferences, gpcOptOut: true } },
    });
  };

  const must = async (...asked: Parameters<TestWorld['ask']>) => {
    const { data, errors } = await world.ask(...asked);
    if (errors.length > 0) throw new Error(`The world can not be set up: ${JSON.stringify(errors)}`);
    return data;
  };

  /** The card and address of an order; only its processor may see them. */
  const purchaseOf = (of: string, processor: string) => {
    const what = `data given to ${processor}`;
    return {
      processor,
      processorToken: canaries.text({ of, what: `${what}: token` }),
      brand: canaries.text({ of, what: `${what}: brand` }),
      lastFour: canaries.fourDigits({ of, what: `${what}: lastFour` }),
      expiry: canaries.month({ of, what: `${what}: expiry` }),
      billingAddress: {
        street: canaries.text({ of, what: `${what}: street` }),
        city: canaries.text({ of, what: `${what}: city` }),
        postalCode: canaries.text({ of, what: `${what}: postalCode` }),
        country: 'CA',
      },
    };
  };

  // All texts are drawn before the first await, so that the same seed makes the same world.
  const settle = async ({ file, state, processes, places }: (typeof filed)[number]) => {
    const of = `somebody ${state}`;
    const name = file.name && canaries.text({ of, what: 'name' });
    const hasCase = file.privacyCases?.some(({ status, from }) => status === 'OPEN' && from !== 'GUARDIAN');
    const text = hasCase && canaries.text({ of, what: 'letter' }, (mark) => `Tell me of ${mark}.`);
    const purchases = places ? DEALINGS.processors.slice(0, 2).map((processor) => purchaseOf(of, processor)) : [];
    await enter(file, state, processes);
    if (name) await must(member(file.id), CORRECT, { name });
    if (text) {
      await must(member(file.id), WRITE, { text });
      letters.push({ text, of: file.id });
    }
    await refresh(file.id);
    const filedAs = shownOf(file, (residents.get(file.id) as Resident).person);
    const read = (residents.get(file.id) as Resident).shown;
    for (const field of AS_FILED)
      if (!isSame(read[field], filedAs[field]))
        throw new Error(`The ${field} of somebody ${state} differs from the world file.`);
    for (const { processorToken, ...order } of purchases) {
      const { brand, lastFour, expiry, billingAddress } = order;
      await must(member(file.id), PLACE, { input: { ...order, processorToken } });
      await refresh(file.id, { token: processorToken });
      const { shown } = residents.get(file.id) as Resident;
      const given = { paymentCard: { brand, lastFour, expiry }, billingAddress };
      const { paymentCard, billingAddress: address } = shown.orders.findLast(
        isUnsettled,
      ) as (typeof shown.orders)[number];
      if (!isDeepStrictEqual({ paymentCard, billingAddress: address }, given))
        throw new Error(`An order of somebody ${state} is billed with another card or address.`);
    }
  };
  for (const some of inBatches(filed, TOGETHER)) await Promise.all(some.map(settle));
  const settled = filed.map(({ file: { id } }) => residents.get(id) as Resident);
  residents.clear();
  for (const resident of settled) residents.set(resident.id, resident);

  const guardian = { of: 'a guardian', what: 'letter' };
  for (const child of [filed[1]?.file.avatarName ?? 'nobody', canaries.text({ of: 'a guardian', what: 'child' })]) {
    const message = canaries.text(guardian);
    const contact = canaries.text(guardian, (mark) => `${mark}@mail.example`);
    await must(null, ASK_ABOUT_CHILD, { child, contact, message });
  }

  let reports: readonly Report[] = [];
  /** Reads the unverified reports again: privacy staff may read each of them. */
  const learnReports = async () => {
    const { privacyCases } = await must(officer, REPORTS);
    reports = privacyCases.edges.map(({ node }: { node: Report }) => node);
    for (const { id, child, message, contact } of reports)
      for (const text of [id, child, message, contact])
        if (text !== null && !letters.some((letter) => letter.text === text && letter.of === null))
          letters.push({ text, of: null });
  };
  await learnReports();

  /** Moves the texts of a verified report into the record of its child. */
  const verify = async ({ id, child, message, contact }: Report, proof: string) => {
    const of = living().find(({ shown }) => shown.avatarName === child)?.id ?? null;
    letters.push({ text: proof, of });
    if (of === null) return;
    for (const [index, { text }] of letters.entries())
      if ([id, message, contact].includes(text)) letters[index] = { text, of };
    await refresh(of);
  };

  /** A process that its subject is not to know of yet. */
  const [first] = filed;
  if (first) {
    const secret = canaries.text({ of: `somebody ${first.state}`, what: 'an authority that is kept from them' });
    const input = {
      kind: 'SUBPOENA',
      authority: secret,
      reference: 'R-2',
      subject: first.file.id,
      categories: ['EMAIL'],
      until: new Date(NOW.getTime() + 24 * 3_600_000).toISOString(),
      notBefore: new Date(NOW.getTime() + 3_600_000).toISOString(),
    };
    await must(legal, OPEN_PROCESS, { input });
  }

  const living = () => [...residents.values()].filter(({ erased }) => !erased);

  /** The id of a person for this caller. */
  const idFor = ({ clientId }: Asker, resident: Resident) =>
    clientId === undefined ? resident.id : (resident.partnerIds.get(clientId) as string);

  return {
    world,
    clock,
    log,
    logged,
    canaries,
    versions,
    letters,
    /** The words of each kind of denial: they never depend on the person. */
    words: new Map<string, string>(),
    residents,
    refresh,
    optOut,
    idFor,
    living,
    reports: () => reports,
    learnReports,
    verify,
    /** Findings that privacy staff recorded: the id, the author, and the person. */
    findings: [] as { id: string; by: string; user: string }[],
    withVerifiedGuardian: () =>
      living().filter(({ shown }) =>
        shown.privacyCases.some(({ status, kind }) => status === 'OPEN' && kind === 'GUARDIAN_VERIFIED'),
      ),
    withOpenCase: () => living().filter(({ shown }) => shown.privacyCases.some(({ status }) => status === 'OPEN')),
    findFor: (asker: Asker, id: string) => living().find((resident) => idFor(asker, resident) === id) ?? null,
    answer: (asker: Asker, { person }: Resident): Answer =>
      answerTo({ caller: asker.caller(), person, now: clock.now(), versions }),
    close: () => world.close(),
  };
}
