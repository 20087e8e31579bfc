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
  const start = () => announcer.announceThen(() => events.push('serves'));
  return { announcer, start, announced, events };
}

describe('announcing what a predecessor may have left unpublished', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is done when the store has started', async () => {
    const { start, announced, events } = startedWhile({ isAway: false });
    await start();
    expect(announced).toEqual([7]);
    expect(events).toEqual(['messages.heads-announced', 'serves']);
  });

  it('lets a store start without its database, and is done once, when that is back: only then it serves', async () => {
    const database = { isAway: true };
    const { start, announced, events } = startedWhile(database);
    await start();
    await jest.advanceTimersByTimeAsync(bounds.announceRetryMs);
    expect(announced).toEqual([]);
    database.isAway = false;
    await jest.advanceTimersByTimeAsync(10 * bounds.announceRetryMs);
    expect(announced).toEqual([7]);
    expect(events).toEqual([
      'messages.announce-failed',
      'messages.announce-failed',
      'messages.heads-announced',
      'serves',
    ]);
  });

  it('is not tried any more by a store that ends', async () => {
    const { announcer, start, events } = startedWhile({ isAway: true });
    await start();
    await announcer.beforeApplicationShutdown();
    await jest.advanceTimersByTimeAsync(10 * bounds.announceRetryMs);
    expect(events).toEqual(['messages.announce-failed']);
  });
});
