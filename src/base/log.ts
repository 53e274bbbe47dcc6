import type { Logger } from 'pino';

/** What the store needs of a logger: pino's three levels, object-first or plain text. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;
