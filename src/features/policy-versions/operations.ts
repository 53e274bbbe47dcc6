import { ApiError, badInput } from '../../base/errors.ts';
import type { PersonEntry, PersonEntryBody, PersonLedger } from '../../ledger/chain/person-chain.ts';
import type { Policy } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import type { Facts } from '../../policy/facts.ts';
import { bundledConsents } from '../../subject/acceptance.ts';
import { findLatestAct } from '../../subject/acts.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Change, PersonDocument } from '../../subject/model.ts';

export type AcceptanceMode = Extract<PersonEntryBody, { type: 'ACCEPTANCE' }>['mode'];

/**
 * The change that accepting a version makes to a person: they are judged under it from now on, and get the consents
 * that come with acceptance. If the person ever acted on a consent, it stays as it is: accepting again revives
 * nothing.
 */
function acceptance({ facts }: PersonDocument, policy: Policy, mode: AcceptanceMode, at: Date): Change {
  const consents = bundledConsents(policy, facts, mode);
  return {
    set: {
      'facts.acceptedVersion': policy.version,
      ...Object.fromEntries(consents.map((id) => [`facts.consents.${id}`, { given: true, at }])),
      ...(facts.status === 'REFUSED' && { 'facts.status': 'ACTIVE' }),
    },
    entries: [
      { type: 'ACCEPTANCE', at: at.toISOString(), version: policy.version, mode },
      ...consents.map(
        (purpose): PersonEntryBody => ({
          type: 'CONSENT',
          at: at.toISOString(),
          purpose,
          action: 'GIVEN',
          policyVersion: policy.version,
          expression: 'BUNDLED',
        }),
      ),
    ],
  };
}

/** The place of a version in the order in which versions were posted; -1 for one that this gateway does not know. */
const placeOf = (version: unknown, { policies }: DecisionTable) => [...policies.keys()].indexOf(version as string);

/**
 * The versions that a person has yet to accept, up to the current one: those posted after the one they accepted. If the
 * accepted version is unknown, there are none.
 */
const versionsAhead = ({ acceptedVersion }: Facts, table: DecisionTable): Policy[] => {
  const accepted = placeOf(acceptedVersion, table);
  return accepted < 0
    ? []
    : [...table.policies.values()].slice(accepted + 1, placeOf(table.current.version, table) + 1);
};

/**
 * Whether a person has accepted a version that was posted after the current one of this gateway, which then runs with an
 * older file than others. A version that this gateway does not know was posted after it started.
 */
const isAhead = ({ acceptedVersion }: Facts, table: DecisionTable): boolean => {
  if (typeof acceptedVersion !== 'string') return false;
  const accepted = placeOf(acceptedVersion, table);
  return accepted < 0 || accepted > placeOf(table.current.version, table);
};

/**
 * Whether using the site accepts the current version. A version that only saying so accepts is not passed over either:
 * a later one has its changes too.
 */
export const acceptsByUse = (facts: Facts, table: DecisionTable): boolean => {
  const ahead = versionsAhead(facts, table);
  return facts.status === 'ACTIVE' && ahead.length > 0 && ahead.every(({ acceptance }) => acceptance === 'DEEMED');
};

/** A person's facts once they use the site; use gives no consent along with it. */
export const afterUse = (facts: Facts, table: DecisionTable): Facts =>
  acceptsByUse(facts, table) ? { ...facts, acceptedVersion: table.current.version } : facts;

export type PolicyAcceptance = Extract<PersonEntry, { type: 'ACCEPTANCE' }>;

export const isAcceptance = (act: PersonEntry): act is PolicyAcceptance => act.type === 'ACCEPTANCE';

export type PolicyOperations = ReturnType<typeof createPolicyOperations>;

export function createPolicyOperations(changes: Changes, ledger: PersonLedger, table: DecisionTable) {
  const { current } = table;

  /** Whether the person has accepted the current version by saying so. */
  const hasAccepted = async (person: PersonDocument): Promise<boolean> => {
    const { acceptedVersion, status } = person.facts;
    if (acceptedVersion !== current.version || status === 'REFUSED') return false;
    const latest = await findLatestAct(ledger, person, { types: ['ACCEPTANCE'], limitPerPerson: 1 }, isAcceptance);
    return latest?.mode !== 'DEEMED';
  };

  return {
    /**
     * The person accepts the current version expressly, also where use of the site has counted as acceptance before.
     * A second acceptance changes nothing. An acceptance after a refusal opens the account again.
     *
     * @throws {ApiError} BAD_INPUT for any other version; CONFLICT where they have accepted a later one
     */
    async accept(sid: SubjectId, version: string) {
      if (version !== current.version) throw badInput('version', `the current version, ${current.version}`);
      return changes.apply(sid, async (person, at) => {
        if (isAhead(person.facts, table)) throw new ApiError('CONFLICT', 'A later version has been accepted already.');
        return (await hasAccepted(person)) ? null : acceptance(person, current, 'EXPLICIT', at);
      });
    },

    /** Records the acceptance of the current version by use of the site. */
    deemAccepted: (sid: SubjectId) =>
      changes.apply(sid, (person, at) =>
        acceptsByUse(person.facts, table) ? acceptance(person, current, 'DEEMED', at) : null,
      ),

    /** The person does not accept the policy: the account is closed to use. A sealed account stays sealed. */
    refuse: (sid: SubjectId) =>
      changes.apply(sid, ({ facts }, at) =>
        facts.status === 'ACTIVE'
          ? {
              set: { 'facts.status': 'REFUSED' },
              entries: [{ type: 'REFUSAL', at: at.toISOString(), version: current.version }],
            }
          : null,
      ),
  };
}
