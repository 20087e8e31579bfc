import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EventLog } from '@cipherchat/service-kit';
import type { Pool } from 'pg';
import { bounds } from '../bounds.js';
import { HeadAnnouncer } from './head-announcer.js';
import type { LivePublisher } from './live-publisher.js';

function startedWhile(database: { isAway: boolean }) {
  const announced: number[] = [];
  const events: string[] = [];
  const announcer = new HeadAnnouncer(
    {
      query: () =>
        database.isAway
          ? Promise.reject(new Error('refused'))
          : Promise.resolve({ rows: [['a conversation', '7', []]] }),
    } as unknown as Pool,
    { announce: (_: unknown, { seq }: { seq: number }) => announced.push(seq) } as unknown as LivePublisher,
    { event: (name: string) => events.push(name) } as unknown as EventLog,
  );
  return { announcer, announced, events };
}

describe('announcing what a predecessor may have left unpublished', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is done when the store has started', async () => {
    const { announcer, announced, events } = startedWhile({ isAway: false });
    await announcer.onApplicationBootstrap();
    expect(announced).toEqual([7]);
    expect(events).toEqual(['messages.heads-announced']);
  });

  it('lets a store start without its database, and is done once, when that is back', async () => {
    const database = { isAway: true };
    const { announcer, announced, events } = startedWhile(database);
    await announcer.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(bounds.announceRetryMs);
    expect(announced).toEqual([]);
    database.isAway = false;
    await jest.advanceTimersByTimeAsync(10 * bounds.announceRetryMs);
    expect(announced).toEqual([7]);
    expect(events).toEqual([
      'messages.announce-failed',
      'messages.announce-failed',
      'messages.heads-announced',
    ]);
  });

  it('is not tried any more by a store that ends', async () => {
    const { announcer, events } = startedWhile({ isAway: true });
    await announcer.onApplicationBootstrap();
    await announcer.beforeApplicationShutdown();
    await jest.advanceTimersByTimeAsync(10 * bounds.announceRetryMs);
    expect(events).toEqual(['messages.announce-failed']);
  });
});
