import { describe, expect, it } from '@jest/globals';
import type { Tracing } from '@cipherchat/telemetry';
import { beginAppendTrace, beginRequestSpan, endAppendTrace, type AppendTrace } from './append-trace.js';

type FakeSpan = {
  readonly name: string;
  readonly attributes: Record<string, unknown>;
  readonly links: unknown[];
  readonly children: FakeSpan[];
  ends: number;
};

function fakeSpan(name: string): FakeSpan & object {
  const span: FakeSpan = { name, attributes: {}, links: [], children: [], ends: 0 };
  return Object.assign(span, {
    newHop: () => 'a'.repeat(16),
    set: (attributes: object) => Object.assign(span.attributes, attributes),
    link: (other: unknown) => span.links.push(other),
    end: () => span.ends++,
    child: (child: string) => {
      const made = fakeSpan(child);
      span.children.push(made);
      return made;
    },
  });
}

function trace(): { readonly span: FakeSpan; readonly trace: AppendTrace } {
  const span = fakeSpan('gateway append');
  const begun = beginAppendTrace({ root: () => span } as unknown as Tracing);
  if (begun === null) throw new Error('the coin said yes');
  return { span, trace: begun };
}

describe('the trace of an append', () => {
  it('is none unless the coin says so', () => {
    expect(beginAppendTrace({ root: () => null } as unknown as Tracing)).toBeNull();
  });

  it('has a hop from the begin and an outcome at the end', () => {
    const { span, trace: begun } = trace();
    expect(begun.hop).toBe('a'.repeat(16));
    endAppendTrace(begun, 'stale-commit');
    expect(span).toMatchObject({
      attributes: { 'cipherchat.hop': begun.hop, 'cipherchat.outcome': 'stale-commit' },
      ends: 1,
    });
  });
});

describe('the request of a batch', () => {
  it('is in no trace when nothing in it is recorded', () => {
    expect(beginRequestSpan([], 5)).toBeNull();
  });

  it('is a part of the first, and linked with the others both ways', () => {
    const all = [trace(), trace(), trace()];
    const request = beginRequestSpan(
      all.map((each) => each.trace),
      7,
    ) as unknown as FakeSpan;
    expect(all.map(({ span }) => span.children)).toEqual([[request], [], []]);
    expect(request.attributes['cipherchat.items']).toBe(7);
    expect(request.links).toEqual([all[1]?.span, all[2]?.span]);
    expect(all.map(({ span }) => span.links)).toEqual([[], [request], [request]]);
  });
});
