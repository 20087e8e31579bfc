/** The history: only what is on the screen is drawn, however long it is, and new messages push nobody away. */
import { ArrowDown } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import type { ConversationInfo, Message, MessageId } from '@cipherchat/client-sdk';
import { useLanguage } from '../catalogue/language-context.js';
import type { History, HistoryState, HistoryTarget } from '../session/history.js';
import { useWatched } from '../session/watched.js';
import { historyEntries, type HistoryEntry } from './history-entries.js';
import { leavingMs, useLeaving } from './leaving.js';
import { MessageItem } from './message-item.js';
import { useReading } from './reading.js';
import type { Topic } from './writing.js';

/** Pages are read before they are needed. */
const readAheadPx = 1_200;
/** Nearer to the end than this is at the end: a line of text may have been measured a little otherwise. */
const atEndPx = 24;
/** As long as a message stands out that somebody went to. */
const foundMs = 2_500;

export function MessageList({
  info,
  history,
  window,
  firstUnread,
  onTopic,
}: {
  readonly info: ConversationInfo;
  readonly history: History;
  readonly window: HistoryState;
  /** When the conversation was opened: the line above it stays where it was. */
  readonly firstUnread: MessageId | null;
  readonly onTopic: (topic: Topic) => void;
}): ReactNode {
  const { t, amount } = useLanguage();
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  // Before the first drawing stands where it should, nobody has seen its end.
  const [isPlaced, setPlaced] = useState(false);
  useReading({ info, window, isAtEnd: isAtEnd && isPlaced });
  const gone = useWatched(history.gone);
  const entries = useMemo(
    () => (window === null ? [] : historyEntries({ ...window, firstUnread, gone })),
    [window, firstUnread, gone],
  );
  useEffect(() => history.watch(), [history]);
  useEffect(() => {
    const leaving = [...gone].flatMap(([id, how]) => (how === 'leaving' ? [id] : []));
    // Each in its own time, however many go; with this list all of them end.
    if (leaving.length > 0) setTimeout(() => history.left(leaving), leavingMs());
  }, [history, gone]);
  const firstId = window?.messages[0]?.id;
  const shownFirst = useRef(firstId);
  // Older messages came above, or made room: what is on the screen stays where it is.
  const hasChangedAbove = shownFirst.current !== undefined && shownFirst.current !== firstId;
  useLayoutEffect(() => {
    shownFirst.current = firstId;
  }, [firstId]);

  const hasNewer = window?.hasNewer === true;
  const toNewest = (): void => {
    shownLast.current = undefined;
    unreadShown.current = true;
    if (hasNewer) void history.newest();
    else toEnd();
  };

  const toEnd = useCallback(() => {
    const { current } = scroller;
    current?.scrollTo({ top: current.scrollHeight });
  }, []);

  const target = useWatched(history.target);
  const shownTarget = useRef<HistoryTarget | null>(null);
  const targetAt = target === null ? -1 : entries.findIndex(({ key }) => key === target.message);
  const isTargetHere = targetAt !== -1;
  useEffect(() => {
    if (target === null || !isTargetHere) return;
    const timer = setTimeout(() => history.arrived(target), foundMs);
    return () => clearTimeout(timer);
  }, [history, target, isTargetHere]);

  /** At the last drawing: what was read then had an end that is none. */
  const hadNewer = useRef(false);
  const placed = useCallback(() => {
    setAtEnd(!hadNewer.current && isNearEnd(scroller.current));
    setPlaced(true);
  }, []);

  const last = window?.messages.at(-1);
  const unreadShown = useRef(false);
  const shownLast = useRef<Message | undefined>(undefined);
  useLayoutEffect(() => {
    // What comes then is the next page, and nothing that was just sent.
    const isReadOn = hadNewer.current;
    hadNewer.current = hasNewer;
    if (last === undefined) return;
    if (target !== null && target !== shownTarget.current) {
      // Nothing else moves the history until what is wanted is there.
      shownLast.current = last;
      unreadShown.current = true;
      if (targetAt === -1) return;
      shownTarget.current = target;
      setAtEnd(false);
      list.current?.scrollToIndex(targetAt, { align: 'center' });
      requestAnimationFrame(placed);
      return;
    }
    const { current: before } = shownLast;
    shownLast.current = last;
    // The same, or what stood above the one that is gone.
    if (before !== undefined && (last.id === before.id || last.place < before.place)) return;
    const isFirstDrawing = before === undefined;
    const unreadAt = unreadShown.current ? -1 : entries.findIndex(({ kind }) => kind === 'unread');
    unreadShown.current = true;
    if (unreadAt !== -1) {
      // Whether the rest fits on the screen is known when it was drawn.
      setAtEnd(false);
      list.current?.scrollToIndex(unreadAt, { align: 'start' });
      requestAnimationFrame(placed);
    } else if (isFirstDrawing || isAtEnd || (last.own && !isReadOn)) {
      list.current?.scrollToIndex(entries.length - 1, { align: 'end' });
      requestAnimationFrame(() => setPlaced(true));
    }
  }, [last, hasNewer, entries, isAtEnd, target, targetAt, placed]);

  // A window that got smaller, or a composer that grew, does not take the newest message away.
  const atEnd = useRef(isAtEnd);
  atEnd.current = isAtEnd;
  useEffect(() => {
    const { current } = scroller;
    if (current === null) return;
    const observer = new ResizeObserver(() => atEnd.current && toEnd());
    observer.observe(current);
    // What is in it grows too: a narrower line breaks more often.
    if (current.lastElementChild !== null) observer.observe(current.lastElementChild);
    return () => observer.disconnect();
  }, [toEnd]);

  const lastOffset = useRef(0);
  const scrolled = (offset: number): void => {
    const handle = list.current;
    if (handle === null) return;
    // Only who scrolls back leaves the end; that it moved away is made good by the observer above.
    const isBack = offset < lastOffset.current - 1;
    lastOffset.current = offset;
    const isNear = !hasNewer && isNearEnd(scroller.current);
    setAtEnd((was) => isNear || (was && !isBack));
    if (offset < readAheadPx && window?.hasOlder === true) void history.older();
    const behind = handle.scrollSize - handle.viewportSize - offset;
    if (behind < readAheadPx && hasNewer) void history.newer();
  };

  return (
    <div className="history">
      <div
        className="history-scroll"
        ref={scroller}
        role="log"
        aria-label={t.chat.messages}
        aria-busy={window === null}
        tabIndex={0}
      >
        <div className="history-space" />
        <Virtualizer
          ref={list}
          scrollRef={scroller}
          shift={hasChangedAbove}
          onScroll={scrolled}
          bufferSize={600}
          data={entries}
        >
          {(entry) => (
            <Entry
              key={entry.key}
              entry={entry}
              info={info}
              isFound={entry.key === target?.message}
              onTopic={onTopic}
            />
          )}
        </Virtualizer>
      </div>
      {!isAtEnd && (
        <button
          type="button"
          className="to-newest"
          aria-label={t.chat.newest}
          title={t.chat.newest}
          onClick={toNewest}
        >
          <ArrowDown size={20} aria-hidden="true" />
          {info.unreadCount > 0 && <span className="unread">{amount(info.unreadCount).text}</span>}
        </button>
      )}
    </div>
  );
}

/** As it is drawn: when a window has grown, its browser scrolls back before the list has heard of it. */
function isNearEnd(scroller: HTMLElement | null): boolean {
  if (scroller === null) return true;
  return scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop <= atEndPx;
}

/** It goes with the last message of its day. */
function Day({ atMs, isLeaving }: { readonly atMs: number; readonly isLeaving: boolean }): ReactNode {
  const { dayName } = useLanguage();
  return (
    <h2 ref={useLeaving<HTMLHeadingElement>(isLeaving)} className="history-day">
      {dayName(atMs, Date.now())}
    </h2>
  );
}

function Entry({
  entry,
  info,
  isFound,
  onTopic,
}: {
  readonly entry: HistoryEntry;
  readonly info: ConversationInfo;
  readonly isFound: boolean;
  readonly onTopic: (topic: Topic) => void;
}): ReactNode {
  const { t } = useLanguage();
  if ('going' in entry && entry.going === 'left') return null;
  switch (entry.kind) {
    case 'beginning':
      return <p className="history-note">{t.chat.begin}</p>;
    case 'day':
      return <Day atMs={entry.atMs} isLeaving={entry.going === 'leaving'} />;
    case 'unread':
      return (
        <p className="history-unread" role="separator">
          <span>{t.chat.unreadFrom}</span>
        </p>
      );
    case 'message':
      return (
        <MessageItem
          message={entry.message}
          follows={entry.follows}
          info={info}
          isFound={isFound}
          isLeaving={entry.going === 'leaving'}
          onTopic={onTopic}
        />
      );
  }
}
