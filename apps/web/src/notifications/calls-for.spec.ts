/** What calls a person. Everything is real. */
import { describe, expect, it } from '@jest/globals';
import { callsFor } from './calls-for.js';

const nowMs = 1_000_000;
const message = { own: false, body: { kind: 'text', text: 'hello' }, atMs: nowMs - 1_000 } as const;
const info = { standing: 'accepted', notify: 'all' } as const;

describe('a person is called', () => {
  it('for what somebody wrote just now', () => {
    expect(callsFor({ message, info, nowMs })).toBe(true);
  });

  it.each([
    ['for what they wrote themselves', { message: { ...message, own: true } }],
    ['for what is no text', { message: { ...message, body: { kind: 'deleted' } as const } }],
    ['for what came while nobody was connected', { message: { ...message, atMs: nowMs - 61_000 } }],
    ['by a stranger', { info: { ...info, standing: 'request' } as const }],
    ['from a conversation that is muted', { info: { ...info, notify: 'none' } as const }],
    ['from one that is not known here', { info: null }],
  ])('not %s', (_, changed) => {
    expect(callsFor({ message, info, nowMs, ...changed })).toBe(false);
  });
});
