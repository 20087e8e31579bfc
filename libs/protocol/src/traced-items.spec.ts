import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { limits } from './limits.js';
import { decodeTracedItems, encodeTracedItems } from './traced-items.js';

const hop = fc.stringMatching(/^[0-9a-f]{16}$/);
const items = fc.uniqueArray(fc.record({ index: fc.nat({ max: limits.maxAppendBatchItems - 1 }), hop }), {
  selector: ({ index }) => index,
  maxLength: limits.maxTracedBatchItems,
});

describe('the traced items of a batch', () => {
  it('come back as they were, within a header that NATS takes', () => {
    fc.assert(
      fc.property(items, (traced) => {
        const header = encodeTracedItems(traced);
        expect(header.length).toBeLessThan(2_048);
        expect([...decodeTracedItems(header)]).toEqual(traced.map((item) => [item.index, item.hop]));
      }),
    );
  });

  it('are written as ever', () => {
    expect(
      encodeTracedItems([
        { index: 0, hop: '0123456789abcdef' },
        { index: 17, hop: 'f'.repeat(16) },
      ]),
    ).toBe('0=0123456789abcdef,17=ffffffffffffffff');
  });

  it('are bounded on both sides', () => {
    const many = Array.from({ length: limits.maxTracedBatchItems + 1 }, (_, index) => ({
      index,
      hop: 'a'.repeat(16),
    }));
    expect(decodeTracedItems(encodeTracedItems(many)).size).toBe(limits.maxTracedBatchItems);
    const tooLong = Array.from({ length: 100 }, (_, index) => `${index}=${'a'.repeat(16)}`).join(',');
    expect(decodeTracedItems(tooLong).size).toBe(0);
  });

  it.each(['', 'x', '1=short', '-1=0123456789abcdef', '01=0123456789abcdef', '1=0123456789ABCDEF', ',,='])(
    'are none in %j',
    (header) => {
      expect(decodeTracedItems(header).size).toBe(0);
    },
  );
});
