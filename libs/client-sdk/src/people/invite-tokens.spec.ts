import { describe, expect, it } from '@jest/globals';
import { introductionProof } from '@cipherchat/crypto';
import fc from 'fast-check';
import type { InviteTokenRow } from '../state/people-rows.js';
import {
  maxTokenUses,
  tokenFreshMs,
  tokenLifeMs,
  tokensAfterUse,
  tokensInForce,
  tokensToHandOut,
} from './invite-tokens.js';

const nowMs = 1_800_000_000_000;
const dayMs = 24 * 60 * 60 * 1_000;
const host = { user: '11111111-1111-4111-8111-111111111111', accountKey: new Uint8Array(32).fill(1) };
const guest = { user: '22222222-2222-4222-8222-222222222222', accountKey: new Uint8Array(32).fill(2) };
const proofOf = (token: Uint8Array): Uint8Array => introductionProof({ token, host, guest });
/** Never the same twice. */
function countingRandom(): (length: number) => Uint8Array {
  let calls = 0;
  return (length) => new Uint8Array(length).fill(++calls);
}
const made = (changes: Partial<InviteTokenRow> = {}): InviteTokenRow => ({
  token: new Uint8Array(16).fill(200),
  madeAtMs: nowMs,
  usesLeft: maxTokenUses,
  ...changes,
});

describe('a token', () => {
  it('is in force for thirty days, while somebody may still come in by it', () => {
    expect([tokenLifeMs, tokenFreshMs, maxTokenUses]).toEqual([30 * dayMs, 7 * dayMs, 50]);
    const last = made({ madeAtMs: nowMs - tokenLifeMs + 1, usesLeft: 1 });
    expect(tokensInForce([last], { nowMs })).toEqual([last]);
    expect(tokensInForce([last], { nowMs: nowMs + 1 })).toEqual([]);
    expect(tokensInForce([made({ usesLeft: 0 })], { nowMs })).toEqual([]);
  });

  it('is handed out for a week, and works on when the next one is', () => {
    const random = countingRandom();
    const first = tokensToHandOut([], { nowMs, random });
    expect(first).toEqual([made({ token: new Uint8Array(16).fill(1) })]);
    expect(tokensToHandOut(first, { nowMs: nowMs + tokenFreshMs - 1, random })).toEqual(first);
    const second = tokensToHandOut(first, { nowMs: nowMs + tokenFreshMs, random });
    expect(second).toHaveLength(2);
    expect(second[1]).toEqual(first[0]);
    expect(second[0].token).not.toEqual(first[0].token);
  });

  it('that nobody can come in by any more is not handed out again', () => {
    const [handedOut, ...others] = tokensToHandOut([made({ usesLeft: 0 })], {
      nowMs,
      random: countingRandom(),
    });
    expect([handedOut.usesLeft, others]).toEqual([maxTokenUses, []]);
  });

  it('loses one use to who shows it, and the others none', () => {
    const [mine, other] = [made(), made({ token: new Uint8Array(16).fill(201) })];
    const proof = proofOf(mine.token);
    const params = { nowMs, host, guest, proof };
    expect(tokensAfterUse([other, mine], params)).toEqual([other, { ...mine, usesLeft: maxTokenUses - 1 }]);
    expect(tokensAfterUse([other], params)).toBeNull();
    expect(tokensAfterUse([], params)).toBeNull();
    expect(tokensAfterUse([made({ madeAtMs: nowMs - tokenLifeMs })], params)).toBeNull();
    expect(tokensAfterUse([made({ usesLeft: 0 })], params)).toBeNull();
    expect(mine.usesLeft).toBe(maxTokenUses);
  });
});

type Step = 'hand-out' | 'use-newest' | 'use-any' | 'reset' | 'pass-days';
const anyStep = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Step>('hand-out') },
  { weight: 5, arbitrary: fc.constant<Step>('pass-days') },
  { weight: 2, arbitrary: fc.constant<Step>('use-newest') },
  { weight: 2, arbitrary: fc.constant<Step>('use-any') },
  { weight: 1, arbitrary: fc.constant<Step>('reset') },
);

describe('tokens, handed out, used and reset in any order', () => {
  it('are few, each lets in at most so many within its life, and none does after a reset', () => {
    const steps = fc.array(fc.tuple(anyStep, fc.nat({ max: 1_000 })), { minLength: 100, maxLength: 100 });
    let mostHeld = 0;
    let refusals = 0;
    fc.assert(
      fc.property(steps, (taken) => {
        const random = countingRandom();
        let [now, tokens]: [number, readonly InviteTokenRow[]] = [nowMs, []];
        /** Every token that was ever handed out, as a model keeps it. */
        const known: Array<{ token: Uint8Array; bornMs: number; uses: number; isReset: boolean }> = [];
        for (const [step, drawn] of taken) {
          if (step === 'pass-days')
            now += drawn % 10 === 0 ? drawn * dayMs : (drawn % 3 === 0 ? 1 : 7) * dayMs;
          if (step === 'reset') {
            tokens = [];
            for (const each of known) each.isReset = true;
          }
          if (step === 'hand-out') {
            const handedOut = tokensToHandOut(tokens, { nowMs: now, random });
            tokens = handedOut;
            const { token } = handedOut[0];
            if (!known.some((each) => Buffer.compare(each.token, token) === 0))
              known.push({ token, bornMs: now, uses: 0, isReset: false });
          }
          if (step === 'use-newest' || step === 'use-any') {
            const shown = step === 'use-newest' ? known.at(-1) : known[drawn % Math.max(1, known.length)];
            if (shown === undefined) continue;
            // The same again and again, as a crowd would.
            for (let times = 0; times <= drawn % 60; times++) {
              const left = tokensAfterUse(tokens, { nowMs: now, host, guest, proof: proofOf(shown.token) });
              if (left === null) {
                refusals++;
                continue;
              }
              expect([shown.isReset, now - shown.bornMs < tokenLifeMs]).toEqual([false, true]);
              shown.uses++;
              tokens = left;
            }
            expect(shown.uses).toBeLessThanOrEqual(maxTokenUses);
          }
          mostHeld = Math.max(mostHeld, tokens.length);
          expect(tokens.length).toBeLessThanOrEqual(5);
        }
      }),
      { numRuns: 100, seed: 1 },
    );
    expect([mostHeld, refusals > 0]).toEqual([5, true]);
  });
});
