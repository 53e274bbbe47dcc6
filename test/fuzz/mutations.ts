import * as fc from 'fast-check';

// How good input is made bad: cut up as text, and replaced piece by piece as a structure.

const NASTY = [
  ...['', '\u0000', '\ufeff', '\u2028', '\ud800', '💥', '\\u0000', '%00', '../../etc/passwd'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '$where', '$ne', '{"$gt":""}'],
  ...['null', 'true', 'NaN', '-0', '1e999', '9007199254740993', '2026-02-30', '2026-13-01T00:00:00Z'],
];

const nastyText = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.nat({ max: 5_000 }).map((length) => 'x'.repeat(length)),
);

const HEX = fc.constantFrom(...'0123456789abcdef');
/** A text that must not come back. */
const canary = fc.string({ unit: HEX, minLength: 18, maxLength: 18 }).map((digits) => `canary${digits}`);

/** Any value, also such as no one would send. */
export const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  nastyText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>([], {}, [[]], [null], -1, 0, 1e308, 2 ** 53, { __proto__: null }, { length: 1 }),
  fc.integer({ min: 1, max: 2_000 }).map((depth) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)),
  canary,
);

interface Splice {
  readonly at: number;
  readonly cut: number;
  readonly insert: string;
}

const splices = (tokens: readonly string[]): fc.Arbitrary<Splice[]> =>
  fc.array(
    fc.record({
      at: fc.nat({ max: 1_000_000 }),
      cut: fc.oneof(fc.constant(0), fc.nat({ max: 3 }), fc.nat({ max: 200 })),
      insert: fc.oneof(fc.constant(''), fc.constantFrom(...tokens), nastyText),
    }),
    { minLength: 1, maxLength: 4 },
  );

const splice = (text: string, { at, cut, insert }: Splice) => {
  const start = at % (text.length + 1);
  return text.slice(0, start) + insert + text.slice(start + cut);
};

/** The text with pieces cut out and others put in, among them `tokens` that mean something in its language. */
export const mutatedText = (text: fc.Arbitrary<string>, tokens: readonly string[]): fc.Arbitrary<string> =>
  fc.tuple(text, splices(tokens)).map(([original, changes]) => changes.reduce(splice, original));

type Path = readonly (string | number)[];

function* pathsIn(value: unknown, path: Path = []): Generator<Path> {
  yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    yield* pathsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

const REMOVED = Symbol('removed');

const replaced = (value: unknown, [step, ...rest]: Path, by: unknown): unknown => {
  if (step === undefined) return by === REMOVED ? null : by;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  const inner = replaced((value as Record<string, unknown>)[step as string], rest, by);
  if (rest.length === 0 && by === REMOVED) delete (copy as Record<string, unknown>)[step as string];
  else Object.defineProperty(copy, step, { value: inner, enumerable: true, configurable: true, writable: true });
  return copy;
};

/** The value with pieces removed, put in other places, and replaced by any value. */
export const mutatedValue = <Value>(original: Value): fc.Arbitrary<unknown> => {
  const paths = [...pathsIn(original)].slice(1);
  const elsewhere = fc
    .constantFrom(...paths)
    .map((path) => path.reduce<unknown>((value, step) => (value as never)[step], original));
  const change = fc.tuple(
    fc.constantFrom(...paths),
    fc.oneof(
      { weight: 3, arbitrary: nastyValue },
      { weight: 1, arbitrary: elsewhere },
      { weight: 1, arbitrary: fc.constant(REMOVED) },
    ),
  );
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce<unknown>((value, [path, by]) => {
      try {
        return replaced(value, path, by);
      } catch {
        // an earlier change has taken this place away
        return value;
      }
    }, original),
  );
};
