/** What a message answers: pressed, it is shown where it stands. */
import type { ReactNode } from 'react';
import type { ConversationId, Message, MessageId } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { useNames, useSession } from '../session/session-context.js';
import { lineText } from '../text/plain.js';
import { useQuoted } from './use-quoted.js';

const maxLength = 160;

export function QuotedMessage({
  conversation,
  id,
}: {
  readonly conversation: ConversationId;
  readonly id: MessageId;
}): ReactNode {
  const t = useText();
  const quoted = useQuoted(conversation, id);
  switch (quoted?.kind) {
    case 'here':
      return <Quote message={quoted.message} />;
    case 'gone':
      return <p className="quoted">{t.disappearing.gone}</p>;
    case 'unknown':
      return <p className="quoted">{t.chat.replyGone}</p>;
    case undefined:
      // As high as what is about to stand here.
      return <div className="quoted loading" aria-hidden="true" />;
  }
}

function Quote({ message }: { readonly message: Message }): ReactNode {
  const t = useText();
  const { histories } = useSession();
  const { id, conversation, own, body } = message;
  const sender = message.sender?.user ?? null;
  const nameOf = useNames(sender === null ? [] : [sender]);
  const text = body.kind === 'text' ? lineText(body.text, maxLength) : t.chat.deleted;
  return (
    <blockquote>
      <button
        type="button"
        className="quoted"
        title={t.chat.toQuoted}
        onClick={() => void histories.of(conversation).goTo(id)}
      >
        <bdi className="author">{own || sender === null ? t.chat.you : nameOf(sender)}</bdi>
        <bdi className="one-line">{text}</bdi>
      </button>
    </blockquote>
  );
}
