import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  changeWithEnds,
  endedNow,
  endingConsents,
  endingSoon,
  personWithEnds,
} from '../../src/subject/consent-ends.ts';
import type { Change, PersonDocument } from '../../src/subject/model.ts';
import { DAY } from '../support/clock.ts';
import { draftOfReference, parsePolicy } from '../support/policy.ts';

const PERIODS = { shortly: 2, monthly: 30, yearly: 365 } as const;
type Name = keyof typeof PERIODS;
const NAMES = Object.keys(PERIODS) as Name[];

const draft = draftOfReference();
draft.consents = [
  ...draft.consents,
  ...NAMES.map((id) => ({
    ...{ id, endsAfterDays: PERIODS[id], description: 'Ends.', dpv: 'dpv:Marketing', givenBy: 'EXPRESS' as const },
    ...(id === 'monthly' && { per: 'RECIPIENT' as const }),
  })),
];
const { policy } = parsePolicy(JSON.stringify({ ...draft, version: 'ending' }), 'p.json');
const policies = new Map([[policy.version, policy]]);

type Person = Pick<PersonDocument, 'facts' | 'consentEnds'>;
const START = Date.parse('2026-01-01T00:00:00Z');

const given = ({ facts }: Person, name: Name, at: Date): Change =>
  name === 'monthly'
    ? { set: { 'facts.recipientConsents': [{ purpose: name, partner: 'p', at }] }, entries: [] }
    : { set: { 'facts.consents': { ...(facts.consents as object), [name]: { given: true, at } } }, entries: [] };

/** The person after a change, as `changes.apply` leaves them. */
function after(person: Person, change: Change): Person {
  const { set = {} } = changeWithEnds(policies, person, change);
  const facts = Object.entries(set).flatMap(([path, value]) =>
    path.startsWith('facts.') ? [[path.slice('facts.'.length), value]] : [],
  );
  return {
    facts: { ...person.facts, ...Object.fromEntries(facts) },
    consentEnds: (set.consentEnds as Person['consentEnds']) ?? person.consentEnds ?? {},
  };
}

const acts = fc.array(
  fc.record({ name: fc.constantFrom(...NAMES), day: fc.double({ min: 0, max: 400, noNaN: true }) }),
  { maxLength: 8 },
);

test('each consent is told before its end and ends once on record, whenever it was given', () => {
  fc.assert(
    fc.property(acts, (all) => {
      const told: string[] = [];
      const ended: string[] = [];
      const keyOf = ({ purpose, endsAt }: { readonly purpose: string; readonly endsAt: Date }) =>
        `${purpose} ${endsAt.getTime()}`;
      const sweep = (person: Person, at: Date): Person => {
        const ending = endingConsents(policies, person.facts);
        const ends = person.consentEnds ?? {};
        const soon = endingSoon(ending, ends, at);
        told.push(...soon.map(keyOf));
        ended.push(...endedNow(ending, ends, at).map(keyOf));
        const consentEnds = { ...ends, endedAt: at, ...(soon.length > 0 && { toldAt: at }) };
        return after(person, { set: { consentEnds }, entries: [] });
      };
      /** Each sweep comes when it is due. */
      const sweepUntil = (begun: Person, until: number): Person => {
        let person = begun;
        for (let left = 100; left > 0; left--) {
          const due = person.consentEnds?.dueAt;
          if (!due || due.getTime() > until) return person;
          person = sweep(person, due);
        }
        throw new Error('The sweep has always something to do.');
      };
      let person: Person = personWithEnds(policies, { facts: { acceptedVersion: policy.version } });
      const lasting = new Map<Name, string>();
      const toEnd: string[] = [];
      for (const { name, day } of all.toSorted((a, b) => a.day - b.day)) {
        const at = new Date(START + Math.round(day * DAY));
        person = sweepUntil(person, at.getTime());
        const before = lasting.get(name);
        if (before && Number(before.split(' ')[1]) <= at.getTime()) toEnd.push(before);
        person = after(person, given(person, name, at));
        lasting.set(name, keyOf({ purpose: name, endsAt: new Date(at.getTime() + PERIODS[name] * DAY) }));
      }
      sweepUntil(person, Number.POSITIVE_INFINITY);
      const expected = [...new Set([...toEnd, ...lasting.values()])].sort();
      expect([...ended].sort()).toEqual(expected);
      expect(expected.filter((key) => !told.includes(key))).toEqual([]);
      expect(new Set(told).size).toBe(told.length);
    }),
    { numRuns: 500 },
  );
});

test('one mail tells of all that would be told within a week', () => {
  const consents = {
    shortly: { given: true, at: new Date(START) },
    yearly: { given: true, at: new Date(START - 360 * DAY) },
  };
  const ending = endingConsents(policies, { acceptedVersion: policy.version, consents });
  expect(endingSoon(ending, {}, new Date(START)).map(({ purpose }) => purpose)).toEqual(['shortly', 'yearly']);
});

test('no end is kept for a person with consents that hold until their withdrawal', () => {
  const consents = { targetedOffers: { given: true, at: new Date(START) } };
  const person = { facts: { acceptedVersion: policy.version, consents } };
  expect(personWithEnds(policies, person)).toEqual(person);
  const change = { set: { 'facts.consents': consents }, entries: [] };
  expect(changeWithEnds(policies, person, change)).toEqual(change);
});
