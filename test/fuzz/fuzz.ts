import * as fc from 'fast-check';

/** In seconds, for each target: a glance by default, any length for a search by hand. */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 2);
/** A longer run counts as hanging, even on a busy machine. */
const HANGS_MS = 15_000;

export const FUZZ_TIMEOUT_MS = SECONDS * 1_000 + 60_000;

/** Looks for an input that a component can't take, until the time is over. */
export async function fuzz<Input>(inputs: fc.Arbitrary<Input>, holds: (input: Input) => void | Promise<void>) {
  let runs = 0;
  const property = fc.asyncProperty(inputs, async (input) => {
    runs += 1;
    const begun = performance.now();
    await holds(input);
    const took = performance.now() - begun;
    if (took > HANGS_MS) throw new Error(`It took ${took} ms`);
  });
  await fc.assert(property, {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: SECONDS * 1_000,
    markInterruptAsFailure: false,
    ...(process.env.FUZZ_SEED !== undefined && { seed: Number(process.env.FUZZ_SEED) }),
  });
  if (process.env.FUZZ_SECONDS !== undefined) process.stderr.write(`${runs} inputs in ${SECONDS} s\n`);
}
