import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ciphertextBytes, decodePayload, encodePayload, type Payload } from './payload.js';

const random = (length: number): Uint8Array => new Uint8Array(length).fill(7);
const run = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

describe('a payload', () => {
  it('comes back as it was, in as many bytes as were asked for', () => {
    const payloads: fc.Arbitrary<Payload> = fc.record({
      run: fc.constant(run),
      sender: fc.integer({ min: 0, max: 999 }),
      number: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      dueMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
      timing: fc.constantFrom('timed' as const, 'untimed' as const),
    });
    fc.assert(
      fc.property(payloads, fc.constantFrom(402, 4_242), (payload, sizeBytes) => {
        const bytes = encodePayload(payload, { sizeBytes, random });
        expect(bytes).toHaveLength(sizeBytes);
        expect(decodePayload(bytes, run)).toEqual(payload);
      }),
    );
  });

  it('of another run, or cut short, is none of ours', () => {
    const payload: Payload = { run, sender: 1, number: 2, dueMs: 3, timing: 'timed' };
    const bytes = encodePayload(payload, { sizeBytes: 402, random });
    expect(decodePayload(bytes, Uint8Array.of(9, 2, 3, 4, 5, 6, 7, 8))).toBeNull();
    expect(decodePayload(bytes.subarray(0, 20), run)).toBeNull();
  });

  it('has the size of a padding bucket within the framing of MLS, mostly the smallest', () => {
    expect([0, 0.79, 0.81, 0.93, 0.98, 0.995, 1].map(ciphertextBytes)).toEqual([
      402, 402, 658, 1_170, 2_194, 4_242, 4_242,
    ]);
  });
});
