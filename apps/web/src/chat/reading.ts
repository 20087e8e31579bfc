/** What counts as read: what is in front of somebody, at the end of the history, in a tab that they look at. */
import { useEffect, useState } from 'react';
import type { ConversationInfo } from '@cipherchat/client-sdk';
import type { HistoryState } from '../session/history.js';
import { useSession } from '../session/session-context.js';

export function useReading({
  info,
  window,
  isAtEnd,
}: {
  readonly info: ConversationInfo;
  readonly window: HistoryState;
  readonly isAtEnd: boolean;
}): void {
  const { call } = useSession();
  const isVisible = useIsVisible();
  const isShown = window !== null && !window.hasNewer && isAtEnd && isVisible;
  const isReading = isShown && info.unreadCount > 0 && info.standing === 'accepted';
  useEffect(() => {
    if (isReading) void call('markRead', { conversation: info.id });
  }, [call, info.id, isReading, info.cursorSeq]);
}

function useIsVisible(): boolean {
  const [isVisible, setVisible] = useState(() => document.visibilityState === 'visible');
  useEffect(() => {
    const changed = (): void => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', changed);
    return () => document.removeEventListener('visibilitychange', changed);
  }, []);
  return isVisible;
}
