/** What people think of a message, counted by emoji; one's own is taken back by pressing it. */
import type { ReactNode } from 'react';
import type { Message, MessageReaction } from '@cipherchat/client-sdk';
import { useLanguage } from '../catalogue/language-context.js';
import { useNames, useSession } from '../session/session-context.js';

export function Reactions({ message }: { readonly message: Message }): ReactNode {
  const { t, amount, list } = useLanguage();
  const { call } = useSession();
  const nameOf = useNames(message.reactions.map(({ user }) => user));
  if (message.reactions.length === 0) return null;
  const { conversation, id } = message;
  return (
    <ul className="reactions">
      {byEmoji(message.reactions).map(([emoji, reactions]) => {
        const isOwn = reactions.some(({ own }) => own);
        const names = list(reactions.map(({ own, user }) => (own ? t.chat.you : nameOf(user))));
        const change = { conversation, message: id, emoji };
        return (
          <li key={emoji}>
            <button
              type="button"
              className="reaction"
              aria-pressed={isOwn}
              aria-label={t.chat.reaction(emoji, names)}
              title={names}
              onClick={() => void (isOwn ? call('unreact', change) : call('react', change))}
            >
              {emoji} {reactions.length > 1 && amount(reactions.length).text}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function byEmoji(
  reactions: readonly MessageReaction[],
): readonly (readonly [emoji: string, reactions: readonly MessageReaction[]])[] {
  return [...Map.groupBy(reactions, ({ emoji }) => emoji)];
}
