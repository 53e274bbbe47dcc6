import { badInput } from '../../base/errors.ts';
import type { PersonEntryBody, PersonLedger } from '../../ledger/chain/person-chain.ts';
import type { Policy } from '../../policy/clause.ts';
import { type DataCategory, idsOf } from '../../policy/vocabulary.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createIdleNotices } from '../../store/mongo/repositories/idle-notices.ts';
import { wasAdded } from '../../subject/acts.ts';
import type { Changes } from '../../subject/change.ts';
import { createSubjectId, type SubjectId } from '../../subject/identifiers.ts';
import { type SocialLink, socialLinksOf, tieWith, withoutTie, withTie } from '../../subject/ties.ts';
import type { Activity } from '../../subject/values.ts';
import { openValue, type Vault } from '../../subject/vault.ts';
import type { Making } from '../idempotency/operations.ts';
import type { Counterparts } from '../partners/counterparts.ts';

/** Recent means the newest of these. */
const MOST_ACTIVITIES = 50;

/** The site, and the categories of data taken in from there, each once. */
export interface Connection {
  readonly partner: string;
  readonly takenIn: readonly DataCategory[];
}

/** A link with the consent to it for the ledger: also for an account that is opened from one. */
export function linkWith(
  { partner, takenIn }: Connection,
  { autoPost, policyVersion, at }: { readonly autoPost: boolean; readonly policyVersion: string; readonly at: Date },
): { readonly link: SocialLink; readonly entry: PersonEntryBody } {
  return {
    link: { partner, autoPost, takenIn, at },
    entry: {
      type: 'SOCIAL_CONNECTION',
      at: at.toISOString(),
      partner,
      takenIn,
      autoPost,
      policyVersion,
      expression: 'EXPRESS',
    },
  };
}

export type SocialOperations = ReturnType<typeof createSocialOperations>;

export function createSocialOperations(services: {
  readonly store: Access;
  readonly changes: Changes;
  readonly ledger: PersonLedger;
  readonly counterparts: Counterparts;
  readonly vaultOf: (sid: SubjectId) => Promise<Vault>;
  readonly policy: Policy;
}) {
  const { store, changes, ledger, counterparts, vaultOf, policy } = services;
  const idleNotices = createIdleNotices(store);

  const end = (sid: SubjectId, partner: string, by: 'PERSON' | 'PARTNER') =>
    changes.apply(sid, ({ facts }, at) => {
      const links = socialLinksOf(facts);
      if (!tieWith(links, partner)) return null;
      return {
        set: { 'facts.socialLinks': withoutTie(links, partner) },
        entries: [{ type: 'SOCIAL_DISCONNECTION', at: at.toISOString(), partner, by }],
      };
    });

  return {
    /**
     * The checked input of a link: for connecting, and for opening an account from a link.
     *
     * @param argument the argument that names the partner
     * @throws {ApiError} BAD_INPUT unless accounts can be linked with the partner
     */
    async prepare(clientId: string, takenIn: readonly DataCategory[], argument?: string): Promise<Connection> {
      const { _id: partner } = await counterparts.findFor({ fact: 'autoPostToRecipient' }, clientId, argument);
      return { partner, takenIn: idsOf(policy.vocabulary.categories).filter((category) => takenIn.includes(category)) };
    },

    /**
     * Links an account with one elsewhere. A second call changes only the categories taken in.
     *
     * @returns null where there is no such person
     */
    connect: (sid: SubjectId, connection: Connection) =>
      changes.apply(sid, ({ facts }, at) => {
        const links = socialLinksOf(facts);
        const known = tieWith(links, connection.partner);
        if (known?.takenIn?.join() === connection.takenIn.join()) return null;
        const autoPost = known?.autoPost ?? policy.defaults.autoPost;
        const { link, entry } = linkWith(connection, { autoPost, policyVersion: String(facts.acceptedVersion), at });
        return { set: { 'facts.socialLinks': withTie(links, link) }, entries: [entry] };
      }),

    /**
     * Lets activity be posted to a linked site, or no longer.
     *
     * @throws {ApiError} BAD_INPUT where the account is not linked with it
     */
    setAutoPost: (sid: SubjectId, partner: string, on: boolean) =>
      changes.apply(sid, ({ facts }, at) => {
        const links = socialLinksOf(facts);
        const link = tieWith(links, partner);
        if (!link) throw badInput('partner', 'the client id of a site that the account is linked with');
        if (link.autoPost === on) return null;
        return {
          set: { 'facts.socialLinks': withTie(links, { ...link, autoPost: on }) },
          entries: [{ type: 'AUTO_POST', at: at.toISOString(), partner, on }],
        };
      }),

    /** Ends a link because the person asks. If there is no such link, nothing changes. */
    async disconnect(sid: SubjectId, clientId: string) {
      const { _id } = await counterparts.findOnRecord(clientId);
      return end(sid, _id, 'PERSON');
    },

    /**
     * Ends a link by the word of the linked site. If there is none, that is put down just as durably, so that not even
     * time tells the site whether there was one, or a person.
     *
     * @param sid  null where the site named nobody
     */
    async endByNotice(partner: string, sid: SubjectId | null): Promise<void> {
      const changed = await end(sid ?? createSubjectId(), partner, 'PARTNER');
      if (changed && changed.entries.length > 0) return;
      await idleNotices.add(partner);
    },

    /** Adds to a person's recent activity; the oldest entry goes. */
    async post(sid: SubjectId, activity: Pick<Activity, 'kind' | 'text'>, { id, keyed }: Making) {
      const vault = await vaultOf(sid);
      return changes.apply(sid, async (person, now) => {
        if (keyed && (await wasAdded(ledger, person, 'ACTIVITY_ADDED', id))) return null;
        const at = now.toISOString();
        const posted = { id, ...activity, at };
        const recent = [posted, ...(openValue(vault, person.values, 'ACTIVITY') ?? [])];
        return {
          set: { 'values.ACTIVITY': vault.seal('ACTIVITY', recent.slice(0, MOST_ACTIVITIES)) },
          entries: [{ type: 'ACTIVITY_ADDED', at, count: 1, ...(keyed && { added: id }) }],
        };
      });
    },
  };
}
