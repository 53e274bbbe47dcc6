import type { Clock } from '../../base/clock.ts';
import { ApiError, badInput } from '../../base/errors.ts';
import type { PersonEntryBody } from '../../ledger/chain/person-chain.ts';
import type { Policy } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { categoryWith, type DataCategory } from '../../policy/vocabulary.ts';
import type { PersonKeys } from '../../store/keys.ts';
import { bundledConsents } from '../../subject/acceptance.ts';
import type { Changes } from '../../subject/change.ts';
import { birthDateOf } from '../../subject/forms.ts';
import { argumentWith, type Form, handleIn, valuesIn } from '../../subject/given-values.ts';
import { heldFacts } from '../../subject/held.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Mailboxes } from '../../subject/mailboxes.ts';
import type { PersonDocument } from '../../subject/model.ts';
import { FREE_NAME, type NameClaims } from '../../subject/name-claims.ts';
import { birthFact, createPerson, type PersonState, residenceOf } from '../../subject/new-person.ts';
import type { People } from '../../subject/people.ts';
import type { PublicIds } from '../../subject/public-ids.ts';
import { restrictionFacts } from '../../subject/restrictions.ts';
import type { Tombstones } from '../../subject/tombstones.ts';
import type { PersonalValues } from '../../subject/values.ts';
import { createVault } from '../../subject/vault.ts';
import type { Making } from '../idempotency/operations.ts';
import type { Proofs } from '../mailboxes/operations.ts';
import { type Connection, linkWith, type SocialOperations } from '../social/operations.ts';

/** A registration, by the fields of its categories. A person may leave out every field that is not required. */
export interface Registration extends Form {
  readonly country?: string | null | undefined;
  /** The version of the policy that they read. */
  readonly policyVersion?: string | null | undefined;
  /** The site that the account is opened from, and the categories that this site takes in from there. */
  readonly from?: { readonly partner: string; readonly takenIn: readonly DataCategory[] } | null | undefined;
}

interface Registrant {
  /** The id that their token names. */
  readonly publicId: string;
  /** Whether their browser sent an opt-out signal along. */
  readonly optsOut: boolean;
}

/** The form with every value as it is kept. */
function readForm(form: Registration, { version, minimumAge, vocabulary }: Policy, at: Date) {
  const { country, policyVersion } = form;
  if (policyVersion != null && policyVersion !== version)
    throw badInput('input.policyVersion', `the current version, ${version}`);
  // the age comes first: nothing else of a child is even looked at
  const birthDate = form[categoryWith(vocabulary, 'birthDate')?.field ?? ''];
  if (birthDate != null)
    birthDateOf(argumentWith(vocabulary, 'birthDate'), String(birthDate), minimumAge, at, country ?? undefined);
  const { EMAIL: email, ...values } = valuesIn(vocabulary, form, ({ register }) => register !== undefined);
  const avatarName = handleIn(vocabulary, form);
  if (avatarName === undefined) throw badInput(argumentWith(vocabulary, 'handle'), FREE_NAME);
  return {
    avatarName,
    email,
    values: {
      ...values,
      ...(email !== undefined && { UNPROVEN_EMAIL: email }),
      ...(country != null && { ACCOUNT: { country } }),
    } as PersonalValues,
  };
}

/** The values that an account begins with. */
interface Beginning extends Pick<PersonState, 'avatarName' | 'values'> {
  readonly optsOut: boolean;
  /** The link that it is opened from, if any. */
  readonly connection: Connection | null;
}

/**
 * The state of a person that has just accepted the policy expressly, with its defaults, recorded as no choice of
 * theirs.
 */
function stateOf({ avatarName, values, optsOut, connection }: Beginning, table: DecisionTable, at: Date): PersonState {
  const policy = table.current;
  const residence = residenceOf(values);
  const consents = bundledConsents(policy, { residence, consents: {} }, 'EXPLICIT');
  const { version, defaults } = policy;
  const when = at.toISOString();
  const link = connection && linkWith(connection, { autoPost: defaults.autoPost, policyVersion: version, at });
  return {
    avatarName,
    values,
    facts: {
      status: 'ACTIVE',
      acceptedVersion: version,
      ...(residence !== undefined && { residence }),
      ...birthFact(values, table),
      ...heldFacts(table, values, () => at),
      ...restrictionFacts(table, []),
      preferences: defaults.preferences,
      consents: Object.fromEntries(consents.map((purpose) => [purpose, { given: true, at }])),
      standingOptOut: optsOut,
      orders: [],
      subscriptions: [],
      relationships: [],
      socialLinks: link ? [link.link] : [],
      adInteractions: [],
      privacyCases: [],
      legalProcesses: [],
    },
    acts: [
      { type: 'ACCEPTANCE', at: when, version, mode: 'EXPLICIT' },
      { type: 'PREFERENCES', at: when, changes: defaults.preferences, source: 'DEFAULT' },
      ...consents.map(
        (purpose): PersonEntryBody => ({
          type: 'CONSENT',
          at: when,
          purpose,
          action: 'GIVEN',
          policyVersion: version,
          expression: 'BUNDLED',
        }),
      ),
      ...(link ? [link.entry] : []),
      ...(optsOut ? [{ type: 'OPT_OUT' as const, at: when, signal: 'GPC' as const, standing: true }] : []),
    ],
  };
}

/** The value of a map that has one. */
const only = <Value>(map: ReadonlyMap<string, Value>): Value => {
  const [value] = map.values();
  if (value === undefined) throw new Error('Expected a value.');
  return value;
};

const isThere = () => new ApiError('CONFLICT', 'This token’s account is open already.');

export type RegistrationOperations = ReturnType<typeof createRegistration>;

export function createRegistration(services: {
  readonly changes: Changes;
  readonly clock: Clock;
  readonly keys: PersonKeys;
  readonly mailboxes: Pick<Mailboxes, 'of'>;
  readonly nameClaims: Pick<NameClaims, 'take'>;
  readonly people: Pick<People, 'findBySids'>;
  readonly publicIds: Pick<PublicIds, 'give' | 'forget'>;
  readonly proofs: Pick<Proofs, 'ask' | 'askAgain'>;
  readonly social: Pick<SocialOperations, 'prepare'>;
  readonly table: DecisionTable;
  readonly tombstones: Tombstones;
}) {
  const { changes, clock, keys, mailboxes, nameClaims, people, proofs, publicIds, social, tombstones } = services;
  const policy = services.table.current;

  /**
   * The account that the same call has opened, made twice at once.
   *
   * @returns null where there is no account
   * @throws {ApiError} CONFLICT where another call has opened it
   */
  const openedBy = async ({ id }: Making, sid: SubjectId): Promise<PersonDocument | null> => {
    const [person] = await people.findBySids([sid]);
    if (!person) return null;
    if (person.openedBy !== id) throw isThere();
    return person;
  };

  return {
    /** @throws {ApiError} BAD_INPUT for a form that no account can be opened with */
    check: (form: Registration): void => void readForm(form, policy, clock.now()),

    /**
     * Opens an account. The address counts for nothing until the link mailed there is followed. If it belongs to
     * another account already, the account is opened just the same, and only the mailbox is told.
     *
     * @throws {ApiError} BAD_INPUT, with nothing kept, also for somebody too young and for an avatar name that another
     *   has or had; CONFLICT where the token's account is open already
     */
    async register(form: Registration, { publicId, optsOut }: Registrant, making: Making): Promise<PersonDocument> {
      const at = clock.now();
      const read = readForm(form, policy, at);
      const { avatarName, email, values } = read;
      const connection = form.from
        ? await social.prepare(form.from.partner, form.from.takenIn, 'input.from.partner')
        : null;
      if (!(await nameClaims.take({ name: avatarName, publicId })))
        throw badInput(argumentWith(policy.vocabulary, 'handle'), FREE_NAME);
      const sid = only(await publicIds.give([publicId]));
      const opened = await openedBy(making, sid);
      if (opened) return opened;
      const home = { sid, vault: createVault(sid, only(await keys.obtain([sid]))) };
      const state = stateOf({ avatarName, values, optsOut, connection }, services.table, at);
      const person = {
        ...createPerson(publicId, home, state, mailboxes.of),
        ...(making.keyed && { openedBy: making.id }),
      };
      if (!(await changes.create(person))) {
        const winner = await openedBy(making, sid);
        if (winner) return winner;
        throw isThere();
      }
      // a tombstone stands before a document goes: an account that came to its end meanwhile is not opened again
      if (await tombstones.isErased(publicId)) {
        await changes.withdraw(person);
        await keys.destroy(sid);
        await publicIds.forget(publicId, sid);
        throw isThere();
      }
      if (email !== undefined) await proofs.ask(home, email, 'ACCOUNT_OPENED');
      return person;
    },

    /**
     * The same call comes again, now that its person is there. A link that may never have been mailed is mailed again.
     *
     * @throws {ApiError} CONFLICT where another call opened the account
     */
    async registerAgain(person: PersonDocument, { id, made }: Making): Promise<void> {
      if (person.openedBy !== id) throw isThere();
      if (!made) await proofs.askAgain(person._id);
    },

    isThere,
  };
}
