/** Limits of one request. Each name is the `limit` that a `TOO_COMPLEX` error tells. */
export interface RequestLimits {
  /** Words and signs of the document. */
  readonly tokens: number;
  /** Operations and fragments of the document; each fragment is compared with all the others. */
  readonly definitions: number;
  /** Fields within fields, fragments followed. Fields of the schema itself have no depth, only a cost. */
  readonly depth: number;
  /** Fields under another name. */
  readonly aliases: number;
  /** Fields asked for again in the same place; each is compared with all the others. */
  readonly repeats: number;
  readonly directives: number;
  /** Items of one list or fields of one object, in the document or its variables. */
  readonly items: number;
  /** Lists and objects within each other, in the document or its variables. */
  readonly nesting: number;
  /**
   * Fields to be answered: fragments count at every spread, and a field in a list counts as often as the list is long.
   * Fields of the schema itself are counted as they are, in proportion to the whole.
   */
  readonly cost: number;
}

/**
 * Wide enough for everything of a person at once and for a tool that asks for the whole schema; narrow enough that
 * the worst document within them takes milliseconds to refuse or to check.
 */
export const DEFAULT_LIMITS: RequestLimits = {
  tokens: 4_000,
  definitions: 30,
  depth: 12,
  aliases: 200,
  repeats: 20,
  directives: 50,
  items: 500,
  nesting: 8,
  cost: 150_000,
};

/** The cost of a whole schema of any size, as tools ask for it. Three times as much fits into one request. */
export const WHOLE_SCHEMA_COST = 50_000;

/** The longest body, in bytes. */
export const MOST_BYTES = 100_000;

/** Requests in a second; 0 is any number. */
export interface Rates {
  /** Of one person, one member of staff, or the visitors of one address. */
  readonly caller: number;
  /** Of one partner, over all its tokens. */
  readonly partner: number;
}

export const DEFAULT_RATES: Rates = { caller: 500, partner: 1_000 };

/** When operations wait for others; in fields to be answered, as `cost` counts them. */
export interface Turns {
  /** Operations that cost up to this never wait. */
  readonly free: number;
  /** The highest cost of all other operations under way together; one alone may cost more. */
  readonly together: number;
}

/** About three pages of fifty people with everything on their record. */
export const DEFAULT_TURNS: Turns = { free: 500, together: 20_000 };

/**
 * Limits of the things that operations without an account have stored, for each kind apart, so that none takes the
 * place of another. A network may be a school's or a carrier's.
 */
export const STORAGE = {
  GUARDIAN_CASE: { ofRequest: 5, ofNetwork: 300 },
  FOLLOWER: { ofRequest: 5, ofNetwork: 300 },
  /** A mail that asks whether an address is to be forgotten. */
  FORGETTING: { ofRequest: 5, ofNetwork: 300 },
  DEVICE: { ofRequest: 5, ofNetwork: 300 },
  /** A visit or a machine that is counted: it takes no room, but one network must not make up the statistics. */
  COUNT: { ofRequest: 5, ofNetwork: 10_000 },
} as const;

export type Stored = keyof typeof STORAGE;

/** How long the count of a network stands, in seconds. */
export const STORAGE_SECONDS = 3_600;
