/** The line below a conversation's name. */
import type { ReactNode } from 'react';
import type { ConversationInfo, UserId } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { useNames } from '../session/session-context.js';

export function Preview({
  info,
  typing,
}: {
  readonly info: ConversationInfo;
  readonly typing: readonly UserId[];
}): ReactNode {
  const t = useText();
  const nameOf = useNames(typing);
  const [first] = typing;
  if (first !== undefined) {
    const text = typing.length > 1 ? t.conversations.typingMany : t.conversations.typing(nameOf(first));
    return <span className="preview typing one-line">{text}</span>;
  }
  const text = info.phase === 'removed' ? t.conversations.noLongerMember : '';
  return <bdi className="preview one-line">{text}</bdi>;
}
