import { describe, expect, test } from 'vitest';
import type { Policy } from '../../src/policy/clause.ts';
import { diffPolicies, type VisibilityChange } from '../../src/policy/diff.ts';
import { diffInWords } from '../../src/policy/diff-words.ts';
import type { Effect } from '../../src/policy/effect.ts';
import type { DataCategory } from '../../src/policy/vocabulary.ts';
import { clauseOf, type Draft, referencePolicy, revise } from '../support/policy.ts';

/** A difference without its values and conditions. */
interface Outline {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly { readonly id: string; readonly parts: readonly string[]; readonly effect: Effect }[];
  readonly settings: Readonly<Record<string, Effect>>;
  readonly visibility: readonly Pick<VisibilityChange, 'recipient' | 'purpose' | 'category' | 'change'>[];
}

const NO_CHANGE: Outline = { added: [], removed: [], changed: [], settings: {}, visibility: [] };

function outlineOf(before: Policy, after: Policy): Outline {
  const { clauses, settings, visibility } = diffPolicies(before, after);
  const idsOf = (change: string) => clauses.filter((clause) => clause.change === change).map(({ id }) => id);
  return {
    added: idsOf('ADDED'),
    removed: idsOf('REMOVED'),
    changed: clauses
      .filter(({ change }) => change === 'CHANGED')
      .map(({ id, parts, effect }) => ({ id, effect, parts: parts.map(({ key }) => key) })),
    settings: Object.fromEntries(settings.map(({ path, effect }) => [path, effect])),
    visibility: visibility.map(({ recipient, purpose, category, change }) => ({
      recipient,
      purpose,
      category,
      change,
    })),
  };
}

const toOffers = (purpose: string, change: VisibilityChange['change'], ...categories: DataCategory[]) =>
  categories.map((category) => ({ recipient: 'OFFERS', purpose, category, change }));
const OFFERED: DataCategory[] = ['NAME', 'EMAIL', 'GENDER', 'BIRTH_DATE', 'POSTAL_ADDRESS'];

const offersOf = (draft: Draft) => {
  const [reveal] = clauseOf(draft, 'sharing.opt-in-offers').reveals ?? [];
  if (!reveal) throw new Error('The policy has no offers.');
  return reveal;
};

describe('a later version tells its changes', () => {
  test.each<{ name: string; change: (draft: Draft) => void; diff: Partial<Outline> }>([
    {
      name: 'nothing but its version',
      change: (draft) => {
        draft.version = '2015-06-01';
      },
      diff: {},
    },
    {
      name: 'other words',
      change: (draft) => {
        clauseOf(draft, 'photos.removal').summary = 'Photos go when their owner says so.';
      },
      diff: { changed: [{ id: 'photos.removal', parts: ['summary'], effect: 'CHANGES' }] },
    },
    {
      name: 'numbers and defaults',
      change: (draft) => {
        draft.noticeHours = 24;
        draft.defaults.autoPost = false;
      },
      diff: { settings: { noticeHours: 'WIDER', 'defaults.autoPost': 'NARROWER' } },
    },
    {
      name: 'one category more and one less',
      change: (draft) => {
        offersOf(draft).categories = ['NAME', 'EMAIL', 'GENDER', 'BIRTH_DATE', 'CELL_PHONE'];
      },
      diff: {
        changed: [{ id: 'sharing.opt-in-offers', parts: ['reveals'], effect: 'CHANGES' }],
        visibility: [
          ...toOffers('targeted-offers', 'REVEALED', 'CELL_PHONE'),
          ...toOffers('offer-prefill', 'REVEALED', 'CELL_PHONE'),
          ...toOffers('targeted-offers', 'HIDDEN', 'POSTAL_ADDRESS'),
          ...toOffers('offer-prefill', 'HIDDEN', 'POSTAL_ADDRESS'),
        ],
      },
    },
    {
      name: 'one purpose less',
      change: (draft) => {
        offersOf(draft).purposes = ['targeted-offers'];
      },
      diff: {
        changed: [{ id: 'sharing.opt-in-offers', parts: ['reveals'], effect: 'NARROWER' }],
        visibility: toOffers('offer-prefill', 'HIDDEN', ...OFFERED),
      },
    },
    {
      name: 'a consent no longer asked for',
      change: (draft) => {
        offersOf(draft).purposes = ['targeted-offers'];
        clauseOf(draft, 'sharing.opt-in-offers').reveals?.push({
          to: 'OFFERS',
          purposes: ['offer-prefill'],
          categories: ['NAME', 'EMAIL', 'GENDER', 'BIRTH_DATE', 'POSTAL_ADDRESS'],
        });
      },
      diff: {
        changed: [{ id: 'sharing.opt-in-offers', parts: ['reveals'], effect: 'WIDER' }],
        visibility: toOffers('offer-prefill', 'CONDITIONED', ...OFFERED),
      },
    },
    {
      name: 'another basis for judging',
      change: (draft) => {
        clauseOf(draft, 'photos.visibility').judgedUnder = 'CURRENT';
      },
      diff: {
        changed: [{ id: 'photos.visibility', parts: ['judgedUnder'], effect: 'WIDER' }],
        visibility: [
          { recipient: 'MEMBER', purpose: null, category: 'AVATAR_NAME', change: 'CONDITIONED' },
          { recipient: 'MEMBER', purpose: null, category: 'PHOTOS', change: 'CONDITIONED' },
        ],
      },
    },
    {
      name: 'a clause is moved: its reveals stand elsewhere, and nobody sees more or less',
      change: (draft) => {
        const [posts] = clauseOf(draft, 'forums.public').reveals ?? [];
        if (!posts) throw new Error('The policy has no posts.');
        draft.clauses = draft.clauses.filter(({ id }) => id !== 'forums.public');
        draft.clauses.push({ ...clauseOf(draft, 'photos.visibility'), id: 'forums.private', reveals: [posts] });
      },
      diff: { added: ['forums.private'], removed: ['forums.public'] },
    },
  ])('$name', ({ change, diff }) =>
    expect(outlineOf(referencePolicy, revise(change))).toEqual({ ...NO_CHANGE, ...diff }));

  test('in words it lists the changed sights first, and then all other changes', () => {
    const later = revise((draft) => {
      offersOf(draft).categories = ['NAME', 'EMAIL', 'GENDER', 'BIRTH_DATE', 'CELL_PHONE', 'PAYMENT_CARD'];
      offersOf(draft).purposes = ['targeted-offers'];
      draft.noticeHours = 24;
      draft.clauses = draft.clauses.filter(({ id }) => id !== 'photos.removal');
      clauseOf(draft, 'photos.visibility').judgedUnder = 'CURRENT';
    });
    const fields: Partial<Record<DataCategory, string[]>> = { PAYMENT_CARD: ['User.paymentCard', 'User.lastCard'] };
    const diff = diffPolicies(referencePolicy, later);
    expect(diffInWords(diff, (category) => fields[category] ?? [`User.${category}`])).toEqual([
      { effect: 'CHANGES', says: 'the version stays 2014-09-12; another text needs one of its own' },
      {
        effect: 'WIDER',
        says: 'MEMBER sees on other conditions User.AVATAR_NAME, User.PHOTOS: dropped "the person has accepted a version with the clause"',
      },
      {
        effect: 'WIDER',
        says: 'OFFERS, for targeted-offers, may newly see User.CELL_PHONE, User.paymentCard, User.lastCard',
      },
      { effect: 'NARROWER', says: 'OFFERS, for targeted-offers, no longer sees User.POSTAL_ADDRESS' },
      {
        effect: 'NARROWER',
        says: 'OFFERS, for offer-prefill, no longer sees User.NAME, User.EMAIL, User.GENDER, User.BIRTH_DATE, User.POSTAL_ADDRESS',
      },
      { effect: 'CHANGES', says: 'the clause photos.removal is gone' },
      {
        effect: 'WIDER',
        says: 'the clause photos.visibility says otherwise: judgedUnder goes from ACCEPTED to CURRENT',
      },
      { effect: 'CHANGES', says: 'the clause sharing.opt-in-offers says otherwise: reveals' },
      { effect: 'WIDER', says: 'the setting noticeHours goes from 720 to 24' },
    ]);
    expect(diffInWords(diffPolicies(referencePolicy, referencePolicy), () => [])).toEqual([]);
  });

  test('a requirement of partners changes for every partner, and for no caller of our own', () => {
    const { settings, changed, visibility } = outlineOf(
      referencePolicy,
      revise((draft) => {
        draft.partnerRequirements = { fact: 'personActive' };
      }),
    );
    expect({ settings, changed }).toEqual({ settings: { partnerRequirements: 'WIDER' }, changed: [] });
    expect(new Set(visibility.map(({ change }) => change))).toEqual(new Set(['CONDITIONED']));
    expect(new Set(visibility.map(({ recipient }) => recipient))).toEqual(
      new Set(referencePolicy.partnerKinds.flatMap(({ id }) => (id === 'OFFER_WALL' ? [] : [id]))),
    );
  });

  test('the other way round, additions are removals and reveals are denials', () => {
    const later = revise((draft) => {
      draft.clauses = draft.clauses.filter(({ id }) => id !== 'social.activity');
    });
    const forward = outlineOf(referencePolicy, later);
    const backward = outlineOf(later, referencePolicy);
    expect(forward).toMatchObject({ removed: ['social.activity'], visibility: [{ change: 'HIDDEN' }] });
    expect(backward).toEqual({
      ...forward,
      added: forward.removed,
      removed: forward.added,
      visibility: forward.visibility.map((one) => ({ ...one, change: 'REVEALED' })),
    });
  });
});
