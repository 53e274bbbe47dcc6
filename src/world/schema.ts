import { z } from 'zod';
import { parseUrl } from '../base/url.ts';
import { KEY_ADDRESS, keyAddressOf, readKeySet } from '../features/partners/key-set.ts';
import { COUNTRIES } from '../policy/countries.ts';
import { CONTRACT_MODES } from '../policy/facts.ts';
import { type ContractRules, isPromotionFor } from '../policy/partner-kinds.ts';
import {
  type CategoryRole,
  categoryWith,
  type ItemShape,
  idsOf,
  isListShape,
  type OptionalFeature,
  type ScalarShape,
  STATUSES,
  type Status,
  type ValueShape,
  type Vocabulary,
} from '../policy/vocabulary.ts';
import { isEmailAddress } from '../subject/email.ts';
import { RESTRICTION_STATES } from '../subject/restrictions.ts';
import { isOnOneLine, isVisible } from '../subject/text.ts';

/** The rules for a world file: the words of the policy, the time, and the ids that the database already holds. */
export interface WorldRules extends ContractRules {
  readonly now: Date;
  readonly policyVersions: readonly string[];
  readonly currentVersion: string;
  /** Purposes that a token, a contract or a world file may name. */
  readonly purposes: readonly string[];
  readonly consentPurposes: readonly string[];
  /** The consents that are given for single recipients. */
  readonly recipientConsents: readonly string[];
  /** The kind of tie that a guardian needs, by consent. */
  readonly guardianTies: ReadonlyMap<string, string>;
  /** The purposes that people can restrict. */
  readonly restrictions: readonly string[];
  readonly processKinds: readonly string[];
  /** Attributes that a contract can give a recipient. */
  readonly recipientAttributes: readonly string[];
  readonly vocabulary: Vocabulary;
  /** Whole years. */
  readonly minimumAge: number;
  /** Client ids in the database. */
  readonly knownPartners: ReadonlySet<string>;
  /** Ids of people in the database. */
  readonly knownUsers: ReadonlySet<string>;
}

/** Every fault of a world file, a line each: its place and the expected form, never the value. */
export class WorldFileError extends Error {
  override readonly name = 'WorldFileError';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

type ParsedWorld = z.output<ReturnType<typeof worldSchema>>;

export type World = Omit<ParsedWorld, 'users'> & {
  readonly users: readonly WorldUser[];
  /** Absent if the company has no ties. */
  readonly ties?: readonly WorldTie[];
  /** The time of reading the file: the default time of acts and entries. */
  readonly readAt: Date;
};
/** A person of a world file. Each value of a category stands under the category's field. */
export type WorldUser = ParsedWorld['users'][number] & Readonly<Record<string, unknown>>;
export type WorldLegalProcess = World['legalProcesses'][number];
export type WorldTie = z.output<ReturnType<typeof tieSchema>>;

/**
 * Checks a world file and fills in the defaults that need no policy.
 *
 * Times come back as `Date`, dates as `YYYY-MM-DD`; an entry without a time gets `rules.now`.
 * These have no default and stay `undefined`: a person's data, `emailProven`, single preferences, `gpcOptOut`,
 * `acceptedPolicy`, the `status` of a person in the database, `contract`, the bounds of a period, and the id and
 * content of an entry.
 *
 * @param json  as `JSON.parse` gives it
 * @throws {WorldFileError} with every fault
 */
export function parseWorld(json: unknown, rules: WorldRules): World {
  const schema = worldSchema(rules, json);
  const parsed = (isLarge(json) ? z.compile(schema) : schema).safeParse(json);
  const faults = [...faultsOf(parsed.error, 'world'), ...contradictions(json, rules)];
  if (!parsed.success || faults.length > 0) throw new WorldFileError(faults);
  return { ...parsed.data, readAt: rules.now } as World;
}

/**
 * `parseWorld` for the text of a file.
 *
 * @throws {WorldFileError} also if the text is not JSON, by line and column (from 1, in UTF-16 units)
 */
export const parseWorldText = (text: string, rules: WorldRules): World => parseWorld(parseJson(text), rules);

/**
 * Makes a function that checks people one at a time, each as an element of `users` of a world file. Their partners have
 * to be in the database. `status` has no default.
 *
 * @returns a function of a person's JSON: the person, or every fault, each a line without a place before it
 */
export function createUserReader(rules: WorldRules) {
  const partner = matching('the clientId of a partner in the database', 64, (clientId) =>
    rules.knownPartners.has(clientId),
  );
  const schema = z.compile(userSchema(rules, partner));
  const contradictionsIn = userContradictions(rules);
  return (json: unknown): { readonly user: WorldUser } | { readonly faults: readonly string[] } => {
    const parsed = schema.safeParse(json);
    const faults = [...faultsOf(parsed.error, ''), ...contradictionsIn(json, '')];
    return parsed.success && faults.length === 0
      ? { user: { ...parsed.data, status: parsed.data.status } }
      : { faults };
  };
}

/** Compiling a schema takes as long as reading some hundred people; a compiled one reads three times as fast. */
const isLarge = (json: unknown) => itemsOf(fieldsOf(json).users).length > 1_000;

const worldSchema = (rules: WorldRules, json: unknown) => {
  const clientIds = namesIn(json, 'partners', 'clientId');
  const userIds = namesIn(json, 'users', 'id');
  const partner = matching('the clientId of a partner, in this file or the database', 64, (clientId) =>
    [clientIds, rules.knownPartners].some((known) => known.has(clientId)),
  );
  const user = userSchema(rules, partner).transform((user) => ({
    ...user,
    status: user.status ?? (rules.knownUsers.has(user.id) ? undefined : NEW),
  }));
  const subject = matching('the id of a user, in this file or the database', 64, (userId) =>
    [userIds, rules.knownUsers].some((known) => known.has(userId)),
  );
  return record({
    users: listOf(user),
    partners: listOf(partnerSchema(rules)),
    successions: listOf(record({ partner, announcedAt: time.default(() => rules.now) })),
    legalProcesses: listOf(legalProcessSchema(rules, subject)),
    // a company without ties has no such key
    ...(rules.vocabulary.ties.length > 0 && { ties: listOf(tieSchema(rules, subject, partner)) }),
  });
};

const tieSchema = (rules: WorldRules, person: z.ZodString, partner: z.ZodString) =>
  record({
    kind: oneOf(idsOf(rules.vocabulary.ties)),
    from: person,
    to: person,
    confirmed: flag.default(true),
    at: pastTime(rules.now).default(() => rules.now),
    /** The holder's consents and withdrawals for the other person. */
    ...keysIf(rules.guardianTies.size > 0, {
      consents: z.array(consentSchema(rules, [...rules.guardianTies.keys()], partner), expected('a list')).optional(),
    }),
  });

const pastTime = (now: Date) => time.refine((instant) => instant <= now, expected('a time that is not in the future'));

const consentSchema = ({ now, recipientConsents }: WorldRules, purposes: readonly string[], partner: z.ZodString) =>
  record({
    ...{ purpose: oneOf(purposes), action: consentAction, at: pastTime(now).default(() => now) },
    ...keysIf(recipientConsents.length > 0, { recipient: partner.optional() }),
  });

const userSchema = (rules: WorldRules, partner: z.ZodString) => {
  const { now, vocabulary } = rules;
  const today = dayOf(now);
  const at = time.default(() => now);
  const pastAt = pastTime(now);
  const pastDate = date.pipe(z.string().refine((day) => day <= today, expected('a date that is not in the future')));
  const of = <Schema extends z.ZodType>(feature: OptionalFeature, schema: Schema): Schema =>
    vocabulary.features.includes(feature)
      ? schema
      : schema.refine(isNothing, expected(`nothing: there is no feature ${feature}`));
  const fieldOf = (role: CategoryRole) => categoryWith(vocabulary, role)?.field ?? '';
  const [handle, mailbox] = [fieldOf('handle'), fieldOf('mailbox')];

  return record({
    id,
    ...writtenField(vocabulary, pastAt),
    ...valueFields(vocabulary, pastDate),
    emailProven: flag.optional(),
    country: country.optional(),
    billingAddress: of('orders', address),
    paymentCard: of('orders', paymentCard),
    photos: of('photos', photos),
    posts: of('posts', listOf(entry({ forum: line, text: prose, at }))),
    recentActivity: of('social', listOf(entry({ kind: word, text: prose, at }))),
    transactions: of(
      'transactions',
      listOf(entry({ kind: transactionKind, good: line, price: amount, profit: amount, at })),
    ),
    preferences: record(
      Object.fromEntries(idsOf(vocabulary.preferences).map((preference) => [preference, flag.optional()])),
    ).default({}),
    consents: listOf(consentSchema(rules, rules.consentPurposes, partner)),
    ...keysIf(rules.restrictions.length > 0, {
      restrictions: listOf(
        record({
          ...{ purpose: oneOf(rules.restrictions), state: oneOf(RESTRICTION_STATES).default('REQUESTED') },
          at: pastAt.default(() => now),
        }),
      ).optional(),
    }),
    status: userStatus.optional(),
    invented: flag.optional(),
    gpcOptOut: flag.optional(),
    acceptedPolicy: record({
      version: oneOf(rules.policyVersions).default(rules.currentVersion),
      mode: acceptanceMode,
      at,
    }).optional(),
    orders: listOf(entry({ processor: partner, status: orderStatus })),
    subscriptions,
    relationships: listOf(record({ partner, active: flag.default(true) })),
    socialLinks: listOf(record({ partner, autoPost: flag.default(true) })),
    adInteractions: listOf(record({ partner, at })),
    privacyCases,
  }).transform((user) => {
    const { [handle]: avatarName, [mailbox]: email }: Readonly<Record<string, unknown>> = user;
    return {
      ...user,
      avatarName: avatarName as string,
      ...(email !== undefined && { email: email as string }),
    };
  });
};

/** Each attribute holds, does not hold, or holds until a time. */
const attributesSchema = ({ recipientAttributes }: WorldRules) =>
  record(
    Object.fromEntries(
      recipientAttributes.map((attribute) => [
        attribute,
        z.union([flag, time], expected('true, false or a time')).optional(),
      ]),
    ),
  );

/** The public keys of a partner. */
const keySet = z.unknown().transform((value, context) => {
  const read = readKeySet(value);
  if ('keys' in read) return read.keys;
  context.addIssue({ code: 'custom', path: [...read.path], message: `expected ${read.expected}` });
  return z.NEVER;
});

const partnerSchema = (rules: WorldRules) =>
  record({
    clientId: id,
    name,
    kind: oneOf([...rules.partnerKinds.keys()]),
    jurisdiction: country,
    status: partnerStatus,
    contract: record({
      ...{ mode: contractMode, from: bound, until: bound, purposes: listOf(oneOf(rules.purposes)) },
      ...keysIf(rules.recipientAttributes.length > 0, { attributes: attributesSchema(rules).optional() }),
    }).optional(),
    policyUrl,
    dpopBoundAccessTokens: flag.default(false),
    jwks: keySet.optional(),
    jwksUri: keyAddress,
  });

const legalProcessSchema = (rules: WorldRules, subject: z.ZodString) =>
  entry({
    kind: oneOf(rules.processKinds).optional(),
    authority: line,
    reference: line,
    subject,
    categories: listOf(oneOf(idsOf(rules.vocabulary.categories))),
    from: bound,
    until: bound,
  });

/** The values of categories, each under the category's field. */
const valueFields = (vocabulary: Vocabulary, pastDate: z.ZodType): Readonly<Record<string, z.ZodType>> =>
  Object.fromEntries(
    vocabulary.categories.flatMap(({ id, field, value, role }) => {
      if (field === undefined || value === undefined || vocabulary.notHeld.includes(id)) return [];
      const schema: z.ZodType = role === 'birthDate' ? pastDate : valueSchema(value);
      return [[field, role === 'handle' ? name : schema.optional()]];
    }),
  );

/** The last writes of values with a retention time, each under the field of its value. */
function writtenField({ categories }: Vocabulary, pastAt: z.ZodType): { readonly written?: z.ZodType } {
  const kept = categories.flatMap(({ field, keep }) => (field !== undefined && keep ? [field] : []));
  if (kept.length === 0) return {};
  return { written: record(Object.fromEntries(kept.map((field) => [field, pastAt.optional()]))).optional() };
}

const itemSchema = (shape: ItemShape): z.ZodType =>
  typeof shape === 'string'
    ? SCALARS[shape]
    : record(Object.fromEntries(Object.entries(shape).map(([part, scalar]) => [part, SCALARS[scalar].optional()])));

const valueSchema = (shape: ValueShape): z.ZodType =>
  isListShape(shape) ? z.array(itemSchema(shape.list), expected('a list')) : itemSchema(shape);

const isNothing = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);

const expected = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }) => `${input === undefined ? 'missing, ' : ''}expected ${what}`,
});

/** A string of at most `max` characters (code points) that passes the test. */
const matching = (what: string, max: number, test: (value: string) => boolean) =>
  z.string(expected(what)).refine((value) => isWithin(max, value) && test(value), expected(what));

const isWithin = (max: number, value: string) =>
  value.length <= max || (value.length <= 2 * max && Array.from(value).length <= max);

const text = (max: number) => matching(`text of at most ${max} characters`, max, () => true);
const oneLine = (max: number) => matching(`text of at most ${max} characters on one line`, max, isOnOneLine);
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, expected(`one of ${values.join(', ')}`));

/** Optional keys, which are unknown if a company has no words for them. */
const keysIf = <Shape extends Readonly<Record<string, z.ZodOptional>>>(isThere: boolean, shape: Shape): Shape =>
  isThere ? shape : ({} as Shape);

/** An object without other keys than these. */
const record = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `expected only ${Object.keys(shape).join(', ')}`
        : expected('an object').error(issue),
  });

/** An element with an optional id. */
const entry = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => record({ id: id.optional(), ...shape });

/** A list, empty when left out. */
const listOf = <Element extends z.ZodType>(element: Element) => z.array(element, expected('a list')).default([]);

const id = matching('1 to 64 characters of A-Z, a-z, 0-9, _ and -', 64, (value) => /^[\w-]+$/.test(value));
const name = matching(
  'text of 1 to 200 characters on one line, not all of them invisible',
  200,
  (value) => isOnOneLine(value) && isVisible(value),
);
const word = oneLine(32).optional();
const line = oneLine(200).optional();
const prose = text(10_000).optional();
const email = matching('an email address', 254, isEmailAddress).optional();
const url = matching(
  'an http or https URL of at most 2048 characters',
  2048,
  (value) => /^https?:\/\/\S+$/i.test(value) && parseUrl(value) !== null,
).optional();
const policyUrl = matching(
  'an https URL of at most 2048 characters',
  2048,
  (value) => /^https:\/\/\S+$/i.test(value) && parseUrl(value) !== null,
).optional();
const keyAddress = matching(KEY_ADDRESS, 2048, (value) => keyAddressOf(value, { loopback: false }) !== null).optional();
const country = matching('an ISO 3166-1 alpha-2 country code', 2, (value) => COUNTRIES.has(value));
const flag = z.boolean(expected('true or false'));
const amount = z.number(expected('a finite number')).optional();
const date = z.iso.date(expected('a calendar date, YYYY-MM-DD'));
const time = z.iso
  .datetime(expected('a time in UTC, such as 2026-01-31T12:00:00Z'))
  .transform((instant) => new Date(instant));
const bound = time.optional();

const userStatus = oneOf(STATUSES);
const NEW: Status = 'ACTIVE';
const partnerStatus = oneOf(['ACTIVE', 'SUSPENDED']).default('ACTIVE');
const contractMode = oneOf(CONTRACT_MODES).default('LIVE');
const orderStatus = oneOf(['OPEN', 'FAILED', 'FILLED', 'CANCELLED']).default('OPEN');
const caseStatus = oneOf(['OPEN', 'CLOSED']).default('OPEN');
const caseSource = oneOf(['SUBJECT', 'GUARDIAN']).default('SUBJECT');
const acceptanceMode = oneOf(['EXPLICIT', 'DEEMED']).default('EXPLICIT');
const consentAction = oneOf(['GIVEN', 'WITHDRAWN']);
const transactionKind = oneOf(['CREATED', 'SOLD', 'BOUGHT']).optional();

const address = record({ street: line, city: line, postalCode: word, country: country.optional() }).optional();
const paymentCard = record({
  brand: word,
  lastFour: matching('the last four digits', 4, (value) => /^\d{4}$/.test(value)).optional(),
  expiry: matching('a month, YYYY-MM', 7, (value) => /^\d{4}-(?:0[1-9]|1[0-2])$/.test(value)).optional(),
  processorToken: line,
}).optional();
const photos = listOf(entry({ url, caption: prose }));
const subscriptions = listOf(record({ thread: line, verified: flag.default(false) }));
const privacyCases = listOf(entry({ status: caseStatus, from: caseSource, verified: flag.default(false) }));

const ENTRIES_WITH_ID = ['photos', 'posts', 'recentActivity', 'transactions', 'orders', 'privacyCases'] as const;

/** The forms of single values in a world file. Instants come back as `Date`, as all times do. */
const SCALARS: Readonly<Record<ScalarShape, z.ZodType>> = {
  word,
  line,
  text: prose,
  email,
  phone: line,
  date,
  instant: time,
  integer: z.int(expected('a whole number')),
  number: z.number(expected('a finite number')),
  boolean: flag,
  url,
  country,
  address,
};

/** Faults between the parts of a file. The check reads the raw file, so that no other fault hides one of these. */
function* contradictions(json: unknown, rules: WorldRules): Generator<string> {
  const { users, partners, legalProcesses, ties } = fieldsOf(json);
  yield* duplicates('users', users, 'id');
  yield* duplicates('partners', partners, 'clientId');
  yield* duplicates('legalProcesses', legalProcesses, 'id');

  const contradictionsIn = userContradictions(rules);
  for (const [index, user] of itemsOf(users).entries()) yield* contradictionsIn(user, `users[${index}].`);

  for (const [index, tie] of itemsOf(ties).entries()) {
    const { kind, from, to, confirmed, consents } = fieldsOf(tie);
    if (from !== undefined && from === to) yield `ties[${index}].to: expected another person than in \`from\``;
    for (const [at, consent] of itemsOf(consents).entries()) {
      const place = `ties[${index}].consents[${at}]`;
      if (confirmed === false || rules.guardianTies.get(fieldsOf(consent).purpose as string) !== kind)
        yield `${place}.purpose: expected a consent that guardians give by this tie, once it is confirmed`;
      yield* recipientContradictions(rules, consent, place);
    }
  }

  const isPromotional = isPromotionFor(rules);
  for (const [index, partner] of itemsOf(partners).entries()) {
    const { kind, contract, jwks, jwksUri } = fieldsOf(partner);
    if (jwks !== undefined && jwksUri !== undefined)
      yield `partners[${index}].jwksUri: expected nothing beside \`jwks\``;
    if (isNever(contract)) yield `partners[${index}].contract.until: ${LATER}`;
    for (const [at, purpose] of itemsOf(fieldsOf(contract).purposes).entries())
      if (isPromotional(kind, purpose))
        yield `partners[${index}].contract.purposes[${at}]: expected no promotional purpose for a service provider`;
  }

  for (const [index, process] of itemsOf(legalProcesses).entries())
    if (isNever(process)) yield `legalProcesses[${index}].until: ${LATER}`;
}

function* recipientContradictions({ recipientConsents }: WorldRules, consent: unknown, place: string) {
  const { purpose, recipient } = fieldsOf(consent);
  if (recipientConsents.includes(purpose as string) !== (recipient !== undefined))
    yield `${place}.recipient: expected the partner that the consent is for, where it is given for each, and nothing elsewhere`;
}

/** Faults between the parts of a person in a file, each with its place after `prefix`. */
const userContradictions = (rules: WorldRules) => {
  const isTooYoung = tooYoung(rules);
  return function* (user: unknown, prefix: string): Generator<string> {
    for (const [at, consent] of itemsOf(fieldsOf(user).consents).entries())
      yield* recipientContradictions(rules, consent, `${prefix}consents[${at}]`);
    yield* duplicates(`${prefix}restrictions`, fieldsOf(user).restrictions, 'purpose');
    for (const list of ENTRIES_WITH_ID) yield* duplicates(`${prefix}${list}`, fieldsOf(user)[list], 'id');
    if (isTooYoung(user))
      yield `${prefix}${birthDateOf(rules)}: expected at least ${rules.minimumAge} years ago, or a status other than ACTIVE`;
  };
};

function* duplicates(place: string, list: unknown, key: string) {
  const seen = new Set<unknown>();
  for (const [index, item] of itemsOf(list).entries()) {
    const name = fieldsOf(item)[key];
    if (typeof name === 'string' && seen.has(name))
      yield `${place}[${index}].${key}: expected a value that no earlier entry of the list has`;
    seen.add(name);
  }
}

const birthDateOf = ({ vocabulary }: WorldRules) => categoryWith(vocabulary, 'birthDate')?.field ?? '';

/** Compares dates as text, so that a birthday of 29 February counts from 1 March in other years. */
const tooYoung = (rules: WorldRules) => {
  const { now, minimumAge } = rules;
  const field = birthDateOf(rules);
  const today = dayOf(now);
  const youngest = `${Number(today.slice(0, 4)) - minimumAge}${today.slice(4)}`;
  return (user: unknown) => {
    const { status = 'ACTIVE', [field]: birthDate } = fieldsOf(user);
    return (
      status === 'ACTIVE' &&
      typeof birthDate === 'string' &&
      youngest < birthDate &&
      birthDate <= today &&
      date.safeParse(birthDate).success
    );
  };
};

const LATER = 'expected a time after `from`';
const isNever = (period: unknown) => {
  const { from, until } = fieldsOf(period);
  return Date.parse(String(from)) >= Date.parse(String(until));
};

const dayOf = (instant: Date) => instant.toISOString().slice(0, 10);

const fieldsOf = (value: unknown) =>
  (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;

const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Ids that entries may refer to, read from the raw file, so that a fault in one place is not reported at others. */
const namesIn = (json: unknown, list: string, key: string): ReadonlySet<unknown> =>
  new Set(itemsOf(fieldsOf(json)[list]).map((element) => fieldsOf(element)[key]));

const describe = (issue: z.core.$ZodIssue, whole: string): string[] => {
  const place = placeOf(issue.path) || whole;
  const prefix = place && `${place}: `;
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => `${prefix}unknown key "${printable(key)}", ${issue.message}`)
    : [`${prefix}${issue.message}`];
};

/** @param whole  the name of the whole file, for a fault without a place in it */
const faultsOf = (error: z.ZodError | undefined, whole: string): string[] =>
  error?.issues.flatMap((issue) => describe(issue, whole)) ?? [];

const placeOf = (path: readonly PropertyKey[]) =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1);

const PRINTED = 40;

/** A key on one line, and too short to smuggle a text. */
const printable = (key: string) => {
  const characters = Array.from(key.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}'));
  return characters.length > PRINTED ? `${characters.slice(0, PRINTED - 1).join('')}…` : characters.join('');
};

/**
 * @param firstLine  the number of the first line of the text
 * @throws {WorldFileError} if the text is not JSON, by line and column (from 1, in UTF-16 units)
 */
export const parseJson = (text: string, firstLine = 1): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    const before = text.slice(0, endOfJson(text)).split('\n');
    const line = firstLine + before.length - 1;
    throw new WorldFileError([`line ${line}, column ${(before.at(-1)?.length ?? 0) + 1}: expected JSON`]);
  }
};

const VALUE = '{["0';
const SPACE = /[ \t\n\r]*/y;
const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const STRING_PART = /[ !#-[\]-\uffff]+|\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** The offset of the first fault in a text of JSON. The message of `JSON.parse` has it too, but quotes the text. */
const endOfJson = (text: string): number => {
  const closers: string[] = [];
  let allowed = VALUE;
  let previous = '';
  for (let at = skip(SPACE, text, 0); ; at = skip(SPACE, text, at)) {
    const literal = skip(LITERAL, text, at);
    const token = literal > at ? '0' : text[at];
    if (token === undefined || !allowed.includes(token)) return at;
    if (token === '"') at = endOfString(text, at + 1);
    if (token === '"' && text[at] !== '"') return at;
    at = Math.max(literal, at + 1);
    if (token === '{') closers.push('}');
    else if (token === '[') closers.push(']');
    else if (token === closers.at(-1)) closers.pop();
    allowed = allowedAfter(token, previous, closers.at(-1) ?? '');
    previous = token;
  }
};

const allowedAfter = (token: string, previous: string, closer: string): string => {
  if (token === '{') return '"}';
  if (token === '[') return `${VALUE}]`;
  if (token === ':') return VALUE;
  if (token === ',') return closer === '}' ? '"' : VALUE;
  const isKey = token === '"' && closer === '}' && previous !== ':';
  return isKey ? ':' : closer && `,${closer}`;
};

const endOfString = (text: string, start: number): number => {
  let end = start;
  for (let next = skip(STRING_PART, text, end); next > end; next = skip(STRING_PART, text, end)) end = next;
  return end;
};

const skip = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
};
