import { type GraphQLObjectType, type GraphQLSchema, isObjectType, parse } from 'graphql';
import { coordinatesIn, Reading } from './answers.ts';
import { createArguments, type Kept, type Sender } from './arguments.ts';
import { type Question, type Root, writeQuestion } from './generate.ts';
import { type Finding, Judge, type Judgement, type Told } from './judge.ts';
import { expectedOf, refusalOf } from './operations.ts';
import type { Random } from './random.ts';
import { type Asker, SCRATCH_PARTNERS } from './roster.ts';
import type { Resident, Stage } from './stage.ts';

/** What was found in one answer, with what it takes to ask for it again. */
export interface Find extends Finding {
  readonly asker: string;
  readonly question: Question;
}

export interface CrawlOptions {
  readonly stage: Stage;
  readonly schema: GraphQLSchema;
  readonly random: Random;
  /** Where requests go: the gateway, or one with a leak in it. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The crawl ends with the first of these. */
  readonly until?: (find: Find) => boolean;
}

/** How many people are asked for in one document. */
const BATCH = 6;

/** Changes that others build on, and those that undo them. */
const FIRST = ['createDevice', 'openLegalProcess'];
const LAST = ['endLegalProcess', 'eraseDevice'];

type Fullness = (type: string) => number;
/** All but of people, since that is much. */
const MOST: Fullness = (type) => (type === 'User' ? 0.3 : 1);
const HALF: Fullness = () => 0.5;
const LITTLE: Fullness = () => 0.3;
const ALL: Fullness = () => 1;
/** All that only a change answers. */
const PAYLOAD: Fullness = (type) => (type.endsWith('Payload') || ONLY_CHANGED.has(type) ? 1 : 0.2);
const ONLY_CHANGED = new Set(['ErasureRequest', 'DeviceProfile']);

const SCRATCH = SCRATCH_PARTNERS.map(({ partner: { clientId } }) => clientId);
/** Fields that may be null, so that one of them that is refused leaves the others of a document alone. */
const MIXABLE = ['me', 'user', 'users', 'node', 'explain', 'mailingHeaders', 'policy', 'device'];

export type Crawler = ReturnType<typeof createCrawler>;

/** Thrown to end a crawl that has found what it was to find. */
class Enough extends Error {}

/** Every field of every type that a query or a mutation leads to. */
export function coordinatesOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
}

export function createCrawler({ stage, schema, random, fetch, until = () => false }: CrawlOptions) {
  const finds: Find[] = [];
  const asked = new Map<string, Set<string>>();
  const revealed = new Set<string>();
  const denied = new Set<string>();
  const succeeded = new Set<string>();
  const count = { requests: 0, decisions: 0 };
  const tokens = new Map<string, string>();
  const keptBy = new Map<Asker, Kept>();

  const keptOf = (asker: Asker): Kept => {
    const kept = keptBy.get(asker) ?? { cursor: null, confirmation: null, device: null, process: null, notice: null };
    keptBy.set(asker, kept);
    return kept;
  };

  const tokenOf = async (asker: Asker): Promise<string | null> => {
    const claims = asker.claims();
    if (!claims) return null;
    const name = JSON.stringify(claims);
    const token = tokens.get(name) ?? (await stage.world.token(claims));
    tokens.set(name, token);
    return token;
  };

  const send = async (asker: Asker, question: Question): Promise<Told> => {
    const token = await tokenOf(asker);
    count.requests += 1;
    const before = stage.logged.length;
    const response = await fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify(question),
      }),
    );
    const body = await response.text();
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    return { status: response.status, headers, body, logged: stage.logged.slice(before) };
  };

  const note = (asker: Asker, question: Question, judgement: Judgement) => {
    count.decisions += judgement.decisions;
    for (const coordinate of judgement.revealed) revealed.add(coordinate);
    for (const coordinate of judgement.denied) denied.add(coordinate);
    for (const finding of judgement.findings) {
      const find = { ...finding, asker: asker.name, question };
      finds.push(find);
      if (until(find)) throw new Enough();
    }
  };

  /** A suspended partner is refused before anything of its question is looked at. */
  const judgeRefused = (asker: Asker, { status, body }: Told): Judgement => {
    const { data, errors } = JSON.parse(body);
    const isRight =
      status === 401 && data === undefined && errors?.length === 1 && errors[0].extensions.code === 'UNAUTHENTICATED';
    const finding: Finding = { kind: 'LEAK', what: `${asker.name} is answered ${status}` };
    return { findings: isRight ? [] : [finding], decisions: 1, revealed: new Set(), denied: new Set() };
  };

  const isTurnedAway = (asker: Asker) => {
    const caller = asker.caller();
    return caller.kind === 'PARTNER' && caller.partner.status === 'SUSPENDED';
  };

  /** Asks one question and judges the answer; a change is learned before what it answered is judged. */
  const ask = async (asker: Asker, operation: 'query' | 'mutation', roots: readonly Root[], fullness: Fullness) => {
    const sender: Sender = { stage, random, asker, scratch: SCRATCH, kept: keptOf(asker) };
    const question = writeQuestion({ schema, random, argument: createArguments(sender), fullness }, operation, roots);
    const document = parse(question.query);
    const names = asked.get(asker.name) ?? new Set();
    asked.set(asker.name, names);
    for (const coordinate of coordinatesIn(schema, document)) names.add(coordinate);

    const reading = new Reading(schema, document, question.variables);
    const fields = [...reading.fieldsOf([reading.root], reading.rootType)].flatMap(([name, [node]]) =>
      node && !node.name.value.startsWith('__')
        ? [{ name, field: node.name.value, args: reading.argumentsOf(node) }]
        : [],
    );
    const expected = new Map(
      fields.map(({ name, field, args }) => [name, expectedOf(operation, field, args, asker, stage)]),
    );
    const told = await send(asker, question);
    if (isTurnedAway(asker)) return note(asker, question, judgeRefused(asker, told));

    const { data } = JSON.parse(told.body) as { data?: Record<string, unknown> | null };
    for (const { name, field, args } of fields) {
      const value = data?.[name];
      if (value === null || value === undefined) continue;
      succeeded.add(`${reading.rootType.name}.${field}`);
      if (operation === 'mutation') await learn(asker, field, args, value, sender.kept);
      else keep(field, value, sender.kept);
    }
    const sent = JSON.stringify([question.variables, fields.map(({ args }) => args)]);
    note(asker, question, new Judge(stage, schema, asker, reading).judge(told, expected, sent));
  };

  /** Keeps what an answer hands out for later questions. */
  const keep = (field: string, value: unknown, kept: Kept) => {
    const cursor = /"(?:endCursor|a\d+)":"([\w-]{22})"/.exec(JSON.stringify(value))?.[1];
    if (field === 'users' && cursor !== undefined) kept.cursor = cursor;
    const notice = /"id":"([\w-]+)"/.exec(JSON.stringify(value))?.[1];
    if (field === 'erasureNotices' && notice !== undefined) kept.notice = notice;
  };

  /** What an acknowledged change has made of what is known. */
  const learn = async (
    asker: Asker,
    field: string,
    args: Readonly<Record<string, unknown>>,
    value: unknown,
    kept: Kept,
  ): Promise<void> => {
    const self = asker.resident?.();
    const input = (args.input ?? {}) as Record<string, unknown>;
    switch (field) {
      case 'requestErasure':
        kept.confirmation = /"([^"]{30,})"/.exec(JSON.stringify(value))?.[1] ?? null;
        break;
      case 'createDevice':
        kept.device = /"id":"([^"]+)"/.exec(JSON.stringify(value))?.[1] ?? null;
        break;
      case 'openPrivacyCase':
        stage.letters.push({ text: String(args.message), of: self?.id ?? null });
        break;
      case 'openGuardianCase':
        for (const text of [args.message, args.contact]) stage.letters.push({ text: String(text), of: null });
        break;
      case 'openLegalProcess': {
        kept.process = String(value);
        const subject = stage.residents.get(String(input.subject)) as Resident;
        const {
          categories,
          authority,
          reference,
          from,
          until: end,
        } = input as unknown as Resident['processes'][number];
        const opened = {
          id: kept.process,
          categories,
          authority,
          reference,
          ...(from && { from }),
          ...(end && { until: end }),
        };
        await stage.refresh(subject.id, { processes: [...subject.processes, opened] });
        break;
      }
      case 'endLegalProcess':
        for (const { id, processes } of stage.living()) {
          const others = processes.filter((process) => process.id !== args.id);
          if (others.length < processes.length) await stage.refresh(id, { processes: others });
        }
        break;
      case 'sealChild':
        await stage.refresh((stage.findFor(asker, String(args.user)) as Resident).id);
        break;
      case 'register':
        await stage.refresh(asker.claims()?.sub as string);
        break;
      default:
    }
    if (!self) return;
    const { processorToken } = input;
    await stage.refresh(self.id, typeof processorToken === 'string' ? { processorToken } : {});
  };

  const isPersonal = ({ kind }: ReturnType<Asker['caller']>) => kind === 'PARTNER' || kind === 'STAFF';
  const inBatches = <T>(items: readonly T[], size: number): T[][] =>
    Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

  /** How one person may be asked for. */
  const wayTo = (asker: Asker, resident: Resident): Root => {
    const id = stage.idFor(asker, resident);
    const ways: Root[] = [
      { field: 'user', args: { id } },
      { field: 'user', args: { id } },
      { field: 'node', args: { id } },
      { field: 'user', args: { avatarName: resident.shown.avatarName } },
    ];
    return random.pick(ways);
  };

  const alone = Object.keys(schema.getQueryType()?.getFields() ?? {}).filter((field) => !MIXABLE.includes(field));
  const apart = [...FIRST, ...LAST, 'eraseAccount'];
  const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {}).filter((name) => !apart.includes(name));

  const ended = (error: unknown) => {
    if (!(error instanceof Enough)) throw error;
  };

  return {
    count,
    finds,
    asked,
    revealed,
    denied,
    succeeded,

    /** Every query in full, everybody or some people in part, and as many mixed questions as are wanted. */
    async read(asker: Asker, { mixed = 2, about = Number.POSITIVE_INFINITY } = {}): Promise<void> {
      try {
        for (const fields of [
          ...inBatches(random.shuffle(MIXABLE), MIXABLE.length / 2),
          ...alone.map((field) => [field]),
        ])
          await ask(
            asker,
            'query',
            fields.map((field) => ({ field })),
            fields.includes('user') ? ALL : MOST,
          );
        if (isPersonal(asker.caller())) await ask(asker, 'query', [{ field: 'users', args: { first: 100 } }], LITTLE);
        const people = random.shuffle([...stage.residents.values()]);
        const isRefused = isTurnedAway(asker) || refusalOf(stage, asker) !== null;
        for (const batch of inBatches(people.slice(0, isRefused ? BATCH : about), BATCH)) {
          const ways = batch.map((resident) => wayTo(asker, resident));
          await ask(asker, 'query', ways, HALF);
        }
        for (let times = 0; times < mixed; times++) {
          const roots = random.shuffle(MIXABLE).slice(0, 1 + random.below(5));
          const ways = people.slice(0, random.below(3)).map((resident) => wayTo(asker, resident));
          await ask(asker, 'query', [...roots.map((field) => ({ field })), ...ways], LITTLE);
        }
        // Who uses the site may have accepted a newer version of the policy by that.
        const self = asker.resident?.();
        if (self) await stage.refresh(self.id);
      } catch (error) {
        ended(error);
      }
    },

    /** Every mutation once, each by itself or several together, of which those after a failure are not tried. */
    async change(asker: Asker, { together = 1 } = {}): Promise<void> {
      try {
        const fields = [...FIRST, ...random.shuffle(mutations), ...LAST];
        for (const batch of inBatches(fields, together))
          await ask(
            asker,
            'mutation',
            batch.map((field) => ({ field })),
            PAYLOAD,
          );
        // whose erasure nobody confirmed goes on being there
        const args = { confirmation: 'not what was answered' };
        await ask(asker, 'mutation', [{ field: 'eraseAccount', args }], PAYLOAD);
      } catch (error) {
        ended(error);
      }
    },

    /** These changes, in this order. */
    async carryOut(asker: Asker, fields: readonly string[]): Promise<void> {
      try {
        for (const field of fields) await ask(asker, 'mutation', [{ field }], PAYLOAD);
      } catch (error) {
        ended(error);
      }
    },
  };
}
