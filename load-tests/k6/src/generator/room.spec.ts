import { describe, expect, it } from '@jest/globals';
import { idFromRandom, type DeviceId, type UserId } from '@cipherchat/protocol';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { WorldPerson } from '../world.js';
import type { Random } from './chance.js';
import { commitSeq, conversation, FakeDelivery } from './fake-delivery.fixture.js';
import { Room } from './room.js';

const members = 3;

/** The same bytes for the same seed. */
function seeded(seed: number): Random {
  let block = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32)
      bytes.set(
        createHash('sha256')
          .update(`${seed} ${block++}`)
          .digest()
          .subarray(0, length - at),
        at,
      );
    return bytes;
  };
}

function roomOn(delivery: FakeDelivery, random: Random): Room {
  const person = (index: number): WorldPerson => ({
    user: idFromRandom<UserId>(random),
    device: idFromRandom<DeviceId>(random),
    leafSecret: '00'.repeat(32),
    accessToken: String(index),
    accessTokenExpiresAtMs: 1e12,
  });
  return new Room({
    runtime: delivery.runtime,
    addresses: { authUrl: '', storeUrl: '', gatewayUrls: ['ws://gateway'] },
    run: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    room: { conversation, commitSeq, members: [0, 1, 2].map(person) },
    tokenLifeMs: undefined,
  });
}

describe('a room of the load', () => {
  it('times what is written to those who are on line, and shows everybody everything once', async () => {
    const delivery = new FakeDelivery(seeded(1));
    const room = roomOn(delivery, seeded(2));
    for (const member of room.members) void member.connect();
    await delivery.time.run(1_000);
    expect(room.members.map(({ isUsable }) => isUsable)).toEqual([true, true, true]);
    for (const member of room.members) member.write(delivery.time.nowMs() - 5, 'timed');
    await delivery.time.run(1_000);
    expect(room.account.isEven).toBe(true);
    expect(room.account.totals()).toMatchObject({ sent: 3, received: 6, across: 4, twice: 0 });
    // 5 ms late, 3 ms to the server and 3 ms to the others.
    expect(delivery.notes.get('delivery_ms')).toEqual(Array.from({ length: 6 }, () => 11));
    expect(delivery.notes.get('lateness_ms')).toEqual([5, 5, 5]);
    expect(delivery.notes.get('sockets_lost')).toBeUndefined();
  });

  it('counts what was written while somebody was away as caught up, not as delivery', async () => {
    const delivery = new FakeDelivery(seeded(1));
    const room = roomOn(delivery, seeded(2));
    const [first, second, third] = room.members;
    void first?.connect();
    void second?.connect();
    await delivery.time.run(1_000);
    for (let count = 0; count < 20; count++) first?.write(delivery.time.nowMs(), 'timed');
    await delivery.time.run(1_000);
    expect(room.account.isEven).toBe(false);
    void third?.connect();
    await delivery.time.run(1_000);
    expect(room.account.isEven).toBe(true);
    expect(delivery.notes.get('delivery_ms')).toHaveLength(20);
    expect(delivery.notes.get('messages_caught_up')).toHaveLength(20);
    expect(delivery.notes.get('catch_up_ms')).toHaveLength(1);
  });

  it('ends even whatever the network and the server do to it on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.double({ min: 0.01, max: 0.3, noNaN: true }),
        async (seed, trouble) => {
          const random = seeded(seed);
          const delivery = new FakeDelivery(random);
          const room = roomOn(delivery, random);
          for (const member of room.members) void member.connect();
          await delivery.time.run(500);
          delivery.trouble = trouble;
          for (let round = 0; round < 40; round++) {
            const [actor = 0, choice = 0] = random(2);
            const member = room.members[actor % members];
            if (choice < 20) member?.breakOff();
            else if (choice < 30) void member?.connect();
            else member?.write(delivery.time.nowMs(), 'timed');
            await delivery.time.run(choice);
          }
          delivery.trouble = 0;
          await delivery.time.run(180_000);
          const { sent } = room.account.totals();
          expect(room.account.totals()).toMatchObject({
            sent,
            acknowledged: sent,
            expected: sent * (members - 1),
            received: sent * (members - 1),
            lost: 0,
            unacknowledged: 0,
            twice: 0,
            outOfOrder: 0,
          });
          expect(room.members.every(({ isUsable }) => isUsable)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is found uneven when the server loses what it has acknowledged', async () => {
    const delivery = new FakeDelivery(seeded(1));
    const room = roomOn(delivery, seeded(2));
    for (const member of room.members) void member.connect();
    await delivery.time.run(1_000);
    delivery.forgetsNext = true;
    room.members[0]?.write(delivery.time.nowMs(), 'timed');
    await delivery.time.run(5_000);
    expect(room.account.totals()).toMatchObject({ acknowledged: 1, lost: 2 });
  });
});
