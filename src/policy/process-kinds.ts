/** A sort of legal process. */
export interface ProcessKind {
  readonly id: string;
  /** One sentence for people. */
  readonly says: string;
}

/** The kinds of a policy that names none. */
export const COMMON_PROCESS_KINDS: readonly ProcessKind[] = [
  { id: 'COURT_ORDER', says: 'An order of a court.' },
  { id: 'SUBPOENA', says: 'A summons to produce evidence.' },
  { id: 'JUDICIAL_PROCEEDING', says: 'A proceeding before a court.' },
  { id: 'STATUTE', says: 'A law that requires it.' },
  { id: 'RIGHTS_PROTECTION', says: 'The protection of the company’s own rights.' },
];

/** The kinds that count; null where those of every kind do. */
export type CountingKinds = ReadonlySet<string> | null;

/** Whether a process of a kind counts. One whose kind is not on record counts where every kind does. */
export const counts = (kinds: CountingKinds, kind: unknown): boolean => kinds === null || kinds.has(kind as string);
