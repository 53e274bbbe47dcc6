import type { Clock } from '../../clock.ts';
import { badInput } from '../../errors.ts';
import type { Facts } from '../../policy/facts.ts';
import { openBytes, sealBytes } from '../../store/aead.ts';
import type { Store } from '../../store/connection.ts';
import { type BlindIndex, deriveSecret } from '../../store/derive.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Home } from '../../subject/new-person.ts';
import type { Links } from '../mail/links.ts';
import type { OutgoingMail } from '../mail/outgoing.ts';

/** Somebody without an account who follows a thread by mail; their address is sealed. */
interface Follower {
  /** Marks the address and the thread. */
  readonly _id: string;
  readonly thread: string;
  readonly verified: boolean;
  readonly sealed: string;
}

export interface ThreadSubscription {
  readonly thread: string;
  readonly verified: boolean;
}

const DAY = 86_400_000;
/** How long the mail that asks for verification can be answered, in days. */
const VERIFY_WITHIN = 7;
/** Threads that one person can follow. */
const MOST_THREADS = 200;

export interface BlogOptions {
  readonly store: Pick<Store, 'connection' | 'read' | 'write'>;
  readonly changes: Changes;
  readonly links: Links;
  readonly mail: OutgoingMail;
  readonly blindIndex: BlindIndex;
  readonly sharedSecret: Buffer;
  readonly clock: Clock;
}

const threadsOf = ({ subscriptions }: Facts) =>
  Array.isArray(subscriptions) ? (subscriptions as ThreadSubscription[]) : [];

const normalized = (email: string) => email.trim().toLowerCase();

/** Nobody is a person whose internal id has 32 digits and a follower whose mark has 64. */
const isPerson = (subscriber: string) => subscriber.length === 32;

/** Subscriptions to blog threads by mail, with or without an account: pending until the mailbox has answered. */
export function createBlogOperations({ store, changes, links, mail, blindIndex, sharedSecret, clock }: BlogOptions) {
  const key = deriveSecret(sharedSecret, 'blog followers');
  const followers = store.connection.getClient().db(store.connection.name).collection<Follower>('blog_followers');
  const placeOf = (mark: string) => `follower ${mark}`;

  const askToVerify = (to: string, subscriber: string, thread: string, sender: Home | null) => {
    const now = clock.now();
    const until = now.getTime() + VERIFY_WITHIN * DAY;
    const token = links.issue({ action: 'VERIFY_THREAD', subscriber, thread, until });
    return mail.queue({ to, kind: 'VERIFY_SUBSCRIPTION', data: { thread, token } }, now, sender);
  };

  const amend = (
    sid: SubjectId,
    change: (threads: readonly ThreadSubscription[]) => readonly ThreadSubscription[] | null,
  ) =>
    changes.apply(sid, ({ facts }, at) => {
      const threads = change(threadsOf(facts));
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
      await askToVerify(email, sid, thread, home);
    },

    /** Somebody without an account subscribes. The same happens for an address that is known and one that is not. */
    async follow(thread: string, email: string): Promise<void> {
      const to = normalized(email);
      const _id = blindIndex('blog follower', `${to}\0${thread}`);
      const sealed = sealBytes(key, placeOf(_id), Buffer.from(to));
      const fresh = { $setOnInsert: { thread, verified: false, sealed } };
      await followers.updateOne({ _id }, fresh, { upsert: true, writeConcern: store.write });
      await askToVerify(to, _id, thread, null);
    },

    /** The mailbox has answered. Answering again changes nothing. */
    async verify(subscriber: string, thread: string): Promise<void> {
      if (!isPerson(subscriber)) {
        await followers.updateOne({ _id: subscriber }, { $set: { verified: true } }, { writeConcern: store.write });
        return;
      }
      await amend(subscriber, (threads) =>
        threads.some((known) => known.thread === thread && !known.verified)
          ? threads.map((known) => (known.thread === thread ? { ...known, verified: true } : known))
          : null,
      );
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
