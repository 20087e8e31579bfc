/** What is written in the conversation of a view, for as long as that is on the screen. */
import { useEffect, useState } from 'react';
import { systemClock, type ConversationId, type MessageId } from '@cipherchat/client-sdk';
import type { ToldEvent } from '../session/events.js';
import { useSession } from '../session/session-context.js';
import { Writing } from './writing.js';

const newId = (): MessageId => crypto.randomUUID() as MessageId;

export function useWriting(conversation: ConversationId): Writing {
  const { call, listeners } = useSession();
  const [writing] = useState(() => new Writing({ call, clock: systemClock, newId }, conversation));
  useEffect(() => {
    void writing.open();
    const told = (event: ToldEvent): void => {
      if (event.type === 'draft') writing.told(event.data);
    };
    // The last that a page is told before it goes, or is thrown away in the background.
    const hidden = (): void => {
      if (document.visibilityState === 'hidden') writing.leave();
    };
    listeners.add(told);
    document.addEventListener('visibilitychange', hidden);
    return () => {
      listeners.delete(told);
      document.removeEventListener('visibilitychange', hidden);
      writing.leave();
    };
  }, [writing, listeners]);
  return writing;
}
