import { subjects, type UserId } from '@cipherchat/protocol';

/** What a subscription to NATS must offer. */
export type Subscribe = (
  subject: string,
  listener: (frame: Uint8Array, subject: string, traceparent: string | undefined) => void,
) => { readonly unsubscribe: () => void };

type Entry<Listener> = { readonly listeners: Set<Listener>; readonly unsubscribe: () => void };

/** One NATS subscription for each connected user, shared by the sockets of that user's devices. */
export class UserSubscriptions<
  Listener extends { readonly live: (frame: Uint8Array, traceparent: string | undefined) => void },
> {
  private readonly entries = new Map<UserId, Entry<Listener>>();

  constructor(private readonly subscribe: Subscribe) {}

  add(user: UserId, listener: Listener): void {
    const known = this.entries.get(user);
    if (known !== undefined) {
      known.listeners.add(listener);
      return;
    }
    const listeners = new Set([listener]);
    const { unsubscribe } = this.subscribe(subjects.live(user), (frame, _subject, traceparent) => {
      for (const each of listeners) each.live(frame, traceparent);
    });
    this.entries.set(user, { listeners, unsubscribe });
  }

  remove(user: UserId, listener: Listener): void {
    const known = this.entries.get(user);
    if (known === undefined) return;
    known.listeners.delete(listener);
    if (known.listeners.size > 0) return;
    known.unsubscribe();
    this.entries.delete(user);
  }

  of(user: UserId): Iterable<Listener> {
    return this.entries.get(user)?.listeners ?? [];
  }
}
