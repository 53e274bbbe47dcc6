import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measuresOf } from '../../src/policy/compile.ts';
import { type Condition, compileCondition } from '../../src/policy/condition.ts';
import type { Recipient, Situation } from '../../src/policy/facts.ts';
import { satisfiable } from '../../src/policy/satisfiable.ts';
import { anyFacts, NOW, RESTRICTED, recipients } from '../support/arbitraries.ts';
import { referencePolicy } from '../support/policy.ts';

const measures = measuresOf(referencePolicy);
const situation = (recipient: Recipient | null): Situation => ({ facts: {}, recipient, now: NOW, measures });

const french: Recipient = {
  clientId: 'first',
  kind: 'OFFERS',
  active: true,
  jurisdiction: 'FR',
  contract: null,
  successionAnnouncedAt: NOW,
};
const ON: Condition = { preference: 'adTargeting' };
const OFF: Condition = { not: ON };
const ACTIVE: Condition = { fact: 'personActive' };

describe('some person can fulfil', () => {
  test.each<{ condition: Condition; recipient: Recipient | null; is: boolean }>([
    { condition: { all: [] }, recipient: null, is: true },
    { condition: { any: [] }, recipient: null, is: false },
    { condition: { not: { any: [] } }, recipient: null, is: true },
    { condition: { all: [ON, ACTIVE] }, recipient: null, is: true },
    { condition: { all: [ON, OFF] }, recipient: null, is: false },
    { condition: { any: [ON, OFF] }, recipient: null, is: true },
    { condition: { all: [{ any: [ON, ACTIVE] }, OFF, { not: ACTIVE }] }, recipient: null, is: false },
    { condition: { fact: 'orderWithRecipient' }, recipient: french, is: true },
    { condition: { fact: 'orderWithRecipient' }, recipient: null, is: false },
    { condition: { fact: 'recipientInTransferRegion' }, recipient: french, is: true },
    { condition: { not: { fact: 'recipientInTransferRegion' } }, recipient: french, is: false },
    { condition: { not: { fact: 'recipientInTransferRegion' } }, recipient: null, is: false },
    { condition: { fact: 'noticeElapsed' }, recipient: french, is: false },
    { condition: { not: { fact: 'noticeElapsed' } }, recipient: french, is: true },
  ])('$condition toward $recipient.jurisdiction: $is', ({ condition, recipient, is }) =>
    expect(satisfiable(condition, situation(recipient))).toBe(is));
});

const { condition: conditions } = fc.letrec<{ condition: Condition; leaf: Condition }>((tie) => ({
  leaf: fc.constantFrom<Condition>(
    ON,
    ACTIVE,
    { consent: 'euTransfer' },
    { restriction: RESTRICTED },
    { fact: 'residesInTransferRegion' },
    { fact: 'recipientInTransferRegion' },
    { fact: 'noticeElapsed' },
  ),
  condition: fc.oneof(
    { maxDepth: 3 },
    tie('leaf'),
    fc.record({ not: tie('condition') }),
    fc.record({ all: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { maxLength: 3 }) }),
  ),
}));

test('nobody fulfils an unsatisfiable condition', () =>
  fc.assert(
    fc.property(
      conditions,
      anyFacts([referencePolicy.version]),
      fc.option(recipients('OFFERS', fc.constant([])), { nil: null, freq: 4 }),
      (condition, facts, recipient) => {
        const holds = compileCondition(condition).test({ ...situation(recipient), facts });
        expect(holds !== true || satisfiable(condition, situation(recipient))).toBe(true);
      },
    ),
    { numRuns: 1_000 },
  ));
