/** Whether the window shows the list or what is open, not both; the same width stands in app.css. */
import { useSyncExternalStore } from 'react';

const narrow = matchMedia('(width < 48rem)');

export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => narrow.matches);
}

function subscribe(changed: () => void): () => void {
  narrow.addEventListener('change', changed);
  return () => narrow.removeEventListener('change', changed);
}
