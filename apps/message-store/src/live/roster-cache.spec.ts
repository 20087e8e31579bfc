import { describe, expect, it } from '@jest/globals';
import type { ConversationId, DeviceId, UserId } from '@cipherchat/protocol';
import { RosterCache, type Roster } from './roster-cache.js';

function rosterOf(deviceCount: number, version = '1'): Roster {
  const devices = new Map(
    Array.from({ length: deviceCount }, (_, index) => [
      `device-${index}` as DeviceId,
      `user-${index}` as UserId,
    ]),
  );
  return { version, devices, users: [...devices.values()] };
}
const name = (text: string): ConversationId => text as ConversationId;

describe('the roster cache', () => {
  it('keeps the last one it was given', () => {
    const cache = new RosterCache(100);
    cache.put(name('a'), rosterOf(2, '7'));
    cache.put(name('a'), rosterOf(1, '3'));
    expect(cache.get(name('a'))?.version).toBe('3');
  });

  it('holds so many devices and no more: the one written longest ago goes first', () => {
    const cache = new RosterCache(10);
    for (const [conversation, count] of [
      ['a', 4],
      ['b', 4],
      ['a', 5],
      ['c', 3],
    ] as const)
      cache.put(name(conversation), rosterOf(count));
    expect([
      cache.get(name('b')),
      cache.get(name('a'))?.devices.size,
      cache.get(name('c'))?.devices.size,
    ]).toEqual([undefined, 5, 3]);
    cache.put(name('d'), rosterOf(11));
    expect(['a', 'b', 'c', 'd'].map((conversation) => cache.get(name(conversation)))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
