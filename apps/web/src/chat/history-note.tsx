/** What stands in a history and was written by nobody: who came and went, and what is missing. */
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Message, UserId } from '@cipherchat/client-sdk';
import type { Amount } from '../catalogue/amount.js';
import { useLanguage, type useText } from '../catalogue/language-context.js';
import { useNames, useSelf } from '../session/session-context.js';
import { lineText } from '../text/plain.js';

/** What of a message a note is made of. */
type NotedMessage = Pick<Message, 'body' | 'sender'>;

export function HistoryNote({ message }: { readonly message: NotedMessage }): ReactNode {
  const { t, amount, list } = useLanguage();
  const self = useSelf();
  const nameOf = useNames(usersOf(message));
  const name = (user: UserId | null): string =>
    user === null ? t.chat.unknownPerson : user === self.user ? t.chat.you : nameOf(user);
  const names = (users: readonly UserId[]): string => list(users.map(name));
  const { body } = message;
  switch (body.kind) {
    case 'gap':
      return (
        <span className="history-note gap">
          <TriangleAlert size={16} aria-hidden="true" /> {t.chat.gap[body.reason](amount(body.count))}
        </span>
      );
    case 'membership':
      return <span className="history-note">{membership(body, { t, name, names })}</span>;
    case 'group-profile':
      return (
        <span className="history-note">
          <bdi>{t.chat.named(name(message.sender?.user ?? null), lineText(body.name, 64))}</bdi>
        </span>
      );
    case 'devices':
      return (
        <span className="history-note">
          {body.changes.map((change) => devicesChanged(change, { t, name, amount })).join(' ')}
        </span>
      );
    default:
      return null;
  }
}

function usersOf({ body, sender }: NotedMessage): readonly UserId[] {
  const written = sender === null ? [] : [sender.user];
  if (body.kind === 'devices') return body.changes.map(({ user }) => user);
  if (body.kind !== 'membership') return written;
  return [...written, ...body.added, ...body.removed, ...body.left, ...(body.by === null ? [] : [body.by])];
}

function membership(
  body: Extract<Message['body'], { readonly kind: 'membership' }>,
  {
    t,
    name,
    names,
  }: {
    readonly t: ReturnType<typeof useText>;
    readonly name: (user: UserId | null) => string;
    readonly names: (users: readonly UserId[]) => string;
  },
): string {
  const { by, added, removed, left } = body;
  const sentences = [
    added.length === 0
      ? ''
      : by === null
        ? t.chat.joined(names(added))
        : t.chat.added(name(by), names(added)),
    removed.length === 0 ? '' : t.chat.removed(name(by), names(removed)),
    left.length === 0 ? '' : t.chat.left(names(left)),
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function devicesChanged(
  change: Extract<Message['body'], { readonly kind: 'devices' }>['changes'][number],
  {
    t,
    name,
    amount,
  }: {
    readonly t: ReturnType<typeof useText>;
    readonly name: (user: UserId | null) => string;
    readonly amount: (value: number) => Amount;
  },
): string {
  const { user, added, removed } = change;
  const sentences = [
    added === 0 ? '' : t.chat.devicesAdded(name(user), amount(added)),
    removed === 0 ? '' : t.chat.devicesRemoved(name(user), amount(removed)),
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}
