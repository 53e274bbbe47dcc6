import type { Clock } from '../../base/clock.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { createFirstSweep } from '../../store/first-sweep.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createPeopleConsenting } from '../../store/mongo/repositories/people-consenting.ts';
import type { Changes } from '../../subject/change.ts';
import { type EndingConsent, endedNow, endingConsents, endingSoon } from '../../subject/consent-ends.ts';
import type { Change, ConsentEnds, PersonDocument } from '../../subject/model.ts';
import { eachWithVault, KEYS_TOGETHER, openValue, type Vault } from '../../subject/vault.ts';
import type { OutgoingMail } from '../mail/operations.ts';

const nameOf = ({ purpose, recipient }: EndingConsent) => ({ purpose, ...(recipient !== undefined && { recipient }) });

export type ConsentEndSweep = ReturnType<typeof createConsentEndSweep>;

/**
 * Tells of consents that end by themselves: the person by mail before the end, and recipients after it, by an act on
 * record. The first sweep of a process also looks at people with consents given before the ends of consents were
 * followed. If a sweep is cut off, the next one makes up for it: the mail goes first, and its cool-down keeps it from
 * going twice.
 */
export function createConsentEndSweep(services: {
  readonly store: Access;
  readonly changes: Pick<Changes, 'apply'>;
  readonly clock: Clock;
  readonly keys: Pick<PersonKeys, 'find'>;
  readonly mail: Pick<OutgoingMail, 'queue'>;
  readonly table: Pick<DecisionTable, 'policies'>;
}) {
  const { store, changes, clock, keys, mail } = services;
  const { policies } = services.table;
  const people = createPeopleConsenting<PersonDocument>(store);
  const known = [...policies.values()].flatMap(({ consents }) =>
    consents.filter(({ endsAfterDays }) => endsAfterDays !== undefined),
  );
  const namesOf = (per: 'RECIPIENT' | undefined) => [
    ...new Set(known.filter((consent) => consent.per === per).map(({ id }) => id)),
  ];
  const names = { forEverybody: namesOf(undefined), forRecipients: namesOf('RECIPIENT') };

  /**
   * An account that is closed to use is told nothing, and neither is an address that is not proven.
   *
   * @returns the marks of having told
   */
  async function tell(person: PersonDocument, vault: Vault, now: Date): Promise<ConsentEnds> {
    const { facts, consentEnds = {} } = person;
    const soon = endingSoon(endingConsents(policies, facts), consentEnds, now);
    if (soon.length === 0) return {};
    const to = openValue(vault, person.values, 'EMAIL');
    if (to === undefined || facts.status !== 'ACTIVE') return { toldAt: now };
    const consents = soon.map((consent) => ({ ...nameOf(consent), endsAt: consent.endsAt.toISOString() }));
    await mail.queue({ to, kind: 'CONSENTS_END', data: { consents } }, now, { sid: person._id, vault });
    return { toldAt: now };
  }

  const planWith =
    (told: ConsentEnds) =>
    ({ facts, consentEnds = {} }: PersonDocument, at: Date): Change => {
      const ended = endedNow(endingConsents(policies, facts), consentEnds, at);
      return {
        set: { consentEnds: { ...consentEnds, ...told, endedAt: at } },
        entries: ended.map((consent) => ({ type: 'CONSENT_END', at: at.toISOString(), ...nameOf(consent) })),
      };
    };

  const carryOut = (batch: readonly PersonDocument[]): Promise<void> =>
    eachWithVault(keys, batch, async (person, vault) => {
      const told = await tell(person, vault, clock.now());
      await changes.apply(person._id, planWith(told));
    });

  const sweep = createFirstSweep({
    searches: (isFirst) => [...(isFirst ? [people.findUnfollowed(names)] : []), people.findDue(clock.now())],
    most: KEYS_TOGETHER,
    act: carryOut,
  });

  return {
    async sweep(): Promise<void> {
      if (known.length > 0) await sweep();
    },
  };
}
