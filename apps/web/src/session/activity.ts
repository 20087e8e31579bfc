/** Says that the person is there as long as a tab is looked at: with whom they share it learns it from that. */
import { useEffect } from 'react';
import { useSession } from './session-context.js';

/** What was said holds for two minutes. */
const againMs = 60_000;

export function useActivity(): void {
  const { call } = useSession();
  useEffect(() => {
    const say = (): void => {
      // Nothing is lost by it when no client serves now.
      if (document.visibilityState === 'visible') void call('noteActivity', undefined).catch(() => undefined);
    };
    say();
    const timer = setInterval(say, againMs);
    document.addEventListener('visibilitychange', say);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', say);
    };
  }, [call]);
}
