/** What counts as read: what is in front of somebody, at the end of the history, in a tab that they look at. */
import { useEffect, useRef, useState } from 'react';
import type { ConversationInfo, MessageId } from '@cipherchat/client-sdk';
import type { HistoryState } from '../session/history.js';
import { useSession } from '../session/session-context.js';

/** Marks as read, and returns the message that was the first unread one when the conversation was opened. */
export function useReading({
  info,
  window,
  isAtEnd,
}: {
  readonly info: ConversationInfo;
  readonly window: HistoryState;
  readonly isAtEnd: boolean;
}): MessageId | null {
  const { call } = useSession();
  const isVisible = useIsVisible();
  const isReading = window !== null && isAtEnd && isVisible && info.unreadCount > 0;
  const unreadAtOpening = useRef(info.unreadCount);
  const [firstUnread, setFirstUnread] = useState<MessageId | null>(null);
  const isOpen = window !== null;
  useEffect(() => {
    if (window === null || unreadAtOpening.current === 0) return;
    const others = window.messages.filter(({ own, sender }) => !own && sender !== null);
    setFirstUnread(others.at(-unreadAtOpening.current)?.id ?? null);
    unreadAtOpening.current = 0;
    // Once, of the first page: the line stays where it was.
  }, [isOpen]);
  useEffect(() => {
    if (isReading) void call('markRead', { conversation: info.id });
  }, [call, info.id, isReading, info.cursorSeq]);
  return firstUnread;
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
