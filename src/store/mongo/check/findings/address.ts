import type { Store } from '../../connection.ts';
import type { AddressFacts } from '../facts/address.ts';
import type { ServerKind } from '../facts/server.ts';
import { type Finding, fault, note, ok, warning } from '../finding.ts';

export interface Chosen extends Pick<Store, 'read' | 'write'> {
  readonly kind: ServerKind;
  /** The number of members of the replica set that hold data; 0 without a replica set. */
  readonly holdData: number;
}

const SUBJECT = 'address';
const REMOVE = 'Remove the option from MONGODB_URI.';

/** The gateway's own settings take precedence over the address. A driver with another order is a fault. */
function settings({ asked, used }: AddressFacts, { write, read }: Chosen): Finding[] {
  const found: Finding[] = [];
  const instead = `the gateway writes with w: ${write.w}, j: ${write.j}`;
  if (used.w !== write.w || used.j !== write.j)
    found.push(fault(SUBJECT, 'The options of the address weaken the write concern of the gateway.', REMOVE));
  else if ((asked.w !== undefined && asked.w !== write.w) || asked.j === false)
    found.push(note(SUBJECT, `Its write concern has no effect: ${instead}.`, REMOVE));
  if (used.readPreference !== read.readPreference)
    found.push(fault(SUBJECT, 'The options of the address let the gateway read from secondaries.', REMOVE));
  else if (asked.readPreference !== read.readPreference)
    found.push(note(SUBJECT, `readPreference=${asked.readPreference} has no effect: reads go to the primary.`, REMOVE));
  return found;
}

/** Harmless default levels for reads without their own. */
const HARMLESS_LEVELS = [undefined, 'local', 'majority'];

function defaultLevel({ used: { readConcern } }: AddressFacts, { read }: Chosen): Finding[] {
  if (readConcern === undefined) return [];
  const found = `readConcernLevel=${readConcern} holds for reads that name none; facts are read ${read.readConcern.level}.`;
  return [(HARMLESS_LEVELS.includes(readConcern) ? note : warning)(SUBJECT, found, REMOVE)];
}

function resilience({ used }: AddressFacts, { kind, holdData }: Chosen): Finding[] {
  const found: Finding[] = [];
  const isReplicated = kind === 'SET' || kind === 'ROUTER';
  if (isReplicated && !used.retryWrites)
    found.push(
      warning(SUBJECT, 'retryWrites=false: writes fail at each election instead of being tried again.', REMOVE),
    );
  if (isReplicated && !used.retryReads)
    found.push(warning(SUBJECT, 'retryReads=false: reads fail at each election instead of being tried again.', REMOVE));
  if (kind === 'SET' && used.directConnection)
    found.push(
      (holdData > 1 ? fault : note)(
        SUBJECT,
        'directConnection=true: the gateway stays with one member, and stops when another one becomes the primary.',
        'Name several members of the replica set in MONGODB_URI, without that option.',
      ),
    );
  return found;
}

export function findingsOnAddress(facts: AddressFacts, chosen: Chosen): Finding[] {
  const found = [...settings(facts, chosen), ...defaultLevel(facts, chosen), ...resilience(facts, chosen)];
  return found.length > 0 ? found : [ok(SUBJECT, 'No option of the address conflicts with the needs of the gateway.')];
}
