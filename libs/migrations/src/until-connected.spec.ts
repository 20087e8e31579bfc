import { describe, expect, it } from '@jest/globals';
import { untilConnected } from './until-connected.js';

const failure = (code: string) => Object.assign(new Error(code), { code });

/** Connects as the list says, `null` for success; the last goes on for ever. */
async function connecting(outcomes: readonly (Error | null)[]) {
  let [attempts, nowMs] = [0, 0];
  const patience = {
    withinMs: 5_000,
    nowMs: () => nowMs,
    sleep: (ms: number) => {
      nowMs += ms;
      return Promise.resolve();
    },
  };
  const outcome = await untilConnected(() => {
    const next = outcomes[Math.min(attempts++, outcomes.length - 1)] ?? null;
    return next === null ? Promise.resolve() : Promise.reject(next);
  }, patience).then(
    () => 'connected',
    (error: unknown) => error,
  );
  return { outcome, attempts };
}

describe('waiting for a database', () => {
  it('goes on while it cannot be reached, or starts', async () => {
    const both = new AggregateError([failure('ECONNREFUSED'), failure('EHOSTUNREACH')]);
    const outcomes = [failure('EHOSTUNREACH'), both, failure('57P03'), null];
    expect(await connecting(outcomes)).toEqual({ outcome: 'connected', attempts: 4 });
  });

  it('ends when its time is over', async () => {
    const never = failure('ECONNREFUSED');
    expect(await connecting([never])).toEqual({ outcome: never, attempts: 6 });
  });

  it('ends at once when the database refuses', async () => {
    const wrongPassword = failure('28P01');
    expect(await connecting([wrongPassword])).toEqual({ outcome: wrongPassword, attempts: 1 });
  });
});
