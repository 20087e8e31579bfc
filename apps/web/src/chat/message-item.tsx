/** One entry of a history: a message, or what happened between messages. */
import { memo, useEffect, useState, type ReactNode } from 'react';
import type { ConversationInfo, Message } from '@cipherchat/client-sdk';
import { useLanguage } from '../catalogue/language-context.js';
import { useNames } from '../session/session-context.js';
import { DeliveryMark } from './delivery-mark.js';
import { FailedMessage } from './failed-message.js';
import { focusWhenShown } from './focus-when-shown.js';
import { HistoryNote } from './history-note.js';
import { useLeaving } from './leaving.js';
import { MessageActions } from './message-actions.js';
import { MessageText } from './message-text.js';
import { QuotedMessage } from './quoted-message.js';
import { Reactions } from './reactions.js';
import { TimerMark } from './timer-mark.js';
import type { Topic } from './writing.js';

export const MessageItem = memo(function MessageItem({
  message,
  follows,
  info,
  isFound,
  isLeaving,
  onTopic,
}: {
  readonly message: Message;
  readonly follows: boolean;
  readonly info: ConversationInfo;
  /** Somebody went to this one: it stands out for a moment, and is where the keyboard goes on. */
  readonly isFound: boolean;
  /** It is gone, and drawn going. */
  readonly isLeaving: boolean;
  readonly onTopic: (topic: Topic) => void;
}): ReactNode {
  const { t, time } = useLanguage();
  const [isActing, setActing] = useState(false);
  const sender = message.sender?.user ?? null;
  const nameOf = useNames(sender === null ? [] : [sender]);
  const article = useLeaving<HTMLElement>(isLeaving);
  useEffect(() => {
    return isFound && article.current !== null ? focusWhenShown(article.current) : undefined;
  }, [isFound, article]);
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
      inert={isLeaving}
      className={`message ${message.own ? 'own' : ''} ${follows ? 'follows' : ''} ${isFound ? 'found' : ''}`}
    >
      <div className="bubble">
        <h2 className={isNamed ? 'author' : 'for-readers'}>
          <bdi>{author}</bdi>
        </h2>
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
          {message.disappearAfterS !== null && <TimerMark disappearAfterS={message.disappearAfterS} />}
          {message.delivery !== null && <DeliveryMark delivery={message.delivery} />}
        </p>
        <FailedMessage message={message} info={info} />
      </div>
      <Reactions message={message} />
      {body.kind === 'text' && (
        <MessageActions
          message={message}
          isOpen={isActing}
          onOpen={() => setActing(true)}
          onClose={() => setActing(false)}
          onTopic={onTopic}
        />
      )}
    </article>
  );
});
