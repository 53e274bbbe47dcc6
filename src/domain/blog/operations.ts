import type { Clock } from '../../clock.ts';
import { badInput } from '../../errors.ts';
import { openBytes, sealBytes } from '../../store/aead.ts';
import type { Store } from '../../store/connection.ts';
import { type BlindIndex, deriveSecret } from '../../store/derive.ts';
import type { Changes } from '../../subject/change.ts';
import { mailboxKey } from '../../subject/email.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Mailboxes } from '../../subject/mailboxes.ts';
import type { PersonDocument } from '../../subject/model.ts';
import type { Home } from '../../subject/new-person.ts';
import type { PersonOpener } from '../../subject/open-person.ts';
import { subscriptionsOf, type ThreadSubscription } from '../../subject/subscriptions.ts';
import { openGivenEmail } from '../../subject/vault.ts';
import { type Link, type Links, TIME_TO_ANSWER } from '../mail/links.ts';
import type { OutgoingMail } from '../mail/outgoing.ts';

/** Somebody without an account who follows a thread by mail; their address is sealed. */
interface Follower {
  /** Marks the address and the thread. */
  readonly _id: string;
  readonly thread: string;
  readonly verified: boolean;
  readonly sealed: string;
  /** Until when the mailbox can answer; then the follower is forgotten. Left out once it has answered. */
  readonly expiresAt?: Date;
}

export const BLOG_FOLLOWERS = 'blog_followers';

/** The time in which the mailbox of a follower has to answer, from the last request on, in milliseconds. */
export const UNVERIFIED_FOR = 30 * 86_400_000;
/** Threads that one person can follow. */
const MOST_THREADS = 200;

export interface BlogOptions {
  readonly store: Pick<Store, 'connection' | 'read' | 'write'>;
  readonly changes: Changes;
  readonly links: Links;
  readonly mail: OutgoingMail;
  readonly mailboxes: Pick<Mailboxes, 'linkMarkOf'>;
  readonly openPerson: PersonOpener;
  readonly blindIndex: BlindIndex;
  readonly sharedSecret: Buffer;
  readonly clock: Clock;
}

type VerifyLink = Extract<Link, { action: 'VERIFY_THREAD' }>;

/** Nobody is a person whose internal id has 32 digits and a follower whose mark has 64. */
const isPerson = (subscriber: string) => subscriber.length === 32;

/** Subscriptions to blog threads by mail, with or without an account: pending until the mailbox has answered. */
export function createBlogOperations(options: BlogOptions) {
  const { store, changes, links, mail, mailboxes, openPerson, blindIndex, clock } = options;
  const key = deriveSecret(options.sharedSecret, 'blog followers');
  const followers = store.connection.getClient().db(store.connection.name).collection<Follower>(BLOG_FOLLOWERS);
  const placeOf = (mark: string) => `follower ${mark}`;

  const askToVerify = (to: string, what: Omit<VerifyLink, 'action' | 'until'>, sender: Home | null) => {
    const now = clock.now();
    const token = links.issue({ action: 'VERIFY_THREAD', ...what, until: now.getTime() + TIME_TO_ANSWER });
    return mail.queue({ to, kind: 'VERIFY_SUBSCRIPTION', data: { thread: what.thread, token } }, now, sender);
  };

  const amend = (
    sid: SubjectId,
    change: (threads: readonly ThreadSubscription[], person: PersonDocument) => readonly ThreadSubscription[] | null,
  ) =>
    changes.apply(sid, (person, at) => {
      const threads = change(subscriptionsOf(person.facts), person);
      if (!threads) return null;
      const entry = { type: 'SUBSCRIPTIONS', at: at.toISOString(), count: threads.length } as const;
      return { set: { 'facts.subscriptions': threads }, entries: [entry] };
    });

  return {
    /** A person with an account subscribes; the mail that asks for verification goes to their address. */
    async subscribe(home: Home, thread: string, email: string): Promise<void> {
      const { sid } = home;
      await amend(sid, (threads) => {
        if (threads.some((known) => known.thread === thread)) return null;
        if (threads.length >= MOST_THREADS)
          throw badInput('thread', `no more than ${MOST_THREADS} threads: leave some`);
        return [...threads, { thread, verified: false }];
      });
      await askToVerify(email, { subscriber: sid, thread, mailedTo: mailboxes.linkMarkOf(email) }, home);
    },

    /** Somebody without an account subscribes. The same happens for an address that is known and one that is not. */
    async follow(thread: string, email: string): Promise<void> {
      const _id = blindIndex('blog follower', `${mailboxKey(email)}\0${thread}`);
      const sealed = sealBytes(key, placeOf(_id), Buffer.from(email));
      const follower = {
        thread: { $literal: thread },
        verified: { $ifNull: ['$verified', false] },
        sealed: { $ifNull: ['$sealed', sealed] },
        expiresAt: { $cond: ['$verified', '$$REMOVE', new Date(clock.now().getTime() + UNVERIFIED_FOR)] },
      };
      await followers.updateOne({ _id }, [{ $set: follower }], { upsert: true, writeConcern: store.write });
      await askToVerify(email, { subscriber: _id, thread }, null);
    },

    /**
     * The mailbox has answered. Answering again changes nothing, nor does an answer from a mailbox whose address is no
     * longer the person's.
     */
    async verify({ subscriber, thread, mailedTo }: VerifyLink): Promise<void> {
      if (!isPerson(subscriber)) {
        const answered = { $set: { verified: true }, $unset: { expiresAt: 1 as const } };
        await followers.updateOne({ _id: subscriber }, answered, { writeConcern: store.write });
        return;
      }
      const person = await openPerson(subscriber);
      if (!person) return;
      await amend(subscriber, (threads, { values }) => {
        const address = openGivenEmail(person.vault, values);
        const answers = address !== undefined && mailboxes.linkMarkOf(address) === mailedTo;
        return answers && threads.some((known) => known.thread === thread && !known.verified)
          ? threads.map((known) => (known.thread === thread ? { ...known, verified: true } : known))
          : null;
      });
    },

    /** No more mail about the thread. Leaving again changes nothing. */
    async leave(subscriber: string, thread: string) {
      if (!isPerson(subscriber)) {
        await followers.deleteOne({ _id: subscriber }, { writeConcern: store.write });
        return null;
      }
      return amend(subscriber, (threads) =>
        threads.some((known) => known.thread === thread) ? threads.filter((known) => known.thread !== thread) : null,
      );
    },

    /** Forgets each follower without an answer of the mailbox in time. */
    async sweep(): Promise<void> {
      await followers.deleteMany({ expiresAt: { $lte: clock.now() } }, { writeConcern: store.write });
    },

    /** Tells those who follow a thread without an account that somebody wrote there; the others hear from the provider. */
    async tellFollowers(thread: string): Promise<void> {
      const now = clock.now();
      for await (const { _id, sealed } of followers.find({ thread, verified: true }, store.read)) {
        const token = links.issue({ action: 'LEAVE_THREAD', subscriber: _id, thread });
        const to = openBytes(key, placeOf(_id), sealed).toString();
        await mail.queue({ to, kind: 'NEW_COMMENT', data: { thread, token } }, now, null);
      }
    },
  };
}
