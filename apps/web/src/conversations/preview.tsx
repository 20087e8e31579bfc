/** The line below a conversation's name: who is typing, or what was begun, or what stands last. */
import type { ReactNode } from 'react';
import type { ConversationInfo, UserId } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { DeliveryMark } from '../chat/delivery-mark.js';
import { HistoryNote } from '../chat/history-note.js';
import { useNames } from '../session/session-context.js';
import { lineText } from '../text/plain.js';

const maxLength = 120;

export function Preview({
  info,
  typing,
  isCurrent,
}: {
  readonly info: ConversationInfo;
  readonly typing: readonly UserId[];
  /** On the screen: what is begun there is seen in its place. */
  readonly isCurrent: boolean;
}): ReactNode {
  const t = useText();
  const last = info.lastMessage;
  const sender = last?.sender?.user ?? null;
  const nameOf = useNames(sender === null ? typing : [...typing, sender]);
  const [first] = typing;
  if (first !== undefined) {
    const text = typing.length > 1 ? t.conversations.typingMany : t.conversations.typing(nameOf(first));
    return <span className="preview typing one-line">{text}</span>;
  }
  if (!isCurrent && info.draft !== null && info.draft !== '') {
    return (
      <span className="preview said">
        <span className="draft">{t.conversations.draft}</span>
        <bdi className="one-line">{lineText(info.draft, maxLength)}</bdi>
      </span>
    );
  }
  if (last === null) return <span className="preview one-line">{t.conversations.noMessages}</span>;
  if (last.body.kind !== 'text' && last.body.kind !== 'deleted') {
    return (
      <span className="preview one-line">
        <HistoryNote message={last} />
      </span>
    );
  }
  const text = last.body.kind === 'text' ? lineText(last.body.text, maxLength) : t.chat.deleted;
  const isNamed = info.kind === 'group' && !last.own && sender !== null;
  return (
    <span className="preview said">
      {last.delivery !== null && <DeliveryMark delivery={last.delivery} />}
      {last.own && <span>{t.conversations.you}</span>}
      {isNamed && (
        <span className="sayer">
          <bdi className="one-line">{nameOf(sender)}</bdi>
          {t.conversations.afterName}
        </span>
      )}
      <bdi className="one-line">{text}</bdi>
    </span>
  );
}
