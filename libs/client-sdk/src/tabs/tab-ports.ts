/** How the tabs of one browser reach each other: a channel that all of them hear, and a lock that one of them holds. */

/** Carries structured clones to every other end of the channel, in the order in which one end posted them. */
export type TabChannel = {
  readonly post: (message: unknown) => void;
  readonly listen: (listener: (message: unknown) => void) => void;
  readonly close: () => void;
};

/** A lock by name, held by one tab of the browser at a time. */
export type TabLocks = {
  /**
   * Waits for its turn and holds the lock until `work` has settled. The platform gives the lock to the next one when the
   * tab or worker that holds it dies, however it dies. @throws what `work` throws; `signal.reason` when aborted while waiting
   */
  readonly hold: (name: string, signal: AbortSignal, work: () => Promise<void>) => Promise<void>;
};

/** A `BroadcastChannel`. */
export function browserChannel(name: string): TabChannel {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    listen: (listener) => {
      channel.onmessage = ({ data }: { readonly data: unknown }) => listener(data);
    },
    close: () => channel.close(),
  };
}

/** The Web Locks of this origin. */
export const browserLocks: TabLocks = {
  hold: async (name, signal, work) => {
    await navigator.locks.request(name, { mode: 'exclusive', signal }, work);
  },
};
