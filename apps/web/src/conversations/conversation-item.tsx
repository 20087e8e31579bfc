/** One conversation in the list. */
import { BellOff } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { ConversationInfo } from '@cipherchat/client-sdk';
import { useLanguage } from '../catalogue/language-context.js';
import { Avatar } from '../controls/avatar.js';
import { PresenceDot } from '../people/presence.js';
import { pathOf } from '../routes.js';
import { usePeerPicture, usePeerPresence, useSession, useTitle } from '../session/session-context.js';
import { useWatched } from '../session/watched.js';
import { Preview } from './preview.js';

export const ConversationItem = memo(function ConversationItem({
  info,
  nowMs,
  isCurrent,
}: {
  readonly info: ConversationInfo;
  readonly nowMs: number;
  readonly isCurrent: boolean;
}): ReactNode {
  const { t, when, amount } = useLanguage();
  const title = useTitle(info);
  const picture = usePeerPicture(info);
  const typing = useWatched(useSession().typing.people).get(info.id) ?? [];
  return (
    <Link
      className="conversation"
      href={pathOf('chat', { conversation: info.id })}
      aria-current={isCurrent ? 'page' : undefined}
    >
      <span className="pictured">
        <Avatar name={title} kind={info.kind === 'direct' ? 'person' : 'group'} picture={picture} />
        <PresenceDot presence={usePeerPresence(info)} />
      </span>
      <span className="conversation-text">
        <span className="conversation-line">
          <bdi className="one-line conversation-name">{title}</bdi>
          {info.notify === 'none' && (
            <span
              className="muted"
              role="img"
              aria-label={t.conversations.muted}
              title={t.conversations.muted}
            >
              <BellOff size={14} aria-hidden="true" />
            </span>
          )}
          <time className="soft" dateTime={new Date(info.lastActivityMs).toISOString()}>
            {when(info.lastActivityMs, nowMs)}
          </time>
        </span>
        <span className="conversation-line">
          <Preview info={info} typing={typing} isCurrent={isCurrent} />
          {info.unreadCount > 0 && (
            <span className={`unread ${info.notify === 'none' ? 'muted' : ''}`}>
              <span aria-hidden="true">{amount(info.unreadCount).text}</span>
              <span className="for-readers">{t.conversations.unread(amount(info.unreadCount))}</span>
            </span>
          )}
        </span>
      </span>
    </Link>
  );
});
