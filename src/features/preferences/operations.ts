import type { PersonEntry, PersonEntryBody, PersonLedger } from '../../ledger/chain/person-chain.ts';
import type { Facts } from '../../policy/facts.ts';
import type { Preference } from '../../policy/vocabulary.ts';
import { findLatestAct } from '../../subject/acts.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Change, PersonDocument } from '../../subject/model.ts';

/** Switches to set; those left out stay as they are. */
export interface PreferenceChanges {
  readonly preferences: Partial<Record<Preference, boolean>>;
  /** Whether a Global Privacy Control opt-out stands. */
  readonly standingOptOut?: boolean;
  /** Whether the change came with the browser's signal: then a clearing is meant for later signals as well. */
  readonly withSignal?: boolean;
}

/** The person's document with the change in it, and the ledger's latest word on it. */
export interface Outcome<Act extends PersonEntry = PersonEntry> {
  readonly document: PersonDocument;
  readonly entry: Act | null;
}

const preferencesOf = ({ preferences }: Facts) => (preferences ?? {}) as Partial<Record<Preference, boolean>>;

/** Whether a switch is on; one that nothing is known of is not. */
export const isOn = (facts: Facts, name: Preference): boolean => preferencesOf(facts)[name] === true;

/** A person's facts after a change of switches: one computation for carrying it out and for previewing it. */
export const withPreferences = (
  facts: Facts,
  { preferences, standingOptOut, withSignal }: PreferenceChanges,
): Facts => ({
  ...facts,
  preferences: { ...preferencesOf(facts), ...preferences },
  standingOptOut: standingOptOut ?? facts.standingOptOut,
  outlastsSignals: standingOptOut === undefined ? facts.outlastsSignals : outlasts(facts, standingOptOut, withSignal),
});

/** A clearing outlasts later signals where the person made it in spite of one, until the person opts out again. */
const outlasts = ({ outlastsSignals, standingOptOut: stood }: Facts, stands: boolean, withSignal = false): boolean =>
  !stands && (withSignal || (stood !== true && outlastsSignals === true));

/** Whether a browser's signal makes the person opt out: not where they did, or cleared it for later signals too. */
export const heedsSignals = ({ standingOptOut, outlastsSignals }: Facts): boolean =>
  standingOptOut !== true && outlastsSignals !== true;

/** The ledger's account of a change: only the switches that really turn. */
function actsOf(facts: Facts, { preferences, standingOptOut }: PreferenceChanges, at: string): PersonEntryBody[] {
  const known = preferencesOf(facts);
  const turned = Object.entries(preferences).filter(([name, value]) => known[name as Preference] !== value);
  return [
    ...(turned.length > 0
      ? [{ type: 'PREFERENCES' as const, at, changes: Object.fromEntries(turned), source: 'PERSON' as const }]
      : []),
    ...(standingOptOut !== undefined && standingOptOut !== facts.standingOptOut
      ? [{ type: 'OPT_OUT' as const, at, signal: 'GPC' as const, standing: standingOptOut }]
      : []),
  ];
}

const isSwitching = (act: PersonEntry): act is PersonEntry => act.type === 'PREFERENCES' || act.type === 'OPT_OUT';

export type PreferenceOperations = ReturnType<typeof createPreferenceOperations>;

export const createPreferenceOperations = (changes: Changes, ledger: PersonLedger) => ({
  /**
   * Sets switches; a switch that already stands so changes nothing and adds no entry.
   *
   * @param known  the person as the request has read them
   * @returns null where there is no such person
   */
  async update(
    sid: SubjectId,
    change: PreferenceChanges,
    known: PersonDocument | null = null,
  ): Promise<Outcome | null> {
    const plan = ({ facts }: PersonDocument, at: Date): Change | null => {
      const entries = actsOf(facts, change, at.toISOString());
      if (entries.length === 0) return null;
      const { preferences, standingOptOut, outlastsSignals = false } = withPreferences(facts, change);
      return {
        set: {
          'facts.preferences': preferences,
          'facts.standingOptOut': standingOptOut,
          'facts.outlastsSignals': outlastsSignals,
        },
        entries,
      };
    };
    const changed = await changes.apply(sid, plan, known);
    if (!changed) return null;
    const selection = { types: ['PREFERENCES', 'OPT_OUT'] as const, limitPerPerson: 1 };
    const entry = changed.entries.at(-1) ?? (await findLatestAct(ledger, changed.document, selection, isSwitching));
    return { document: changed.document, entry };
  },
});
