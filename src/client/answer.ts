/** Where something stands in an answer. */
export type Path = readonly (string | number)[];

/** The reasons of a denial, which speak of the caller alone. */
export type DenialReason = 'NO_CLAUSE' | 'WRONG_PURPOSE' | 'CONTRACT_NOT_IN_FORCE' | 'MISSING_SCOPE' | 'NOT_PERMITTED';

/** A field that the policy denies to the caller: an answer, and no fault. */
export interface Denial {
  readonly path: Path;
  readonly code: 'FORBIDDEN';
  readonly reason: DenialReason;
  /** The category of data; none where a whole operation is denied. */
  readonly category?: string;
}

/** A fault: an error that is no denial. `code` is one of the `ErrorCode`s of the schema. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly path?: Path;
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface Answer<Result> {
  /** Null where nothing was answered. A field that is denied, or at fault, is null in it. */
  readonly data: Result | null;
  readonly denials: readonly Denial[];
  readonly faults: readonly Fault[];
}

interface ToldError {
  readonly message?: string;
  readonly path?: Path;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

interface Body<Result> {
  readonly data?: Result | null;
  readonly errors?: readonly ToldError[];
  readonly extensions?: { readonly denials?: readonly Denial[] };
}

const isDenial = ({ path, extensions }: ToldError) => path !== undefined && extensions?.code === 'FORBIDDEN';

/** @param body the answer of the gateway, as it stands in JSON */
export function answerOf<Result>({ data = null, errors = [], extensions }: Body<Result>): Answer<Result> {
  const denied = errors.filter(isDenial).map(({ path, extensions: told }) => ({ path, ...told }) as unknown as Denial);
  return {
    data,
    denials: extensions?.denials ?? denied,
    faults: errors
      .filter((error) => !isDenial(error))
      .map(({ message = '', path, extensions: told = {} }) => ({
        ...{ code: String(told.code ?? 'INTERNAL'), message, extensions: told },
        ...(path && { path }),
      })),
  };
}

/** The denial of the field at a place, or of a field around it; null where it was not denied. */
export const denialAt = ({ denials }: Pick<Answer<unknown>, 'denials'>, path: Path): Denial | null =>
  denials.find((denial) => denial.path.every((part, index) => part === path[index])) ?? null;
