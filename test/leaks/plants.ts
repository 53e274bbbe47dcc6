import { createHash } from 'node:crypto';
import type { GraphQLField, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { Denial, forbiddenOperation } from '../../src/base/errors.ts';
import type { Context } from '../../src/graphql/context.ts';
import type { SubjectPage } from '../../src/subject/loader.ts';
import { Subject } from '../../src/subject/subject.ts';
import type { Find } from './crawl.ts';
import type { Resident, Stage } from './stage.ts';

type Resolve = (source: unknown, args: Record<string, unknown>, context: Context, info: GraphQLResolveInfo) => unknown;

/** A leak that could enter the gateway by mistake, and the finding that must report it. */
export interface Plant {
  readonly name: string;
  /** Spoils the schema of a gateway. */
  readonly schema?: (schema: GraphQLSchema, stage: Stage) => void;
  /** Spoils the responses of a gateway. */
  readonly response?: (response: Response, stage: Stage) => Promise<Response>;
  readonly finds: (find: Find) => boolean;
}

const fieldOf = (schema: GraphQLSchema, coordinate: string): GraphQLField<unknown, Context> => {
  const [type = '', name = ''] = coordinate.split('.');
  return (schema.getType(type) as GraphQLObjectType).getFields()[name] as GraphQLField<unknown, Context>;
};

/** Puts a resolver in front of a field's own. */
function wrap(schema: GraphQLSchema, coordinate: string, make: (inner: Resolve) => Resolve): void {
  const field = fieldOf(schema, coordinate);
  const inner = field.resolve as unknown as Resolve;
  field.resolve = make(inner) as never;
}

/** The whole record of the owner of a field, as the database has it. */
function held(stage: Stage, source: unknown): Resident {
  const subject = source instanceof Subject ? source : (source as { readonly subject: Subject }).subject;
  return [...stage.residents.values()].find(({ sid }) => sid === subject.sid) as Resident;
}

/** Changes the error of a denial. */
const onDenial =
  (coordinate: string, spoil: (error: Denial, resident: Resident, stage: Stage) => void) =>
  (schema: GraphQLSchema, stage: Stage) =>
    wrap(schema, coordinate, (inner) => async (source, ...rest) => {
      const answer = await Promise.resolve(inner(source, ...rest)).catch((error: unknown) => error);
      if (answer instanceof Denial) spoil(answer, held(stage, source), stage);
      return answer;
    });

const leaks = (what: RegExp, form?: string) => (find: Find) =>
  find.kind === 'LEAK' && what.test(find.what) && (form === undefined || find.form === form);

const somebody = (stage: Stage) => stage.living()[0] as Resident;

export const PLANTS: readonly Plant[] = [
  {
    name: 'a resolver that shows a value without asking',
    schema: (schema, stage) => wrap(schema, 'User.email', () => (source) => held(stage, source).shown.email),
    finds: leaks(/^body: email of/, 'raw'),
  },
  {
    name: 'a field without its rule',
    schema: (schema, stage) =>
      wrap(
        schema,
        'PaymentCard.processorToken',
        () => (source) => held(stage, source).shown.paymentCard?.processorToken,
      ),
    finds: leaks(/^body: paymentCard.processorToken of/, 'raw'),
  },
  {
    name: 'the card and the address that were given last, shown to every processor',
    schema: (schema, stage) => {
      for (const field of ['paymentCard', 'billingAddress'] as const)
        wrap(schema, `User.${field}`, (inner) => async (source, ...rest) => {
          const own = (await inner(source, ...rest)) as object | null;
          return own instanceof Error ? own : own && { ...own, ...(held(stage, source).shown[field] as object) };
        });
    },
    finds: leaks(/^body: data given to .*: (brand|lastFour|street|city|postalCode) of/, 'raw'),
  },
  {
    name: 'a denied value in the message of the error',
    schema: onDenial('User.name', (error, { shown }) => {
      error.message = `${shown.name} is not to be seen.`;
    }),
    finds: leaks(/^body: name of/, 'raw'),
  },
  {
    name: 'the end of a denied value in the message of the error',
    schema: onDenial('User.cellPhone', (error, { shown }) => {
      error.message = `The number that ends with ${String(shown.cellPhone).slice(5)} is not to be seen.`;
    }),
    finds: leaks(/^body: cellPhone of/, 'raw'),
  },
  {
    name: 'a denied value in the extensions of the error',
    schema: onDenial('User.gender', (error, { shown }) => {
      error.extensions.was = Buffer.from(`gender: ${shown.gender}`).toString('base64');
    }),
    finds: leaks(/^body: gender of/, 'base64'),
  },
  {
    name: 'words of a denial that differ from person to person',
    schema: onDenial('User.cellPhone', (error, resident, stage) => {
      error.message += resident === somebody(stage) ? ' ' : '';
    }),
    finds: leaks(/words of its own/),
  },
  {
    name: 'a value in the extensions of the answer',
    response: async (response, stage) => {
      const body = {
        ...(await response.json()),
        extensions: { trace: Buffer.from(String(somebody(stage).shown.name)).toString('hex') },
      };
      return Response.json(body, response);
    },
    finds: leaks(/^body: name of/, 'hex'),
  },
  {
    name: 'a value in a header',
    response: async (response, stage) => {
      const encoded = [...Buffer.from(String(somebody(stage).shown.email))].map((byte) => `%${byte.toString(16)}`);
      response.headers.set('x-person', encoded.join(''));
      return response;
    },
    finds: leaks(/^headers: email of/, 'URL-encoded'),
  },
  {
    name: 'an internal id in a cursor, in base64',
    schema: (schema) =>
      wrap(
        schema,
        'UserEdge.cursor',
        () => (edge) => Buffer.from(`person ${(edge as Subject).sid}`).toString('base64url'),
      ),
    finds: leaks(/^body: sid of/, 'base64'),
  },
  {
    name: 'the bytes of an internal id in a cursor',
    schema: (schema) =>
      wrap(schema, 'UserEdge.cursor', () => (edge) => Buffer.from((edge as Subject).sid, 'hex').toString('base64url')),
    finds: leaks(/^body: sid of/, 'base64url of its bytes'),
  },
  {
    name: 'the hash of an id that members use, shown to a partner',
    schema: (schema, stage) =>
      wrap(schema, 'PageInfo.endCursor', () => () => createHash('sha256').update(somebody(stage).id).digest('hex')),
    finds: leaks(/^body: id of/, 'sha256 in hex'),
  },
  {
    name: 'the verdict about one person handed to the next',
    schema: (schema, stage) => {
      const verdicts = new Map<unknown, boolean>();
      wrap(schema, 'User.birthDate', (inner) => async (source, args, context, info) => {
        const answer = await inner(source, args, context, info);
        const { caller } = context;
        const name = caller.kind === 'MEMBER' ? caller.person._id : caller.kind;
        if (!(answer instanceof Error)) verdicts.set(name, true);
        return verdicts.get(name) ? held(stage, source).shown.birthDate : answer;
      });
    },
    finds: leaks(/^body: birthDate of/, 'raw'),
  },
  {
    name: 'a list with a person hidden from the caller',
    schema: (schema, stage) =>
      wrap(schema, 'Query.users', (inner) => async (source, args, context, info) => {
        const page = (await inner(source, args, context, info)) as SubjectPage;
        const sealed = stage.living().find(({ shown }) => shown.status === 'SEALED') as Resident;
        const document = (await context.services.people.findByPublicIds([sealed.id]))[0] as never;
        const { caller, services, access } = context;
        const id =
          caller.kind === 'PARTNER' ? services.pseudonymsOf(caller.recipient.clientId).of(sealed.sid) : sealed.id;
        const node = new Subject(
          document,
          id,
          access.others,
          { mask: 0n, grounds: [] },
          { vault: null, unread: new Set() },
        );
        return { ...page, subjects: [...page.subjects, node] };
      }),
    finds: leaks(/, hidden from this caller/),
  },
  {
    name: 'a value in the log',
    schema: (schema, stage) =>
      wrap(schema, 'User.postalAddress', (inner) => (source, ...rest) => {
        stage.log.info({ address: held(stage, source).shown.postalAddress }, 'an address was read');
        return inner(source, ...rest);
      }),
    finds: leaks(/^log: postalAddress/, 'raw'),
  },
  {
    name: 'a value in the answer of a change, backwards',
    schema: (schema, stage) =>
      wrap(
        schema,
        'ErasureRequest.confirmation',
        () => () => [...String(somebody(stage).shown.email)].reverse().join(''),
      ),
    finds: leaks(/^body: email of/, 'reversed'),
  },
  {
    name: "a person's reasoning told to others",
    schema: (schema) =>
      wrap(schema, 'Query.explain', (inner) => async (source, args, context, info) => {
        const owed = await inner(source, args, context, info);
        return (
          owed ?? { category: args.category, outcome: 'DENY', reason: 'NOT_PERMITTED', clauses: [], partner: null }
        );
      }),
    finds: leaks(/told of an item hidden/),
  },
  {
    name: 'the id of a person at another partner',
    schema: (schema) =>
      wrap(
        schema,
        'User.id',
        (inner) => (source, args, context, info) =>
          context.caller.kind === 'PARTNER'
            ? context.services.pseudonymsOf('social-sound').of((source as Subject).sid)
            : inner(source, args, context, info),
      ),
    finds: leaks(/^body: id for social-sound of/, 'raw'),
  },
  {
    name: 'an internal id as the id of something else',
    schema: (schema, stage) => {
      wrap(schema, 'User.transactions', (inner) => async (source, ...rest) => {
        const list = await inner(source, ...rest);
        return Array.isArray(list) ? list.map((item) => ({ ...item, id: held(stage, source).sid })) : list;
      });
    },
    finds: leaks(/^body: sid of/, 'raw'),
  },
  {
    name: 'a person found by a name that the caller may not see',
    schema: (schema) =>
      wrap(schema, 'Query.user', (inner) => async (source, args, context, info) => {
        if (typeof args.avatarName !== 'string') return inner(source, args, context, info);
        const [document] = await context.services.people.findByAvatarNames([args.avatarName]);
        if (!document) return null;
        const { caller, services } = context;
        const { clientId } = caller.kind === 'PARTNER' ? caller.recipient : { clientId: null };
        return context.subjects.find(
          clientId === null ? document.publicId : services.pseudonymsOf(clientId).of(document._id),
        );
      }),
    finds: leaks(/told of an item hidden/),
  },
  {
    name: 'an error of its own for a person hidden from the caller',
    schema: (schema, stage) =>
      wrap(schema, 'Query.user', (inner) => async (source, args, context, info) => {
        const found = await inner(source, args, context, info);
        if (found === null && stage.residents.has(String(args.id)))
          throw forbiddenOperation('Not this one.', 'NOT_PERMITTED');
        return found;
      }),
    finds: ({ kind, what }) => kind === 'OVER-BLOCKING' && /answered FORBIDDEN/.test(what),
  },
  {
    name: 'a revealed value that is kept back',
    schema: (schema) => wrap(schema, 'User.avatarName', () => () => null),
    finds: ({ kind, what }) => kind === 'OVER-BLOCKING' && /avatarName: null/.test(what),
  },
];
