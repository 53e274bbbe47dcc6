import mongoose from 'mongoose';
import { LEAST_VERSION, UnsupportedServerError } from '../../server-version.ts';
import { isUnavailable } from '../../unavailable.ts';
import { type Finding, fault } from '../finding.ts';

const { MongoError, MongoServerError } = mongoose.mongo;

/** AuthenticationFailed, Unauthorized, and the refusal of managed clusters. */
const SIGN_IN = new Set([18, 13, 8000]);

/** Whether servers answered, but no primary. */
const lacksPrimary = ({ reason }: { readonly reason?: mongoose.mongo.TopologyDescription }) =>
  [...(reason?.servers?.values() ?? [])].some(({ type }) => type !== 'Unknown');

/**
 * The reason that the database could not be opened.
 *
 * @throws the error itself, unless it is one of the database or the driver
 */
export function findingOnOpening(error: unknown): Finding {
  if (error instanceof UnsupportedServerError)
    return fault(
      'version',
      `The server is older than MongoDB ${LEAST_VERSION}.`,
      'Update every server of the database.',
    );
  if (isUnavailable(error) && lacksPrimary(error as object))
    return fault(
      'members',
      'Members of the set answer, and none of them is the primary.',
      'Bring a majority of them back.',
    );
  if (isUnavailable(error))
    return fault(
      'database',
      'It cannot be reached.',
      'Look at the names, ports and TLS options of MONGODB_URI, at firewalls, and at whether the servers run.',
    );
  if (error instanceof MongoServerError) {
    const code = error.codeName ?? error.code;
    return SIGN_IN.has(Number(error.code))
      ? fault(
          'user',
          `The database refuses the user (${code}).`,
          'Look at the name, the password and the authSource of MONGODB_URI.',
        )
      : fault('database', `It refuses to say what it is (${code}).`, 'Look into the log of the server.');
  }
  // the driver's messages may repeat a part of the address
  if (error instanceof MongoError)
    return fault(
      'address',
      `The driver can't take the address (${error.name}).`,
      'Look at the options of MONGODB_URI.',
    );
  throw error;
}
