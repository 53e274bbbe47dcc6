import type { Logger } from 'pino';

/** The part of a logger that the store needs: pino's three levels, object-first or plain text. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;
