/** A kind of legal process. */
export interface ProcessKind {
  readonly id: string;
  /** One sentence for people. */
  readonly says: string;
}

/** The default kinds of a policy. */
export const COMMON_PROCESS_KINDS: readonly ProcessKind[] = [
  { id: 'COURT_ORDER', says: 'An order of a court.' },
  { id: 'SUBPOENA', says: 'A summons to produce evidence.' },
  { id: 'JUDICIAL_PROCEEDING', says: 'A proceeding before a court.' },
  { id: 'STATUTE', says: 'A law that requires it.' },
  { id: 'RIGHTS_PROTECTION', says: 'The protection of the company’s own rights.' },
];

/** The kinds that count; null if every kind counts. */
export type CountingKinds = ReadonlySet<string> | null;

/** Whether a process of a kind counts. A process without a kind on record counts only if every kind counts. */
export const counts = (kinds: CountingKinds, kind: unknown): boolean => kinds === null || kinds.has(kind as string);
