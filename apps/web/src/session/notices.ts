/** What a person must be told once: something that they asked for could not be done. */
import type { ToldEvent } from './events.js';
import { Watched } from './watched.js';

export type Notice = {
  readonly id: number;
  readonly event: Extract<ToldEvent, { type: 'alarm' | 'action-failed' }>;
};

/** More at once are a flood that nobody reads; the first ones tell what began it. */
const maxNotices = 4;

export class Notices {
  readonly all = new Watched<readonly Notice[]>([]);
  private lastId = 0;

  told(event: Notice['event']): void {
    const notices = this.all.read();
    const isKnown = notices.some((notice) => saysTheSame(notice.event, event));
    if (isKnown || notices.length >= maxNotices) return;
    this.lastId += 1;
    this.all.set([...notices, { id: this.lastId, event }]);
  }

  dismiss(id: number): void {
    this.all.set(this.all.read().filter((notice) => notice.id !== id));
  }
}

/** One person's other key is noticed in each conversation with them, and is one thing to be told. */
function saysTheSame(one: Notice['event'], other: Notice['event']): boolean {
  if (one.type === 'alarm' && other.type === 'alarm')
    return one.data.user === other.data.user && one.data.reason === other.data.reason;
  return JSON.stringify(one) === JSON.stringify(other);
}
