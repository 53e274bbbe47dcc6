import type { Store } from '../../connection.ts';
import type { Trials, Withdrawals } from '../facts/trials.ts';
import { counted, type Finding, fault, note, ok, warning } from '../finding.ts';
import { type Look, type Refusal, RIGHTS, unseen } from '../look.ts';

type Settings = Pick<Store, 'read' | 'write'>;

const MAJORITY = 'See to it that a majority of the members that hold data is up and copies from the primary.';

const failed = (subject: string, trial: string, { kind, code }: Refusal): Finding =>
  kind === 'FORBIDDEN'
    ? fault(subject, `${trial} is refused (${code}).`, RIGHTS)
    : fault(subject, `${trial} is not answered as it has to be (${code}).`, MAJORITY);

function write({ write: seen }: Trials, { write: { w, j } }: Settings): Finding {
  const trial = `A write with w: ${w}, j: ${j}`;
  if ('refusal' in seen) return failed('writes', trial, seen.refusal);
  return ok('writes', `${trial} is acknowledged, after ${Math.round(seen.answer)} ms.`);
}

function read(seen: Look<boolean>, { read: { readPreference, readConcern } }: Settings): Finding {
  const trial = `A read from the ${readPreference}, ${readConcern.level},`;
  if ('refusal' in seen) return failed('reads', trial, seen.refusal);
  if (seen.answer) return ok('reads', `${trial} finds the write before it.`);
  return fault(
    'reads',
    `${trial} did not find the write before it.`,
    'Do not use this database before that is mended.',
  );
}

function withdrawals({ tried, missed, slowestMs, stopped }: Withdrawals): Finding {
  const subject = 'withdrawals';
  const of = counted(tried, 'withdrawal');
  if (stopped === 'REMOVED')
    return warning(subject, 'Another check removed the collection of this one.', 'Run one check at a time.');
  if (missed > 0)
    return fault(
      subject,
      `After ${missed} of ${of} the next read through another connection did not see it.`,
      'Do not use this database before that is mended: the gateway would reveal data after a withdrawal.',
    );
  if (stopped === 'INTERRUPTED') return note(subject, `It was interrupted after ${of}; the next read saw each.`);
  if (stopped !== null) return failed(subject, `After ${of} another one`, stopped);
  return ok(
    subject,
    `The next read through another connection saw each of ${of}; the slowest took ${Math.round(slowestMs)} ms.`,
  );
}

function remains({ leftovers, left }: Trials): Finding[] {
  const subject = 'own collection';
  const found: Finding[] = [];
  if ('refusal' in leftovers)
    found.push(unseen(subject, 'Leftovers of earlier checks', leftovers.refusal, 'readWrite'));
  else if (leftovers.answer > 0)
    found.push(note(subject, `${counted(leftovers.answer, 'collection')} of checks that were killed: removed.`));
  if (left)
    found.push(
      warning(
        subject,
        `${left.name} could not be removed for sure (${left.refusal.code}).`,
        'Run the check again: it removes it.',
      ),
    );
  return found;
}

export const findingsOnTrials = (trials: Trials, settings: Settings): Finding[] => [
  write(trials, settings),
  ...(trials.read ? [read(trials.read, settings)] : []),
  trials.withdrawals
    ? withdrawals(trials.withdrawals)
    : note('withdrawals', 'None was tried, since a write or a read of its own is not answered as it has to be.'),
  ...remains(trials),
];
