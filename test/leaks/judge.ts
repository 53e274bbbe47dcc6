import { isDeepStrictEqual } from 'node:util';
import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  type SelectionSetNode,
} from 'graphql';
import { type Answer, addressFor, type Category } from '../decisions/oracle.ts';
import type { Reading } from './answers.ts';
import type { Canaries } from './canaries.ts';
import type { Expected } from './operations.ts';
import type { Asker } from './roster.ts';
import { agesOf, CATEGORY_OF, isUnsettled } from './shown.ts';
import type { Resident, Stage } from './stage.ts';

type Path = readonly (string | number)[];

/** The whole answer. */
export interface Told {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
  readonly logged: readonly string[];
}

interface ToldError {
  readonly message: string;
  readonly path?: Path;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface Finding {
  /** A value was told and must not be, was withheld and must not be, or differs from the record. */
  readonly kind: 'LEAK' | 'OVER-BLOCKING' | 'FAULT';
  readonly what: string;
  /** The written form of a canary. */
  readonly form?: string;
}

export interface Judgement {
  readonly findings: readonly Finding[];
  /** How many decisions were compared with the oracle. */
  readonly decisions: number;
  /** Coordinates that were shown and that were denied. */
  readonly revealed: ReadonlySet<string>;
  readonly denied: ReadonlySet<string>;
}

const ERROR_KEYS = new Set(['code', 'category', 'reason', 'argument', 'expected']);

/** The person of the current record, and the oracle's answer about it. */
interface Owner {
  readonly resident: Resident;
  readonly answer: Extract<Answer, { outcome: 'FOUND' }>;
  readonly isSelf: boolean;
}

/** The answers with an order of the person that asks. */
const ORDERED: ReadonlySet<string> = new Set(['PlaceOrderPayload', 'CancelOrderPayload']);

/** The ids and names in a receipt: they tell the subject of the act. */
const NAMED_IN_RECEIPTS = /^(id|orders\.id|privacyCases\.id|legalProcesses\.(id|authority))$/;

const ANYTHING: Expected = { is: 'ANYTHING' };

/** The error codes of failures that are neither a denial nor a fault. */
const MAY_FAIL: { readonly [Is in Expected['is']]?: readonly string[] } = {
  TRIED: ['FORBIDDEN', 'BAD_INPUT', 'CONFLICT'],
  WITHHELD: ['BAD_INPUT'],
};

/** Compares one answer with the oracle: nothing more, nothing less. */
export class Judge {
  readonly #stage: Stage;
  readonly #schema: GraphQLSchema;
  readonly #asker: Asker;
  readonly #reading: Reading;
  readonly #findings: Finding[] = [];
  readonly #revealed = new Set<string>();
  readonly #denied = new Set<string>();
  /** The values that the answer may hold, as JSON. */
  readonly #allowed: string[] = [];
  /** By their path; those that were called for are taken out. */
  readonly #errors = new Map<string, ToldError[]>();
  #decisions = 0;
  /** Of several changes, none is tried after one that failed. */
  #isOver = false;

  constructor(stage: Stage, schema: GraphQLSchema, asker: Asker, reading: Reading) {
    this.#stage = stage;
    this.#schema = schema;
    this.#asker = asker;
    this.#reading = reading;
  }

  #find(kind: Finding['kind'], path: Path, what: string): void {
    this.#findings.push({ kind, what: `${path.join('.')}: ${what}` });
  }

  #allow(value: unknown): void {
    this.#allowed.push(JSON.stringify(value) ?? '');
  }

  #errorsAt(path: Path): ToldError[] {
    const place = path.join('.');
    const errors = this.#errors.get(place) ?? [];
    this.#errors.delete(place);
    return errors;
  }

  /** @param expected  of each root field, by its name in the answer */
  judge(told: Told, expected: ReadonlyMap<string, Expected>, sent: string): Judgement {
    const {
      data,
      errors = [],
      ...rest
    } = JSON.parse(told.body) as {
      data?: Record<string, unknown> | null;
      errors?: ToldError[];
    };
    for (const error of errors) {
      const place = (error.path ?? []).join('.');
      this.#errors.set(place, [...(this.#errors.get(place) ?? []), error]);
    }
    if (Object.keys(rest).length > 0) this.#find('LEAK', [], `the answer has ${Object.keys(rest).join(', ')} besides`);

    const { root, rootType } = this.#reading;
    const fields = this.#reading.fieldsOf([root], rootType);
    if (data) this.#checkKeys(data, fields, []);
    for (const [name, nodes] of fields)
      this.#judgeField(rootType, nodes, data?.[name], [name], expected.get(name) ?? ANYTHING, null);
    if (this.#reading.operation === 'mutation' && data) this.#allow(sent);

    this.#judgeErrors(errors);
    this.#findings.push(...sightedIn(this.#stage.canaries, told, this.#allowed.join('\n')));
    return {
      findings: this.#findings,
      decisions: this.#decisions,
      revealed: this.#revealed,
      denied: this.#denied,
    };
  }

  #checkKeys(data: object, fields: ReadonlyMap<string, unknown>, path: Path): void {
    const unasked = Object.keys(data).filter((key) => !fields.has(key));
    if (unasked.length > 0) this.#find('LEAK', path, `${unasked.join(', ')} was never asked for`);
  }

  #judgeField(
    parent: GraphQLObjectType,
    nodes: readonly FieldNode[],
    value: unknown,
    path: Path,
    expected: Expected,
    owner: Owner | null,
  ): void {
    const [node] = nodes as [FieldNode];
    const field = parent.getFields()[node.name.value];
    if (!field) return;
    const errors = this.#errorsAt(path);
    if (path.length === 1 && this.#isOver) return;
    if (path.length === 1 && this.#reading.operation === 'mutation')
      this.#isOver = errors.length > 0 && isNonNullType(field.type);
    const isThere = value !== null && value !== undefined;

    if (expected.is === 'DENIED' || expected.is === 'REFUSED' || expected.is === 'FAULTY') {
      if (isThere) this.#find('LEAK', path, `${expected.is} to ${this.#asker.name}, and yet answered`);
      else this.#judgeRefusal(errors, path, expected);
      return;
    }
    if (errors.length > 0) {
      const codes = errors.map(({ extensions }) => String(extensions?.code));
      const due = MAY_FAIL[expected.is] ?? [];
      if (!codes.every((code) => due.includes(code))) this.#find('OVER-BLOCKING', path, `answered ${codes.join(', ')}`);
      return;
    }
    const isOwed =
      expected.is === 'SOMETHING' ||
      expected.is === 'LIST' ||
      expected.is === 'PERSON' ||
      (expected.is === 'VALUE' && expected.value !== null);
    if (!isThere) {
      if (isOwed) this.#find('OVER-BLOCKING', path, 'null, and it is there to be seen');
      return;
    }
    if (expected.is === 'WITHHELD' || (expected.is === 'VALUE' && expected.value === null)) {
      this.#find('LEAK', path, 'told of an item hidden from this caller');
      return;
    }
    const selections = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    this.#judgeValue(field.type, selections, value, path, expected, owner, parent);
  }

  #judgeRefusal(
    errors: readonly ToldError[],
    path: Path,
    expected: Extract<Expected, { is: 'DENIED' | 'REFUSED' | 'FAULTY' }>,
  ) {
    const [error] = errors;
    if (errors.length !== 1 || !error) {
      this.#find('FAULT', path, `${errors.length} errors where one is due`);
      return;
    }
    const { code, category, reason } = error.extensions ?? {};
    const isDue = () => {
      if (expected.is === 'FAULTY') return code === 'BAD_INPUT';
      if (code !== 'FORBIDDEN') return false;
      if (expected.is === 'DENIED') return category === expected.category && reason === expected.reason;
      return category === undefined && (expected.reasons === 'ANY' || expected.reasons.includes(reason as never));
    };
    if (!isDue()) this.#find('FAULT', path, `${code} ${category} ${reason} where ${JSON.stringify(expected)} is due`);
  }

  #judgeValue(
    type: GraphQLOutputType,
    selections: readonly SelectionSetNode[],
    value: unknown,
    path: Path,
    expected: Expected,
    owner: Owner | null,
    parent: GraphQLObjectType,
  ): void {
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      this.#judgeList(nullable.ofType, selections, value, path, expected, owner, parent);
      return;
    }
    if (isLeafType(nullable)) {
      this.#judgeLeaf(value, path, expected, owner, parent);
      return;
    }
    const named = nullable as GraphQLObjectType;
    const concrete = isAbstractType(named) ? this.#concreteOf(value, selections, named) : named;
    if (concrete) this.#judgeObject(concrete, selections, value as Record<string, unknown>, path, expected, owner);
    else this.#find('FAULT', path, 'an answer of no type');
  }

  /** Nodes are asked for their `__typename`. */
  #concreteOf(value: unknown, selections: readonly SelectionSetNode[], type: GraphQLObjectType) {
    for (const candidate of this.#schema.getPossibleTypes(type as never)) {
      const fields = this.#reading.fieldsOf(selections, candidate);
      for (const [key, [node]] of fields)
        if (node?.name.value === '__typename' && (value as Record<string, unknown>)[key] === candidate.name)
          return candidate;
    }
    return null;
  }

  #judgeList(
    type: GraphQLOutputType,
    selections: readonly SelectionSetNode[],
    value: unknown,
    path: Path,
    expected: Expected,
    owner: Owner | null,
    parent: GraphQLObjectType,
  ): void {
    const items = value as unknown[];
    const wanted = expected.is === 'VALUE' ? (expected.value as unknown[]) : null;
    if (wanted && items.length < wanted.length)
      this.#find('OVER-BLOCKING', path, `${items.length} items of ${wanted.length}`);
    if (wanted && items.length > wanted.length) this.#find('LEAK', path, `${items.length} items of ${wanted.length}`);
    for (const [index, item] of items.entries()) {
      const of: Expected = wanted ? { is: 'VALUE', value: wanted[index] } : ANYTHING;
      if (item !== null) this.#judgeValue(type, selections, item, [...path, index], of, owner, parent);
    }
  }

  #judgeLeaf(value: unknown, path: Path, expected: Expected, owner: Owner | null, parent: GraphQLObjectType): void {
    if (expected.is === 'VALUE' && expected.value !== undefined) {
      if (isDeepStrictEqual(value, expected.value)) this.#allow(value);
      else this.#find('FAULT', path, 'another value than the one on record');
      return;
    }
    if (this.#mayStandIn(parent.name, value, owner)) this.#allow(value);
  }

  /** Whether a value may stand in a place without an expected value of its own. */
  #mayStandIn(type: string, value: unknown, owner: Owner | null): boolean {
    const { residents, letters, canaries } = this.#stage;
    switch (type) {
      // The person may know the authority behind a read under a legal process.
      case 'ThirdPartyShare':
        return (
          this.#isReceiptOf(value, owner) ||
          owner?.resident.processes.some(({ authority }) => String(value).includes(authority)) === true
        );
      case 'LedgerEntry':
        return this.#isReceiptOf(value, owner ?? this.#self());
      case 'QueuedPrivacyCase': {
        const open = this.#stage.withOpenCase();
        return (
          open.some(({ shown }) => shown.privacyCases.some(({ id, status }) => id === value && status === 'OPEN')) ||
          letters.some(({ text, of }) => text === value && (of === null || open.some(({ id }) => id === of)))
        );
      }
      // A partner that was shown a person is told to erase its copy under that id, also after the erasure here.
      case 'ErasureNotice':
      case 'PartnerEvent':
        return [...residents.values()].some((resident) => this.#stage.idFor(this.#asker, resident) === value);
      // A device's own settings, as its holder sent them.
      case 'DeviceProfile':
        return [...canaries.find(JSON.stringify(value))].every(
          ({ of, what }) => of === this.#asker.name && what.startsWith('text sent as DeviceInput'),
        );
      // The order that a member placed or cancelled, beside the person in the answer.
      case 'PaymentCard':
      case 'Address':
        return owner?.isSelf === true && JSON.stringify(owner.resident.shown.orders).includes(JSON.stringify(value));
      // The name from an offer site, for support to compare.
      case 'WaitingOfferCompletion':
        return [...canaries.find(JSON.stringify(value))].every(
          ({ what }) => what === 'text sent as OfferCompletionInput.name',
        );
      // The person's own data, including the reads of it.
      case 'Mutation': {
        const self = this.#asker.resident?.();
        if (self && typeof value === 'object') this.#judgeExport(self, value as object);
        return false;
      }
      default:
        return false;
    }
  }

  /** A receipt is about one person: it names the person and the things that the act concerned, and holds no value. */
  #isReceiptOf(value: unknown, owner: Owner | null): boolean {
    const payload = /^eyJ[\w-]+\.([\w-]+)\.[\w-]+$/.exec(String(value))?.[1];
    if (!owner || payload === undefined) return false;
    const said = Buffer.from(payload, 'base64url').toString();
    if (JSON.parse(said).sub !== owner.resident.id) return false;
    return [...this.#stage.canaries.find(said)].every(
      ({ of, what }) => of === `somebody ${owner.resident.state}` && NAMED_IN_RECEIPTS.test(what),
    );
  }

  /** The export holds everything of the person that they may see. */
  #judgeExport(self: Resident, exported: object): void {
    const { paymentCard, corrections, ...shown } = self.shown;
    const { processorToken: _, ...card } = paymentCard ?? { processorToken: null };
    const previous = corrections.map(({ previousValue }) => JSON.parse(previousValue));
    const held = leavesOf([shown, card, previous]);
    const text = JSON.stringify(exported);
    for (const leaf of held)
      if (!text.includes(JSON.stringify(leaf).replaceAll(/^"|"$/g, '')))
        this.#find('OVER-BLOCKING', ['requestExport'], 'something of the person is not in their export');
    const own = this.#stage.letters.filter(({ of }) => of === self.id).map(({ text: letter }) => letter);
    this.#allow([self.id, held, own, self.processes.map(({ id, authority }) => [id, authority])]);
  }

  #judgeObject(
    type: GraphQLObjectType,
    selections: readonly SelectionSetNode[],
    value: Record<string, unknown>,
    path: Path,
    expected: Expected,
    outer: Owner | null,
  ): void {
    const fields = this.#reading.fieldsOf(selections, type);
    this.#checkKeys(value, fields, path);
    const owner =
      type.name === 'User'
        ? this.#ownerOf(value, fields, path, expected)
        : ORDERED.has(type.name)
          ? this.#self()
          : outer;
    if (type.name === 'User' && !owner) return;
    if (type.name === 'UserConnection') this.#judgeConnection(value, fields, path, expected);
    for (const [name, nodes] of fields) {
      const [node] = nodes as [FieldNode];
      if (!Object.hasOwn(value, name)) {
        this.#find('FAULT', [...path, name], 'asked for and left out');
        continue;
      }
      const of = this.#expectedIn(type.name, node, expected, owner);
      this.#judgeField(type, nodes, value[name], [...path, name], of, owner);
    }
  }

  /** The person behind a `User` of the answer, and whether this caller may know that the person exists. */
  #ownerOf(
    value: Record<string, unknown>,
    fields: ReadonlyMap<string, readonly FieldNode[]>,
    path: Path,
    expected: Expected,
  ): Owner | null {
    const key = keyOf('id', fields);
    const resident = key === undefined ? null : this.#stage.findFor(this.#asker, String(value[key]));
    if (!resident) {
      this.#find('LEAK', path, 'somebody by an id that is not for this caller');
      return null;
    }
    const answer = this.#stage.answer(this.#asker, resident);
    this.#decisions += 1;
    if (answer.outcome !== 'FOUND') {
      this.#find('LEAK', path, `somebody ${resident.state}, hidden from this caller`);
      return null;
    }
    if (expected.is === 'PERSON' && expected.resident.id !== resident.id) this.#find('FAULT', path, 'somebody else');
    this.#allow(value[key as string]);
    return { resident, answer, isSelf: this.#asker.resident?.()?.id === resident.id };
  }

  /** The person that asks, as they may know themself. */
  #self(): Owner | null {
    const resident = this.#asker.resident?.();
    if (!resident) return null;
    const answer = this.#stage.answer(this.#asker, resident);
    return answer.outcome === 'FOUND' ? { resident, answer, isSelf: true } : null;
  }

  #judgeConnection(
    value: Record<string, unknown>,
    fields: ReadonlyMap<string, readonly FieldNode[]>,
    path: Path,
    expected: Expected,
  ): void {
    const key = keyOf('edges', fields);
    if (expected.is !== 'LIST' || expected.most === null || key === undefined) return;
    const seen = this.#stage.living().filter((one) => this.#stage.answer(this.#asker, one).outcome === 'FOUND');
    const due = Math.min(expected.most, seen.length);
    const edges = value[key] as unknown[];
    this.#decisions += this.#stage.residents.size;
    if (edges.length < due) this.#find('OVER-BLOCKING', path, `${edges.length} people of ${due}`);
    if (edges.length > due) this.#find('LEAK', path, `${edges.length} people of ${due}`);
  }

  #expectedIn(type: string, node: FieldNode, outer: Expected, owner: Owner | null): Expected {
    const name = node.name.value;
    const coordinate = `${type}.${name}`;
    const category = CATEGORY_OF[coordinate];
    if (category && owner) {
      const denied = this.#verdict(coordinate, category, owner);
      if (denied) return denied;
    }
    const args = this.#reading.argumentsOf(node);
    if (type === 'User' && owner)
      return name === 'id' || name === '__typename' ? ANYTHING : recordOf(name, args, owner, this.#stage, this.#asker);
    if (type === 'CorrectPersonalDataPayload' && name === 'corrections') {
      const previous = this.#asker.resident?.()?.shown.corrections.map(({ previousValue }) => previousValue) ?? [];
      this.#allow(previous);
      return ANYTHING;
    }
    if (outer.is !== 'VALUE' || typeof outer.value !== 'object' || outer.value === null) return ANYTHING;
    const value = (outer.value as Record<string, unknown>)[name];
    return value === undefined ? ANYTHING : { is: 'VALUE', value };
  }

  #verdict(coordinate: string, category: Category, { answer }: Owner): Expected | null {
    const verdict = answer.of[category];
    this.#decisions += 1;
    (verdict === 'REVEALED' ? this.#revealed : this.#denied).add(coordinate);
    return verdict === 'REVEALED' ? null : { is: 'DENIED', category, reason: verdict };
  }

  #judgeErrors(errors: readonly ToldError[]): void {
    for (const { path = [], message, extensions } of [...this.#errors.values()].flat()) {
      const kind = extensions?.code === 'INTERNAL' ? 'FAULT' : 'OVER-BLOCKING';
      this.#find(kind, path, `an error that nothing calls for: ${extensions?.code} ${message}`);
    }
    for (const { path = [], message, extensions = {} } of errors) {
      const { code, category, reason } = extensions;
      const besides = Object.keys(extensions).filter((key) => !ERROR_KEYS.has(key));
      if (besides.length > 0) this.#find('LEAK', path, `the error has ${besides.join(', ')} besides`);
      if (category === undefined) continue;
      // Of two people, the same words: an error never tells one from another.
      const { words } = this.#stage;
      const about = `${code} ${category} ${reason}`;
      if ((words.get(about) ?? message) !== message) this.#find('LEAK', path, 'the error has words of its own');
      else words.set(about, message);
    }
  }
}

/** The canaries in an answer, its headers and its log lines, but for those that an allowed text holds. */
export function sightedIn(canaries: Canaries, { body, headers, logged }: Told, allowed = ''): Finding[] {
  const known = canaries.find(allowed);
  return Object.entries({ body, headers, log: logged.join('\n') }).flatMap(([place, text]) =>
    [...canaries.find(text)]
      .filter((sighting) => place !== 'body' || !known.has(sighting))
      .map(({ of, what, form }): Finding => ({ kind: 'LEAK', what: `${place}: ${what} of ${of}, ${form}`, form })),
  );
}

/** The name of a field in the answer. */
const keyOf = (field: string, fields: ReadonlyMap<string, readonly FieldNode[]>) =>
  [...fields].find(([, [node]]) => node?.name.value === field)?.[0];

/** The record of a person in a field that this caller may see. */
function recordOf(
  field: string,
  args: Readonly<Record<string, unknown>>,
  { resident, isSelf }: Owner,
  stage: Stage,
  asker: Asker,
): Expected {
  const { shown } = resident;
  switch (field) {
    case 'email': {
      const { email, emailProven } = shown;
      const held = { ...(email !== null && { email }), emailProven: emailProven === true };
      return { is: 'VALUE', value: addressFor(asker.caller(), isSelf, held) };
    }
    case 'age':
    case 'ageBand':
      return { is: 'VALUE', value: agesOf(shown, stage.clock.now(), isSelf)[field] };
    case 'partnerId':
      return { is: 'VALUE', value: resident.partnerIds.get(String(args.clientId)) ?? null };
    // The crawl itself adds shares, credits and acceptances.
    case 'thirdPartyShares':
    case 'thirdPartySharesConnection':
    case 'credits':
    case 'creditsConnection':
    case 'waitingCredits':
    case 'policyAcceptances':
    case 'requestedConsents':
      return { is: 'SOMETHING' };
    // there or not: the crawl uses the site, and so may accept the posted version
    case 'deemedAcceptance':
      return ANYTHING;
    case 'paymentCard':
    case 'billingAddress': {
      const caller = asker.caller();
      const isProcessor = caller.kind === 'PARTNER' && caller.partner.kind === 'PAYMENT_PROCESSOR';
      return { is: 'VALUE', value: isProcessor ? billedBy(resident, caller.partner.clientId)[field] : shown[field] };
    }
    default: {
      const [list = field, pages] = field.split(/(?=Connection$)/);
      const value = shown[list];
      const isCut = Array.isArray(value) && args.first != null;
      const items = isCut ? value.slice(0, Number(args.first)) : value;
      return { is: 'VALUE', value: pages ? { edges: (items as object[]).map((node) => ({ node })) } : items };
    }
  }
}

/** The card and address of the newest unsettled order with a processor; a world file gives one token for all orders. */
function billedBy({ shown, tokens }: Resident, clientId: string) {
  const order = shown.orders.findLast((one) => isUnsettled(one) && one.processor.clientId === clientId);
  const processorToken = (order && tokens[order.id]) ?? shown.paymentCard?.processorToken ?? null;
  return {
    paymentCard: order?.paymentCard ? { ...order.paymentCard, processorToken } : null,
    billingAddress: order?.billingAddress ?? null,
  };
}

/** Every text and number in a value, but for times and the like: those tell nothing on their own. */
function leavesOf(value: unknown): (string | number)[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leavesOf);
  return typeof value === 'string' || typeof value === 'number' ? [value] : [];
}
