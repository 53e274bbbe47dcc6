/** Whether the long studies are to run: by hand, with `npm run soak`, and alone on the machine. */
export const IS_SOAK = process.env.SOAK !== undefined;

/** So many rounds with `npm run soak`, and fewer with `npm test`, where each of them can fail as well. */
export const roundsOf = (long: number, short: number): number => (IS_SOAK ? long : short);
