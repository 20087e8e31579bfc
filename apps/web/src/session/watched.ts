/** A value that views follow. */
import { useSyncExternalStore } from 'react';

export class Watched<Value> {
  private readonly listeners = new Set<() => void>();

  constructor(private current: Value) {}

  /** Bound, since React calls it alone. */
  readonly read = (): Value => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(value: Value): void {
    if (Object.is(value, this.current)) return;
    this.current = value;
    for (const listener of [...this.listeners]) listener();
  }
}

export function useWatched<Value>(watched: Watched<Value>): Value {
  return useSyncExternalStore(watched.subscribe, watched.read);
}
