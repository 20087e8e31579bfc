/** One entry of a history: a message, or what happened between messages. */
import { memo, useEffect, useRef, useState, type ReactNode } from 'react';
import type { ConversationInfo, Message } from '@cipherchat/client-sdk';
import { useLanguage } from '../catalogue/language-context.js';
import { useNames } from '../session/session-context.js';
import { DeliveryMark } from './delivery-mark.js';
import { FailedMessage } from './failed-message.js';
import { focusWhenShown } from './focus-when-shown.js';
import { HistoryNote } from './history-note.js';
import { MessageActions } from './message-actions.js';
import { MessageText } from './message-text.js';
import { QuotedMessage } from './quoted-message.js';
import { Reactions } from './reactions.js';
import type { Topic } from './writing.js';

export const MessageItem = memo(function MessageItem({
  message,
  follows,
  info,
  isFound,
  onTopic,
}: {
  readonly message: Message;
  readonly follows: boolean;
  readonly info: ConversationInfo;
  /** Somebody went to this one: it stands out for a moment, and is where the keyboard goes on. */
  readonly isFound: boolean;
  readonly onTopic: (topic: Topic) => void;
}): ReactNode {
  const { t, time } = useLanguage();
  const [isActing, setActing] = useState(false);
  const sender = message.sender?.user ?? null;
  const nameOf = useNames(sender === null ? [] : [sender]);
  const article = useRef<HTMLElement>(null);
  useEffect(() => {
    return isFound && article.current !== null ? focusWhenShown(article.current) : undefined;
  }, [isFound]);
  const { body } = message;
  if (body.kind !== 'text' && body.kind !== 'deleted')
    return (
      <>
        <HistoryNote message={message} />
        <FailedMessage message={message} info={info} />
      </>
    );
  const author = message.own || sender === null ? t.chat.you : nameOf(sender);
  const isNamed = info.kind !== 'direct' && !message.own && !follows;
  return (
    <article
      ref={article}
      tabIndex={-1}
      className={`message ${message.own ? 'own' : ''} ${follows ? 'follows' : ''} ${isFound ? 'found' : ''}`}
    >
      <div className="bubble">
        <h3 className={isNamed ? 'author' : 'for-readers'}>
          <bdi>{author}</bdi>
        </h3>
        {message.replyTo !== null && (
          <QuotedMessage conversation={message.conversation} id={message.replyTo} />
        )}
        {body.kind === 'text' ? (
          <MessageText text={body.text} />
        ) : (
          <p className="deleted">{t.chat.deleted}</p>
        )}
        <p className="message-foot">
          {message.edited !== null && <span>{t.chat.edited}</span>}
          <time dateTime={new Date(message.atMs).toISOString()}>{time(message.atMs)}</time>
          {message.delivery !== null && <DeliveryMark delivery={message.delivery} />}
        </p>
        <FailedMessage message={message} info={info} />
      </div>
      <Reactions message={message} />
      <MessageActions
        message={message}
        isOpen={isActing}
        onOpen={() => setActing(true)}
        onClose={() => setActing(false)}
        onTopic={onTopic}
      />
    </article>
  );
});
