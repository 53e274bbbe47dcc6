import DataLoader from 'dataloader';
import type { RecordStaffAct } from '../../ledger/book/audit.ts';
import { TIE_CODES_LAYOUT } from '../../store/mongo/repositories/tie-codes.ts';
import { TIES_LAYOUT } from '../../store/mongo/repositories/tie-records.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { TieRecord } from '../../subject/person-ties.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createTieOperations, type TieOperations } from './operations.ts';
import { defineTies, type TieOfPerson } from './schema.ts';

interface Needs extends Core {
  readonly recordAct: RecordStaffAct;
}

/** Ties between people. */
export const ties = feature({
  about: 'ties',
  operations: (needs: Needs) => ({ ties: createTieOperations(needs) }),
  fields: defineTies,
  loaders:
    ({ personTies }) =>
    ({ deadline }) => ({
      tiesOf: new DataLoader<SubjectId, readonly TieRecord[]>(deadline.before(personTies.findOf), { cache: false }),
    }),
  layout: [TIES_LAYOUT, TIE_CODES_LAYOUT],
  sweeps: ({ personTies, ties: operations }) => [
    personTies.completeAll,
    operations.endOfSealed,
    operations.dropExpiredCodes,
  ],
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Tie: TieOfPerson;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly ties: TieOperations;
  }
  interface Context {
    readonly tiesOf: DataLoader<SubjectId, readonly TieRecord[]>;
  }
}
