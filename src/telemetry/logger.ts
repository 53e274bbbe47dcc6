import { isatty } from 'node:tty';
import pino, { type Logger } from 'pino';

const STDERR = 2;

/** Bytes that processes which share a pipe can each write without mixing their lines. */
const WHOLE_LINES = 4_096;

/** @see ECMA-48, 8.3.117 (select graphic rendition) */
const GRAY = 90;
const LEVELS: Readonly<Record<number, readonly [name: string, colour: number]>> = {
  10: ['TRACE', GRAY],
  20: ['DEBUG', GRAY],
  30: ['INFO', 32],
  40: ['WARN', 33],
  50: ['ERROR', 31],
  60: ['FATAL', 31],
};

/** Characters that a terminal would take as a command. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression looks for them
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
const escaped = (text: string) =>
  text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const shown = (value: unknown) => escaped(typeof value === 'string' && value !== '' ? value : JSON.stringify(value));

/** The time of day where the terminal is: `09:05:07.042`. */
const timeOf = (instant: Date) =>
  `${instant.toTimeString().slice(0, 8)}.${String(instant.getMilliseconds()).padStart(3, '0')}`;

interface Fault {
  readonly name: string;
  readonly at?: readonly string[];
}

const faultLines = ({ name, at = [] }: Fault) => [`    ${escaped(name)}`, ...at.map(escaped)].join('\n');

/**
 * A line of the log as a person reads it: the time, the level, the message, then all other fields. It holds the fields
 * of the line, and no more.
 *
 * @param line  one JSON object of pino's
 * @param colours  whether the terminal shows them
 */
export function readable(line: string, colours: boolean): string {
  const { time, level, msg, pid: _pid, hostname: _hostname, fault, ...rest } = JSON.parse(line);
  const [name, colour] = LEVELS[level] ?? [String(level), GRAY];
  const tinted = (code: number, text: string) => (colours ? `\u001b[${code}m${text}\u001b[39m` : text);
  const details = Object.entries(rest).map(([key, value]) => `${escaped(key)}=${shown(value)}`);
  const parts = [
    tinted(GRAY, timeOf(new Date(time))),
    tinted(colour, name.padEnd(5)),
    ...(msg === undefined ? [] : [escaped(msg)]),
    ...(details.length === 0 ? [] : [tinted(GRAY, details.join(' '))]),
  ];
  return `${parts.join(' ')}\n${fault ? `${faultLines(fault)}\n` : ''}`;
}

const hasColours = () => process.stderr.getColorDepth() > 1;

/** Writes to a terminal. A person waits for each line there, so that none is held back. */
function toTerminal() {
  const stderr = pino.destination({ dest: STDERR, sync: true });
  const colours = hasColours();
  return { write: (line: string) => void stderr.write(readable(line, colours)) };
}

export interface LogOptions {
  readonly level: string;
  /** Whether a line is written before the program goes on: for commands, which soon end. */
  readonly sync?: boolean;
}

/** The log, on standard error: readable where that is a terminal, else one JSON object a line. */
export function createLog({ level, sync = true }: LogOptions): Logger {
  const destination = isatty(STDERR)
    ? toTerminal()
    : pino.destination({ dest: STDERR, sync, ...(!sync && { maxWrite: WHOLE_LINES }) });
  return pino({ level }, destination);
}
