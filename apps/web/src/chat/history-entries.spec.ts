/** What is drawn of a history while some of it goes. */
import { describe, expect, it } from '@jest/globals';
import type { Message, MessageId, UserId } from '@cipherchat/client-sdk';
import { historyEntries, type HistoryEntry } from './history-entries.js';

const dayMs = 86_400_000;
const noonMs = new Date(2026, 10, 28, 12).getTime();

function message(id: string, { day = 0, by = 'ann' } = {}): Message {
  return {
    id: id as MessageId,
    atMs: noonMs + day * dayMs,
    own: false,
    sender: { user: by as UserId, device: 'device' },
    body: { kind: 'text', text: id },
  } as Message;
}

const entriesOf = (messages: readonly Message[], gone: Readonly<Record<string, 'leaving' | 'left'>>) =>
  historyEntries({
    messages,
    hasOlder: true,
    firstUnread: null,
    gone: new Map(Object.entries(gone) as Array<[MessageId, 'leaving' | 'left']>),
  });

const shown = (entry: HistoryEntry): string =>
  'going' in entry
    ? `${entry.key} ${entry.going}${entry.kind === 'message' && entry.follows ? ' follows' : ''}`
    : entry.key;

describe('a history of which something goes', () => {
  const all = [message('a'), message('b'), message('c', { day: 1 })];

  it('keeps every line in its place', () => {
    const before = entriesOf(all, {}).map(({ key }) => key);
    for (const how of ['leaving', 'left'] as const)
      for (const { id } of all) expect(entriesOf(all, { [id]: how }).map(({ key }) => key)).toEqual(before);
  });

  it('draws a message by the one that stays above it', () => {
    expect(entriesOf(all, {}).map(shown)).toContain('b stays follows');
    expect(entriesOf(all, { a: 'leaving' }).map(shown)).toEqual([
      'day-a stays',
      'a leaving',
      'b stays',
      'day-c stays',
      'c stays',
    ]);
    const others = [message('a'), message('x', { by: 'ben' }), message('b')];
    expect(entriesOf(others, { x: 'left' }).map(shown)).toContain('b stays follows');
  });

  it('lets a day go with the last of its messages', () => {
    const days = (gone: Parameters<typeof entriesOf>[1]) =>
      entriesOf(all, gone)
        .filter(({ kind }) => kind === 'day')
        .map(shown);
    expect(days({ a: 'left', b: 'leaving' })).toEqual(['day-a leaving', 'day-c stays']);
    expect(days({ a: 'left', b: 'left' })).toEqual(['day-a left', 'day-c stays']);
    expect(days({ b: 'left', c: 'leaving' })).toEqual(['day-a stays', 'day-c leaving']);
  });
});
