import type { Clock } from '../../base/clock.ts';
import { DAY } from '../../base/durations.ts';
import { badInput } from '../../base/errors.ts';
import { openBytes, sealBytes } from '../../store/aead.ts';
import { type BlindIndex, deriveSecret } from '../../store/derive.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createBlogFollowers } from '../../store/mongo/repositories/blog-followers.ts';
import type { Changes } from '../../subject/change.ts';
import { mailboxKey } from '../../subject/email.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Mailboxes } from '../../subject/mailboxes.ts';
import type { PersonDocument } from '../../subject/model.ts';
import type { Home } from '../../subject/new-person.ts';
import type { PersonOpener } from '../../subject/open-person.ts';
import { subscriptionsOf, type ThreadSubscription } from '../../subject/subscriptions.ts';
import { openGivenEmail, type Vault } from '../../subject/vault.ts';
import type { MailKind } from '../mail/cool-downs.ts';
import { type Link, type Links, TIME_TO_ANSWER } from '../mail/links.ts';
import type { OutgoingMail } from '../mail/operations.ts';

/** Marks all followers of one mailbox. No mark of a person's mailbox is the same. */
export const followerMarkOf = (blindIndex: BlindIndex, address: string): string =>
  blindIndex('mailbox of followers', mailboxKey(address));

/** The time in which the mailbox of a follower has to answer, from the last request on, in milliseconds. */
export const UNVERIFIED_FOR = 30 * DAY;
/** Threads that one person can follow. */
const MOST_THREADS = 200;

/** Seals the addresses of followers, each at its own mark. */
export function createFollowerSeal(sharedSecret: Buffer) {
  const key = deriveSecret(sharedSecret, 'blog followers');
  const placeOf = (mark: string) => `follower ${mark}`;
  return {
    seal: (mark: string, address: string) => sealBytes(key, placeOf(mark), Buffer.from(address)),
    open: (mark: string, sealed: string) => openBytes(key, placeOf(mark), sealed).toString(),
  };
}

export interface BlogOptions {
  readonly store: Access;
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

/** The result of following a link that verifies. */
export type Verification =
  | 'VERIFIED'
  /** The subscription is there no longer. */
  | 'LEFT'
  /** The person has another address by now, which has yet to be verified. */
  | 'STALE';

/** The internal id of a person has 32 digits; the mark of a follower without an account has 64. */
const isPerson = (subscriber: string) => subscriber.length === 32;

export type BlogOperations = ReturnType<typeof createBlogOperations>;

/** Subscriptions to blog threads by mail, with or without an account: pending until the mailbox has answered. */
export function createBlogOperations(options: BlogOptions) {
  const { store, changes, links, mail, mailboxes, openPerson, blindIndex, clock } = options;
  const { seal, open } = createFollowerSeal(options.sharedSecret);
  const followers = createBlogFollowers(store);

  const verifyTokenOf = (what: Omit<VerifyLink, 'action' | 'until'>, now: Date) =>
    links.issue({ action: 'VERIFY_THREAD', ...what, until: now.getTime() + TIME_TO_ANSWER });

  /** Mails an address that no account stands behind. Each mail has a link by which the address is forgotten. */
  const tell = (to: string, kind: MailKind, data: { readonly thread?: string; readonly token?: string }, now: Date) => {
    const mailbox = followerMarkOf(blindIndex, to);
    const forgetToken = links.issue({ action: 'FORGET_MAILBOX', mailbox });
    return mail.queue({ to, kind, data: { ...data, forgetToken } }, now, null, mailbox);
  };

  /** Whether a link was mailed to the address that the person has now. */
  const isMailedTo = ({ values }: PersonDocument, vault: Vault, mailedTo: string | undefined) => {
    const address = openGivenEmail(vault, values);
    return address !== undefined && mailboxes.linkMarkOf(address) === mailedTo;
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
      const now = clock.now();
      await amend(sid, (threads) => {
        if (threads.some((known) => known.thread === thread)) return null;
        if (threads.length >= MOST_THREADS)
          throw badInput('thread', `no more than ${MOST_THREADS} threads: leave some`);
        return [...threads, { thread, verified: false }];
      });
      const token = verifyTokenOf({ subscriber: sid, thread, mailedTo: mailboxes.linkMarkOf(email) }, now);
      await mail.queue({ to: email, kind: 'VERIFY_SUBSCRIPTION', data: { thread, token } }, now, home);
    },

    /** Somebody without an account subscribes. The same happens for an address that is known and one that is not. */
    async follow(thread: string, email: string): Promise<void> {
      const now = clock.now();
      const _id = blindIndex('blog follower', `${mailboxKey(email)}\0${thread}`);
      await followers.take({
        ...{ _id, thread, mailbox: followerMarkOf(blindIndex, email), sealed: seal(_id, email) },
        expiresAt: new Date(now.getTime() + UNVERIFIED_FOR),
      });
      const token = verifyTokenOf({ subscriber: _id, thread }, now);
      await tell(email, 'VERIFY_SUBSCRIPTION', { thread, token }, now);
    },

    /**
     * The mailbox has answered. A second answer changes nothing. Neither does an answer from a mailbox after the
     * person has changed to another address.
     */
    async verify({ subscriber, thread, mailedTo }: VerifyLink): Promise<Verification> {
      if (!isPerson(subscriber)) return (await followers.verify(subscriber)) ? 'VERIFIED' : 'LEFT';
      const person = await openPerson(subscriber);
      if (!person) return 'LEFT';
      const { vault } = person;
      const changed = await amend(subscriber, (threads, document) =>
        isMailedTo(document, vault, mailedTo) && threads.some((known) => known.thread === thread && !known.verified)
          ? threads.map((known) => (known.thread === thread ? { ...known, verified: true } : known))
          : null,
      );
      const isThere = changed && subscriptionsOf(changed.document.facts).some((known) => known.thread === thread);
      if (!isThere) return 'LEFT';
      return isMailedTo(changed.document, vault, mailedTo) ? 'VERIFIED' : 'STALE';
    },

    /** No more mail about the thread. Leaving again changes nothing. */
    async leave(subscriber: string, thread: string) {
      if (!isPerson(subscriber)) {
        await followers.forget(subscriber);
        return null;
      }
      return amend(subscriber, (threads) =>
        threads.some((known) => known.thread === thread) ? threads.filter((known) => known.thread !== thread) : null,
      );
    },

    /** Somebody asks that an address be forgotten: the mailbox gets a link, whether or not anything is held of it. */
    askToForget: (email: string): Promise<void> => tell(email, 'FORGET_ADDRESS', {}, clock.now()),

    /** The mailbox follows no thread any more, and no mail waits for it. Doing it again changes nothing. */
    async forget(mailbox: string): Promise<void> {
      await followers.forgetMailbox(mailbox);
      await mail.forget(mailbox);
    },

    /** Forgets each follower without an answer of the mailbox in time. */
    sweep: (): Promise<void> => followers.dropExpired(clock.now()),

    /** Tells the followers of a thread without an account about a new post; the others hear from the provider. */
    async tellFollowers(thread: string): Promise<void> {
      const now = clock.now();
      for await (const { _id, sealed } of followers.findVerified(thread)) {
        const token = links.issue({ action: 'LEAVE_THREAD', subscriber: _id, thread });
        await tell(open(_id, sealed), 'NEW_COMMENT', { thread, token }, now);
      }
    },
  };
}
