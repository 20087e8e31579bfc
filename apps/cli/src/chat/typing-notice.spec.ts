import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TypingNotice } from './typing-notice.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function noticeInto(): {
  readonly told: boolean[];
  readonly notice: TypingNotice;
  readonly pass: (ms: number) => void;
} {
  const told: boolean[] = [];
  let nowMs = 0;
  const notice = new TypingNotice(
    (active) => told.push(active),
    () => nowMs,
  );
  const pass = (ms: number): void => {
    nowMs += ms;
    jest.advanceTimersByTime(ms);
  };
  return { told, notice, pass };
}

describe('a typing notice', () => {
  it('is given at the first key, repeated now and then, and taken back after a pause', () => {
    const { told, notice, pass } = noticeInto();
    notice.pressed('h');
    notice.pressed('he');
    expect(told).toEqual([true]);
    pass(4_500);
    notice.pressed('hel');
    expect(told).toEqual([true, true]);
    pass(5_000);
    expect(told).toEqual([true, true, false]);
  });

  it('ends with the message, which needs no notice of its own', () => {
    const { told, notice, pass } = noticeInto();
    notice.pressed('hi');
    notice.sent();
    pass(60_000);
    expect(told).toEqual([true]);
    notice.pressed('m');
    expect(told).toEqual([true, true]);
  });

  it('is not given for commands, nor for an empty line', () => {
    const { told, notice } = noticeInto();
    notice.pressed('');
    notice.pressed('/help');
    notice.stop();
    expect(told).toEqual([]);
  });
});
