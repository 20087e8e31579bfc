import { describe, expect, it } from '@jest/globals';
import { patientFetch } from './patient-fetch.js';

/** Refused so often, and answered then; within 2 seconds of a clock that only sleep moves. */
async function asked(refusals: number) {
  let [asks, nowMs] = [0, 0];
  const by = patientFetch({
    by: () => {
      const isRefused = asks++ < refusals;
      if (isRefused && asks % 2 === 0) return Promise.resolve(new Response('not found', { status: 404 }));
      return isRefused ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve(new Response('here'));
    },
    withinMs: 2_000,
    nowMs: () => nowMs,
    sleep: (ms) => Promise.resolve((nowMs += ms)),
  });
  const outcome = await by('https://chat.example.org', {}).then(
    (answer) => answer.text(),
    (error: Error) => error.message,
  );
  return { outcome, asks };
}

describe('a patient fetch', () => {
  it('asks until it is there', async () => {
    expect(await asked(3)).toEqual({ outcome: 'here', asks: 4 });
  });

  it('ends when its time is over', async () => {
    expect(await asked(99)).toEqual({ outcome: 'ECONNREFUSED', asks: 5 });
  });
});
