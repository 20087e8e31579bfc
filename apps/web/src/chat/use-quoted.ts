/** What a message answers, wherever that stands. */
import { useEffect, useState } from 'react';
import type { ConversationId, FoundMessage, MessageId } from '@cipherchat/client-sdk';
import type { ToldEvent } from '../session/events.js';
import { useSession } from '../session/session-context.js';
import { useWatched } from '../session/watched.js';

/** From the history where it is read already, else from the client; `null` until it has answered. */
export function useQuoted(conversation: ConversationId, message: MessageId): FoundMessage | null {
  const { call, histories, listeners } = useSession();
  const history = histories.of(conversation);
  const window = useWatched(history.window);
  // A line that is left of it is no message.
  const isGone = useWatched(history.gone).has(message);
  const near = isGone ? null : (window?.messages.find(({ id }) => id === message) ?? null);
  const [far, setFar] = useState<FoundMessage | null>(null);
  const isNear = near !== null;
  useEffect(() => {
    if (isNear) return;
    let isWanted = true;
    const ask = (): void =>
      void call('message', { conversation, message }).then(
        (found) => isWanted && setFar(found),
        () => undefined,
      );
    const told = (event: ToldEvent): void => {
      if (event.type === 'message-changed' && event.data.id === message) ask();
      if (event.type === 'message-removed' && event.data.message === message) ask();
    };
    ask();
    listeners.add(told);
    return () => {
      isWanted = false;
      listeners.delete(told);
    };
  }, [call, listeners, conversation, message, isNear]);
  return near === null ? far : { kind: 'here', message: near };
}
