/**
 * Live groups of the binding, kept for the newest states.
 *
 * A handle mutates and a state does not. So a handle belongs to exactly one state: an operation
 * takes the handle out, and puts it back under the state that came out of it. Whoever then comes
 * with the older state (or one read from the store) gets a fresh handle, loaded from that state's
 * own records, and so the same starting point as the first time.
 */
import type { Group } from '@cipherchat/mls-wasm';
import type { GroupState } from './engine.js';

/** Each holds a group's whole state in WebAssembly memory, which never shrinks: records of 24 KiB at 2 leaves, of 7 MiB at 1,000. */
const maxLiveGroups = 32;

export type Handles = {
  /** The state's handle, which is then the caller's: put it back, or free it. */
  take(state: GroupState): Group;
  put(state: GroupState, handle: Group): void;
  /** Forgets all without freeing: after a trap, the instance must not be called again. */
  abandon(): void;
};

export function createHandles(load: (state: GroupState) => Group): Handles {
  // Insertion order is the order of use: the first key is the least recently used.
  const live = new Map<GroupState, Group>();
  return {
    take(state) {
      const handle = live.get(state);
      if (handle === undefined) return load(state);
      live.delete(state);
      return handle;
    },
    put(state, handle) {
      const replaced = live.get(state);
      if (replaced !== undefined && replaced !== handle) replaced.free();
      live.delete(state);
      live.set(state, handle);
      for (const [oldest, oldestHandle] of live) {
        if (live.size <= maxLiveGroups) break;
        live.delete(oldest);
        oldestHandle.free();
      }
    },
    abandon() {
      live.clear();
    },
  };
}
