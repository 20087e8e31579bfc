/** How far an own message has come, person by person. */
import { useEffect, useState, type ReactNode } from 'react';
import type { Message, UserId } from '@cipherchat/client-sdk';
import { useLanguage } from '../catalogue/language-context.js';
import { Avatar } from '../controls/avatar.js';
import { Button } from '../controls/button.js';
import { Dialog } from '../controls/dialog.js';
import type { ToldEvent } from '../session/events.js';
import { useNames, useSession } from '../session/session-context.js';

type Receipts = ReadonlyMap<UserId, 'sent' | 'delivered' | 'read'>;

const states = ['read', 'delivered', 'sent'] as const;

export function MessageDetails({
  message,
  onClose,
}: {
  readonly message: Message;
  readonly onClose: () => void;
}): ReactNode {
  const { t, day, time } = useLanguage();
  const receipts = useReceipts(message);
  const titles = { read: t.chat.seenBy, delivered: t.chat.deliveredTo, sent: t.chat.sentTo };
  return (
    <Dialog title={t.chat.details} onClose={onClose}>
      <p className="soft">
        <time dateTime={new Date(message.atMs).toISOString()}>
          <span>{day(message.atMs)}</span> <span>{time(message.atMs)}</span>
        </time>
      </p>
      <div className="receipts" aria-live="polite">
        {states.map((state) => (
          <People key={state} title={titles[state]} users={usersOf(receipts, state)} />
        ))}
      </div>
      <div className="dialog-actions">
        <Button onClick={onClose}>{t.app.close}</Button>
      </div>
    </Dialog>
  );
}

function People({ title, users }: { readonly title: string; readonly users: readonly UserId[] }): ReactNode {
  const nameOf = useNames(users);
  if (users.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul className="people-list">
        {users.map((user) => (
          <li key={user}>
            <Avatar name={nameOf(user)} size="small" />
            <bdi className="one-line">{nameOf(user)}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}

function usersOf(receipts: Receipts, state: (typeof states)[number]): readonly UserId[] {
  return [...receipts].filter(([, has]) => has === state).map(([user]) => user);
}

function useReceipts({ conversation, id: message }: Message): Receipts {
  const { call, listeners } = useSession();
  const [receipts, setReceipts] = useState<Receipts>(new Map());
  useEffect(() => {
    let isWanted = true;
    const ask = (): void =>
      void call('receipts', { conversation, message }).then(
        (found) => isWanted && setReceipts(found),
        () => undefined,
      );
    const told = (event: ToldEvent): void => {
      if (event.type === 'receipts' && event.data.conversation === conversation) ask();
    };
    ask();
    listeners.add(told);
    return () => {
      isWanted = false;
      listeners.delete(told);
    };
  }, [call, listeners, conversation, message]);
  return receipts;
}
