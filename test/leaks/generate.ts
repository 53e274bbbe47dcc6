import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isRequiredArgument,
} from 'graphql';
import type { ArgumentSource } from './arguments.ts';
import type { Random } from './random.ts';

export interface Question {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A field to be asked for at the root, with those of its arguments that are decided. */
export interface Root {
  readonly field: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** The most of each thing in one document, since a gateway may limit it. */
const MOST_ALIASES = 28;
const MOST_FRAGMENTS = 20;
const MOST_DIRECTIVES = 30;
const DEEPEST = 10;
/** A type within itself, within itself, says nothing new. */
const MOST_OF_A_TYPE = 2;
/** The argument that says how long a list may be; without it a list costs more. */
const PAGE_SIZE = 'first';

export interface GeneratorOptions {
  readonly schema: GraphQLSchema;
  readonly random: Random;
  readonly argument: ArgumentSource;
  /** How likely a field of a type is asked for; 1 asks for all. */
  readonly fullness: (type: string) => number;
}

/** A value as it is written in a document. */
function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (value === null || value === undefined) return 'null';
  if (isListType(type)) return `[${(value as unknown[]).map((item) => literal(item, type.ofType)).join(', ')}]`;
  if (isEnumType(type)) return String(value);
  if (!isInputObjectType(type)) return JSON.stringify(value);
  const fields = type.getFields();
  const parts = Object.entries(value as object).map(
    ([name, part]) => `${name}: ${literal(part, fields[name]?.type as GraphQLInputType)}`,
  );
  return `{${parts.join(', ')}}`;
}

/** The fields that these types have in common and that have not the same type. */
const ambiguous = (types: readonly GraphQLObjectType[]): ReadonlySet<string> => {
  const shapes = new Map<string, Set<string>>();
  for (const field of types.flatMap((type) => Object.values(type.getFields())))
    shapes.set(field.name, (shapes.get(field.name) ?? new Set()).add(String(field.type)));
  return new Set([...shapes].filter(([, of]) => of.size > 1).map(([name]) => name));
};

const timesIn = (types: readonly string[], type: string) => types.filter((one) => one === type).length;

/** Makes one document, of everything that GraphQL has for saying the same thing in another way. */
class Writer {
  readonly #options: GeneratorOptions;
  readonly #variables = new Map<string, { readonly type: string; readonly value: unknown }>();
  readonly #fragments: {
    readonly name: string;
    readonly on: string;
    readonly height: number;
    readonly body: string;
  }[] = [];
  #aliases = 0;
  #directives = 0;

  constructor(options: GeneratorOptions) {
    this.#options = options;
  }

  #variable(type: string, value: unknown): string {
    const name = `v${this.#variables.size}`;
    this.#variables.set(name, { type, value });
    return `$${name}`;
  }

  /** Chooses the arguments to give; required and decided ones are always given. */
  #arguments(coordinate: string, args: readonly GraphQLArgument[], decided: Readonly<Record<string, unknown>>): string {
    const { random, argument } = this.#options;
    const written = args.flatMap((arg) => {
      const isDecided = Object.hasOwn(decided, arg.name);
      // A decided argument stands alone: a person is asked for by id or by name.
      const isUsual = isRequiredArgument(arg) || arg.name === PAGE_SIZE || random.chance(0.7);
      const wanted = isRequiredArgument(arg) || (Object.keys(decided).length === 0 && isUsual);
      if (!isDecided && !wanted) return [];
      const value = isDecided ? decided[arg.name] : argument(`${coordinate}(${arg.name})`, arg.type);
      const text = random.chance(0.5) ? this.#variable(String(arg.type), value) : literal(value, arg.type);
      return `${arg.name}: ${text}`;
    });
    return written.length > 0 ? `(${written.join(', ')})` : '';
  }

  /** A directive that now and then leaves out its field. */
  #directive(): string {
    const { random } = this.#options;
    if (this.#directives >= MOST_DIRECTIVES || !random.chance(0.1)) return '';
    this.#directives += 1;
    const name = random.pick(['include', 'skip']);
    const isKept = random.chance(0.8);
    const value = (name === 'include') === isKept;
    return ` @${name}(if: ${random.chance(0.5) ? this.#variable('Boolean!', value) : value})`;
  }

  #alias(): string {
    if (this.#aliases >= MOST_ALIASES) return '';
    this.#aliases += 1;
    return `a${this.#aliases}: `;
  }

  /**
   * @param within  the types around it
   * @param as  the name that it goes by, where that matters
   */
  #field(
    parent: string,
    field: GraphQLField<unknown, unknown>,
    within: readonly string[],
    { as, args: decided = {} }: { readonly as?: string; readonly args?: Root['args'] } = {},
  ): string | null {
    const { random } = this.#options;
    const type = getNamedType(field.type);
    if (isCompositeType(type) && (within.length >= DEEPEST - 1 || timesIn(within, type.name) >= MOST_OF_A_TYPE))
      return null;
    const alias = as ? `${as}: ` : random.chance(0.08) ? this.#alias() : '';
    const args = this.#arguments(`${parent}.${field.name}`, field.args, decided);
    const head = `${alias}${field.name}${args}${within.length === 0 ? '' : this.#directive()}`;
    return isCompositeType(type) ? `${head} { ${this.#selection(type, [...within, type.name])} }` : head;
  }

  /** Some of it apart, in a fragment with or without a name or a type. */
  #apart(type: GraphQLCompositeType, within: readonly string[], fields: readonly string[]): string {
    const { random } = this.#options;
    const body = fields.join(' ');
    switch (random.below(this.#fragments.length < MOST_FRAGMENTS ? 3 : 2)) {
      case 0:
        return `... on ${type.name}${this.#directive()} { ${body} }`;
      case 1:
        return `...${this.#directive()} { ${body} }`;
      default: {
        const name = `F${this.#fragments.length}`;
        this.#fragments.push({ name, on: type.name, height: DEEPEST - within.length, body });
        return `...${name}${this.#directive()}`;
      }
    }
  }

  /** @param renamed  fields that need another name here, since another type has one of the same name */
  #fields(type: GraphQLObjectType, within: readonly string[], renamed: ReadonlySet<string> = new Set()): string[] {
    const { random, fullness } = this.#options;
    const chosen = Object.values(type.getFields()).filter(
      ({ name }) => name !== 'id' && random.chance(fullness(type.name)),
    );
    return random
      .shuffle(chosen)
      .flatMap(
        (field) =>
          this.#field(type.name, field, within, renamed.has(field.name) ? { as: `${type.name}_${field.name}` } : {}) ??
          [],
      );
  }

  #selection(type: GraphQLCompositeType, within: readonly string[]): string {
    const { schema, random } = this.#options;
    if (isInterfaceType(type)) {
      const concrete = schema.getPossibleTypes(type) as readonly GraphQLObjectType[];
      const parts = concrete.map((one) => ({ one, fields: this.#fields(one, within, ambiguous(concrete)) }));
      const asked = parts.filter(({ fields }) => fields.length > 0);
      return ['id __typename', ...asked.map(({ one, fields }) => `... on ${one.name} { ${fields.join(' ')} }`)].join(
        ' ',
      );
    }
    // The same once more, where it fits: a fragment serves many places.
    const known = this.#fragments.filter(
      ({ on, height }) => on === `whole ${type.name}` && height <= DEEPEST - within.length,
    );
    if (known.length > 0 && random.chance(0.5)) return `...${random.pick(known).name}`;

    const object = type as GraphQLObjectType;
    // The judge needs the id of each person, so it stands apart from fields that may be left out.
    const id = object.getFields().id ? [random.chance(0.1) ? `${this.#alias()}id` : 'id'] : [];
    const fields = this.#fields(object, within);
    if (random.chance(0.3)) fields.push('__typename');
    if (id.length + fields.length === 0) return '__typename';
    const cut = random.chance(0.4) ? random.below(fields.length) : fields.length;
    const rest = fields.slice(cut);
    const apart = rest.length > 0 ? [this.#apart(type, within, rest)] : [];
    const body = [...id, ...fields.slice(0, cut), ...apart].join(' ');
    if (this.#fragments.length >= MOST_FRAGMENTS || !random.chance(0.3)) return body;
    const name = `F${this.#fragments.length}`;
    this.#fragments.push({ name, on: `whole ${type.name}`, height: DEEPEST - within.length, body });
    return `...${name}`;
  }

  write(operation: 'query' | 'mutation', roots: readonly Root[]): Question {
    const { schema, random } = this.#options;
    const type = (operation === 'query' ? schema.getQueryType() : schema.getMutationType()) as GraphQLObjectType;
    this.#aliases = roots.length;
    const fields = roots.map((root, index) =>
      this.#field(type.name, type.getFields()[root.field] as GraphQLField<unknown, unknown>, [], {
        ...root,
        as: `r${index}`,
      }),
    );
    const declared = [...this.#variables].map(([name, { type: of }]) => `$${name}: ${of}`);
    const fragments = random
      .shuffle(this.#fragments)
      .map(({ name, on, body }) => `fragment ${name} on ${on.replace('whole ', '')} { ${body} }`);
    const head = `${operation} Asked${declared.length > 0 ? `(${declared.join(', ')})` : ''}`;
    return {
      query: [`${head} { ${fields.join('\n')} }`, ...fragments].join('\n'),
      variables: Object.fromEntries([...this.#variables].map(([name, { value }]) => [name, value])),
    };
  }
}

export const writeQuestion = (options: GeneratorOptions, operation: 'query' | 'mutation', roots: readonly Root[]) =>
  new Writer(options).write(operation, roots);
