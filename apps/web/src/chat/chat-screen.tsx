/** One conversation. */
import { Info } from 'lucide-react';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { Link, useParams } from 'wouter';
import type { ConversationId, ConversationInfo } from '@cipherchat/client-sdk';
import { NotFound } from '../app/empty-pane.js';
import { ScreenBar } from '../app/screen.js';
import { useLanguage, useText } from '../catalogue/language-context.js';
import { RequestBar } from '../conversations/request-bar.js';
import { Avatar } from '../controls/avatar.js';
import { PresenceText } from '../people/presence.js';
import { pathOf, routes } from '../routes.js';
import {
  useNames,
  usePeerPicture,
  usePeerPresence,
  useSession,
  useTitle,
} from '../session/session-context.js';
import { useWatched } from '../session/watched.js';
import { Composer } from './composer.js';
import { MessageList } from './message-list.js';
import { TimerLink } from './timer-mark.js';
import { useWriting } from './use-writing.js';
import type { Topic } from './writing.js';
import './chat.css';

export function ChatScreen(): ReactNode {
  const { conversation } = useParams<{ conversation: string }>();
  const { conversations } = useSession();
  useWatched(conversations.all);
  const isWhole = useWatched(conversations.isWhole);
  const info = conversations.find(conversations.currentId(conversation as ConversationId));
  // On its way out: it is read no more, while its messages are removed.
  if (info?.standing === 'declined') return null;
  if (info !== null) return <Chat key={info.id} info={info} />;
  return isWhole ? <NotFound /> : null;
}

function Chat({ info }: { readonly info: ConversationInfo }): ReactNode {
  const t = useText();
  const { histories } = useSession();
  const history = histories.of(info.id);
  const window = useWatched(history.window);
  const writing = useWriting(info.id);
  const [chosen, setChosen] = useState<Topic | null>(null);
  const onTopic = useCallback(
    (topic: Topic) => {
      writing.setTopic(topic);
      setChosen(topic);
    },
    [writing],
  );
  const [firstUnread] = useState(info.firstUnread?.message ?? null);
  useEffect(() => history.open(firstUnread), [history, firstUnread]);
  return (
    <>
      <ScreenBar
        back={routes.conversations}
        title={<ChatTitle info={info} />}
        actions={
          <>
            <TimerLink info={info} />
            <Link
              className="icon-button"
              href={pathOf('details', { conversation: info.id })}
              aria-label={t.details.title}
              title={t.details.title}
            >
              <Info size={20} aria-hidden="true" />
            </Link>
          </>
        }
      />
      <MessageList
        info={info}
        history={history}
        window={window}
        firstUnread={firstUnread}
        onTopic={onTopic}
      />
      <TypingLine conversation={info.id} />
      <RepairNote info={info} />
      <KeyChangedNote info={info} />
      {info.standing === 'request' ? (
        <RequestBar info={info} />
      ) : info.phase === 'removed' || info.phase === 'leaving' ? (
        <p className="chat-note">{t.conversations.noLongerMember}</p>
      ) : (
        <Composer info={info} writing={writing} chosen={chosen} />
      )}
    </>
  );
}

function ChatTitle({ info }: { readonly info: ConversationInfo }): ReactNode {
  const title = useTitle(info);
  const path =
    info.peer === null ? pathOf('details', { conversation: info.id }) : pathOf('person', { user: info.peer });
  return (
    <Link href={path}>
      <Avatar
        name={title}
        kind={info.kind === 'direct' ? 'person' : 'group'}
        size="small"
        picture={usePeerPicture(info)}
      />
      <span className="title-lines">
        <h1 className="one-line" tabIndex={-1}>
          <bdi>{title}</bdi>
        </h1>
        <PresenceText presence={usePeerPresence(info)} />
      </span>
    </Link>
  );
}

function TypingLine({ conversation }: { readonly conversation: ConversationId }): ReactNode {
  const { t } = useLanguage();
  const typing = useWatched(useSession().typing.people).get(conversation) ?? [];
  const nameOf = useNames(typing);
  const [first] = typing;
  const text =
    first === undefined
      ? ''
      : typing.length > 1
        ? t.conversations.typingMany
        : t.conversations.typing(nameOf(first));
  return (
    <p className="typing-line one-line" aria-live="polite">
      {text}
    </p>
  );
}

/** A changed key stops sending until the person has looked: said where they would write. */
function KeyChangedNote({ info }: { readonly info: ConversationInfo }): ReactNode {
  const t = useText();
  const nameOf = useNames(info.keyChanged);
  return info.keyChanged.map((user) => (
    <p className="note danger" role="alert" key={user}>
      {t.notices.keyChanged(nameOf(user))} {t.chat.safetyNotice}{' '}
      <Link href={pathOf('person', { user })}>{t.notices.compare}</Link>
    </p>
  ));
}

function RepairNote({ info }: { readonly info: ConversationInfo }): ReactNode {
  const t = useText();
  if (info.repair === 'none') return null;
  return <p className="note">{t.chat.repair[info.repair]}</p>;
}
