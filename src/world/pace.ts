/** Milliseconds between two lines of progress. */
const INTERVAL = 1_000;
/** Milliseconds over which the pace is measured: known people pass faster than new ones. */
const WINDOW = 20_000;

/** The progress of a pass over a file. */
export interface Passed {
  readonly people: number;
  readonly bytes: number;
}

/** The speed of a pass, and the time to its end. */
export interface Pace {
  /** Whole per cent of the file. */
  readonly share: number;
  readonly peopleASecond: number;
  readonly secondsLeft: number;
}

const START: Passed = { people: 0, bytes: 0 };

/**
 * Measures the pace of a pass over a file.
 *
 * @param size  bytes of the file
 * @param milliseconds  a monotonic clock
 * @returns a function of the progress: the pace, or null if the last one is less than a second old
 */
export function createPace(size: number, milliseconds: () => number = () => performance.now()) {
  const begun = milliseconds();
  let marks = [{ at: begun, passed: START }];
  let told = begun;
  return (passed: Passed): Pace | null => {
    const at = milliseconds();
    if (at - told < INTERVAL && passed.bytes < size) return null;
    told = at;
    // the newest mark outside the window stays, so that a slow pass has one
    const inWindow = marks.findIndex((mark) => at - mark.at <= WINDOW);
    marks = marks.slice(Math.max(0, (inWindow < 0 ? marks.length : inWindow) - 1));
    const since = marks[0] as (typeof marks)[number];
    marks.push({ at, passed });
    const seconds = Math.max(at - since.at, 1) / 1_000;
    const bytesASecond = (passed.bytes - since.passed.bytes) / seconds;
    return {
      share: size === 0 ? 100 : Math.floor((100 * passed.bytes) / size),
      peopleASecond: Math.round((passed.people - since.passed.people) / seconds),
      secondsLeft: bytesASecond === 0 ? 0 : Math.ceil((size - passed.bytes) / bytesASecond),
    };
  };
}
