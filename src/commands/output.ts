/** A line of the answer, on standard output. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A line about the answer, on standard error. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);
