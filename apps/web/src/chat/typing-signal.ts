/** Says that this person is typing: once in a while as long as they do, and when they stop. */
import { useEffect, useMemo } from 'react';
import type { ConversationId } from '@cipherchat/client-sdk';
import { useSession } from '../session/session-context.js';

/** Others take somebody to have stopped who is silent for longer than this. */
const againMs = 4_000;
const stoppedAfterMs = 5_000;

export function useTypingSignal(conversation: ConversationId): {
  readonly typed: (text: string) => void;
  readonly stopped: () => void;
} {
  const { call } = useSession();
  const signal = useMemo(() => {
    let saidAtMs = -Infinity;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // A signal that does not go out is no loss.
    const say = (typing: boolean): void =>
      void call('setTyping', { conversation, typing }).catch(() => undefined);
    const stopped = (): void => {
      clearTimeout(timer);
      if (saidAtMs === -Infinity) return;
      saidAtMs = -Infinity;
      say(false);
    };
    const typed = (text: string): void => {
      if (text === '') return stopped();
      clearTimeout(timer);
      timer = setTimeout(stopped, stoppedAfterMs);
      if (performance.now() - saidAtMs < againMs) return;
      saidAtMs = performance.now();
      say(true);
    };
    return { typed, stopped };
  }, [call, conversation]);
  useEffect(() => signal.stopped, [signal]);
  return signal;
}
