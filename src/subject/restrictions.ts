import { isRecord } from '../base/records.ts';
import type { PersonEntryBody } from '../ledger/chain/person-chain.ts';
import type { DecisionTable } from '../policy/compile.ts';
import type { Facts } from '../policy/facts.ts';
import type { Change, PersonDocument, Restriction } from './model.ts';

/** People's requests not to use their data for a purpose, and the facts that decisions read of these requests. */

export const RESTRICTION_STATES = [
  'REQUESTED',
  'AGREED',
  'DECLINED',
  'ENDED',
] as const satisfies readonly Restriction['state'][];

/** The purposes that conditions ask for. Nothing about other purposes stands among the facts. */
export type RestrictionsAsked = Pick<DecisionTable, 'asksRestrictions'>;

export const restrictionsOf = ({ restrictions = [] }: Pick<PersonDocument, 'restrictions'>): readonly Restriction[] =>
  restrictions;

/** Whether data is not used for the purpose. A request counts at once, for the protection of the person. */
export const isRestricting = ({ state }: Pick<Restriction, 'state'>): boolean =>
  state === 'REQUESTED' || state === 'AGREED';

/** The facts for decisions about all restrictions of a person; nothing where no condition asks. */
export const restrictionFacts = (
  { asksRestrictions }: RestrictionsAsked,
  restrictions: readonly Restriction[],
): Pick<Facts, 'restrictions'> =>
  asksRestrictions.length === 0
    ? {}
    : {
        restrictions: Object.fromEntries(
          asksRestrictions.map((asked) => [
            asked,
            restrictions.some((restriction) => restriction.purpose === asked && isRestricting(restriction)),
          ]),
        ),
      };

/** Where the fact of a purpose stands in a person's document. */
export const restrictionPath = (purpose: string) => `facts.restrictions.${purpose}`;

/** Whether it is not known of a person whether they restricted a purpose. */
export const lacksRestriction = (
  { facts: { restrictions } }: Pick<PersonDocument, 'facts'>,
  purpose: string,
): boolean => !isRecord(restrictions) || restrictions[purpose] === undefined;

/** The entry for it in the ledger of the person. */
export const restrictionEntry = ({ purpose, state, at }: Restriction): PersonEntryBody => ({
  type: 'RESTRICTION',
  at: at.toISOString(),
  purpose,
  action: state,
});

/** The restrictions of a person with one in the place of that for the same purpose. */
export const withRestriction = (restrictions: readonly Restriction[], changed: Restriction): readonly Restriction[] => [
  ...restrictions.filter(({ purpose }) => purpose !== changed.purpose),
  changed,
];

/** The change of a person that puts a restriction into a new state. */
export const restrictionChange = (person: Pick<PersonDocument, 'restrictions'>, changed: Restriction): Change => ({
  set: {
    restrictions: withRestriction(restrictionsOf(person), changed),
    [restrictionPath(changed.purpose)]: isRestricting(changed),
  },
  entries: [restrictionEntry(changed)],
});
