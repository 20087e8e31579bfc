/**
 * Where a message is written. What is typed is watched here and nowhere else on the page, so that a letter draws this and
 * not the history.
 */
import { SendHorizontal, X } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { CallRefusedError, maxTextBytes, type ConversationInfo } from '@cipherchat/client-sdk';
import { useLanguage, useText } from '../catalogue/language-context.js';
import { IconButton } from '../controls/button.js';
import { useNames, useTitle } from '../session/session-context.js';
import { useWatched } from '../session/watched.js';
import { lineText } from '../text/plain.js';
import { useTypingSignal } from './typing-signal.js';
import type { Topic, Writing } from './writing.js';

const maxRows = 8;
/** What a message's text may still have when it refers to another. */
const referenceBytes = 18;

export function Composer({
  info,
  writing,
  chosen,
}: {
  readonly info: ConversationInfo;
  readonly writing: Writing;
  /** By the person, just now: they go on here. What was kept with a draft takes no keyboard to itself. */
  readonly chosen: Topic | null;
}): ReactNode {
  const { t, amount } = useLanguage();
  const title = useTitle(info);
  const { text, topic } = useWatched(writing.state);
  const [fault, setFault] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const typing = useTypingSignal(info.id);

  useEffect(() => {
    if (chosen !== null) field.current?.focus();
  }, [chosen]);

  const tooLong = bytesBeyondLimit(text, topic);
  const isSendable = text.trim() !== '' && tooLong === 0;

  const send = async (): Promise<void> => {
    if (!isSendable) return;
    typing.stopped();
    setFault(null);
    try {
      await writing.send();
    } catch (error) {
      setFault(error instanceof CallRefusedError ? t.chat.refused[error.reason] : t.register.failure.other);
    }
  };

  const leaveTopic = (): void => writing.setTopic(null);

  const pressed = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && topic !== null) return leaveTopic();
    // A touch keyboard's Enter is a new line; and one that ends a composition belongs to it.
    const isSend = event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing && !isTouch();
    if (!isSend) return;
    event.preventDefault();
    void send();
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {topic !== null && <TopicLine topic={topic} onLeave={leaveTopic} />}
      {fault !== null && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      {tooLong > 0 && (
        <p className="fault" role="alert">
          {t.chat.tooLong(amount(tooLong))}
        </p>
      )}
      <div className="composer-row">
        <textarea
          ref={field}
          aria-label={t.chat.message}
          placeholder={t.chat.write(title)}
          value={text}
          rows={Math.min(maxRows, text.split('\n').length)}
          // Empty, it has the direction of what stands in its place.
          dir={text === '' ? undefined : 'auto'}
          autoComplete="off"
          enterKeyHint="enter"
          onChange={({ currentTarget }) => {
            writing.typed(currentTarget.value);
            typing.typed(currentTarget.value);
          }}
          onBlur={typing.stopped}
          // Where a keyboard is at hand one goes on writing; elsewhere it would cover the history.
          autoFocus={!isTouch()}
          onKeyDown={pressed}
        />
        <IconButton label={t.chat.send} type="submit" className="send" disabled={!isSendable}>
          <SendHorizontal className="pointing" size={20} aria-hidden="true" />
        </IconButton>
      </div>
    </form>
  );
}

function TopicLine({ topic, onLeave }: { readonly topic: Topic; readonly onLeave: () => void }): ReactNode {
  const t = useText();
  const about = topic.kind === 'reply' ? topic.to : topic.message;
  const nameOf = useNames(about.sender === null ? [] : [about.sender.user]);
  const author = about.own || about.sender === null ? t.chat.you : nameOf(about.sender.user);
  return (
    <div className="topic">
      <div className="grow">
        <p className="topic-title">{topic.kind === 'reply' ? t.chat.replyingTo(author) : t.chat.editing}</p>
        <p className="soft one-line">
          <bdi>{about.body.kind === 'text' ? lineText(about.body.text, 120) : ''}</bdi>
        </p>
      </div>
      <IconButton label={topic.kind === 'reply' ? t.chat.stopReply : t.chat.stopEdit} onClick={onLeave}>
        <X size={18} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

/** Counted only where it can matter: no character has more than three bytes for each UTF-16 unit. */
function bytesBeyondLimit(text: string, topic: Topic | null): number {
  const limit = topic === null ? maxTextBytes : maxTextBytes - referenceBytes;
  if (text.length * 3 <= limit) return 0;
  return Math.max(0, new TextEncoder().encode(text).length - limit);
}

function isTouch(): boolean {
  return matchMedia('(pointer: coarse)').matches;
}
