import { describe, expect, it } from '@jest/globals';
import type { ConversationId, UserId } from '@cipherchat/protocol';
import { RosterCache } from './roster-cache.js';

const users = (count: number): readonly UserId[] =>
  Array.from({ length: count }, (_, index) => `user-${index}` as UserId);
const name = (text: string): ConversationId => text as ConversationId;

describe('the roster cache', () => {
  it('keeps the newest version', () => {
    const cache = new RosterCache(100);
    cache.put(name('a'), { version: 2, users: users(2) });
    cache.put(name('a'), { version: 1, users: users(1) });
    expect(cache.get(name('a'))?.version).toBe(2);
  });

  it('holds so many users and no more: the one written longest ago goes first', () => {
    const cache = new RosterCache(10);
    for (const [conversation, count] of [
      ['a', 4],
      ['b', 4],
      ['a', 5],
      ['c', 3],
    ] as const)
      cache.put(name(conversation), { version: 1, users: users(count) });
    expect([
      cache.get(name('b')),
      cache.get(name('a'))?.users.length,
      cache.get(name('c'))?.users.length,
    ]).toEqual([undefined, 5, 3]);
    cache.put(name('d'), { version: 1, users: users(11) });
    expect(['a', 'b', 'c', 'd'].map((conversation) => cache.get(name(conversation)))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
