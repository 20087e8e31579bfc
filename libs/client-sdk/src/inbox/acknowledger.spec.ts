import { describe, expect, it } from '@jest/globals';
import type { ClientFrame, ConversationId } from '@cipherchat/protocol';
import type { Random } from '../ports/random.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { Acknowledger } from './acknowledger.js';

const id = (number: number): ConversationId =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` as ConversationId;

/** Draws the middle of what is drawn evenly: a spacing of 1,000 ms. */
const middle: Random = () => Uint8Array.of(0x80, 0, 0, 0);

function begin() {
  const clock = new VirtualClock();
  const startMs = clock.nowMs();
  /** When, and what: the seqs by conversation. */
  const sent: [number, readonly (readonly [ConversationId, number])[]][] = [];
  const acknowledger = new Acknowledger({
    clock,
    random: middle,
    send: (frame: ClientFrame) => {
      if (frame.type !== 'acknowledge') throw new Error('another frame');
      const positions = frame.positions.map(({ conversation, seq }) => [conversation, seq] as const);
      sent.push([clock.nowMs() - startMs, positions]);
      return true;
    },
  });
  return { clock, sent, acknowledger };
}

describe('acknowledgements', () => {
  it('go at once after a quiet time, the highest of each conversation', async () => {
    const { clock, sent, acknowledger } = begin();
    acknowledger.note(id(1), 4);
    acknowledger.note(id(2), 9);
    acknowledger.note(id(1), 5);
    acknowledger.note(id(1), 3);
    await clock.run(10_000);
    expect(sent).toEqual([
      [
        20,
        [
          [id(1), 5],
          [id(2), 9],
        ],
      ],
    ]);
  });

  it('of a busy time go once a second, and none is forgotten', async () => {
    const { clock, sent, acknowledger } = begin();
    for (let seq = 1; seq <= 20; seq++) {
      acknowledger.note(id(1), seq);
      await clock.run(150);
    }
    await clock.run(2_000);
    expect(sent.map(([atMs]) => atMs)).toEqual([20, 1_020, 2_020, 3_020]);
    expect(sent.at(-1)?.[1]).toEqual([[id(1), 20]]);
  });

  it('of a flood do not wait', async () => {
    const { clock, sent, acknowledger } = begin();
    acknowledger.note(id(1), 1);
    await clock.run(20);
    for (let seq = 2; seq <= 40; seq++) acknowledger.note(id(1), seq);
    await clock.run(20);
    expect(sent).toEqual([
      [20, [[id(1), 1]]],
      [40, [[id(1), 40]]],
    ]);
  });

  it('of logs that a restore of the server took back are not sent, those of the new ones are', async () => {
    const { clock, sent, acknowledger } = begin();
    acknowledger.note(id(1), 40);
    acknowledger.note(id(2), 7);
    acknowledger.forget();
    acknowledger.note(id(1), 3);
    await clock.run(10_000);
    expect(sent).toEqual([[20, [[id(1), 3]]]]);
  });

  it('do not wait for a time that a clock set back has put out of reach', () => {
    let nowMs = 1_000_000;
    const timers: { readonly delayMs: number; readonly callback: () => void }[] = [];
    const acknowledger = new Acknowledger({
      clock: {
        nowMs: () => nowMs,
        setTimer: (callback, delayMs) => {
          timers.push({ delayMs, callback });
          return () => {};
        },
      },
      random: middle,
      send: () => true,
    });
    acknowledger.note(id(1), 1);
    timers[0]?.callback();
    nowMs = 0;
    acknowledger.note(id(1), 2);
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([20, 1_000]);
  });
});
