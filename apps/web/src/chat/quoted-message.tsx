/** What a message answers. */
import { useMemo, type ReactNode } from 'react';
import type { ConversationId, MessageId } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { useNames, useSession } from '../session/session-context.js';
import { useWatched } from '../session/watched.js';
import { lineText } from '../text/plain.js';

export function QuotedMessage({
  conversation,
  id,
}: {
  readonly conversation: ConversationId;
  readonly id: MessageId;
}): ReactNode {
  const t = useText();
  const window = useWatched(useSession().histories.of(conversation).window);
  const quoted = useMemo(() => window?.messages.find((message) => message.id === id) ?? null, [window, id]);
  const sender = quoted?.sender?.user ?? null;
  const nameOf = useNames(sender === null ? [] : [sender]);
  if (quoted === null) return <p className="quoted">{t.chat.replyGone}</p>;
  const text = quoted.body.kind === 'text' ? lineText(quoted.body.text, 160) : t.chat.deleted;
  return (
    <blockquote className="quoted">
      <p className="author">
        <bdi>{quoted.own || sender === null ? t.chat.you : nameOf(sender)}</bdi>
      </p>
      <p className="one-line">
        <bdi>{text}</bdi>
      </p>
    </blockquote>
  );
}
