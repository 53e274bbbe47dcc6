import { ApiError, badRequest, internal, unavailable } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { isOutage, lackingOf } from '../enforcement/release-gate.ts';
import { faultOf } from '../http/error-table.ts';

/** Whether an error means that nobody waits for the answer any more. */
const hasGone = (error: unknown) => error instanceof Error && error.name === 'AbortError';

/** The error that a request ends with, where it never came to an operation; the log tells more of a fault of ours. */
export function faultIn(error: unknown, requestId: string, log: Log): ApiError {
  if (hasGone(error)) return badRequest('The request was broken off.');
  const known = error instanceof ApiError ? error : isOutage(error) ? unavailable() : internal();
  if (known.code === 'UNAVAILABLE') log.warn({ requestId, lacking: lackingOf(error) }, 'a request met an outage');
  if (known.code === 'INTERNAL') log.error({ requestId, fault: faultOf(error) }, 'a request failed');
  return known;
}
