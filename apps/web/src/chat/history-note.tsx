/** What stands in a history and was written by nobody: who came and went, and what is missing. */
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Message, UserId } from '@cipherchat/client-sdk';
import type { Amount } from '../catalogue/amount.js';
import { useLanguage } from '../catalogue/language-context.js';
import type { Sentences } from '../catalogue/sentences.js';
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
      return <span className="history-note">{membership(body, { self: self.user, t, name, names })}</span>;
    case 'group-profile':
      return (
        <span className="history-note">
          {named(lineText(body.name, 64), { by: message.sender?.user ?? null, self: self.user, t, name })}
        </span>
      );
    case 'devices':
      return (
        <span className="history-note">
          {body.changes
            .map((change) => devicesChanged(change, { self: self.user, t, name, amount }))
            .join(' ')}
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

/** What notes say it with. Of oneself a sentence is another one: in most languages "you" does not stand where a name does. */
type Wording = {
  readonly self: UserId;
  readonly t: Sentences;
  readonly name: (user: UserId | null) => string;
};

function named(groupName: string, { by, self, t, name }: Wording & { readonly by: UserId | null }): string {
  return by === self ? t.chat.youNamed(groupName) : t.chat.named(name(by), groupName);
}

function membership(
  { by, added, removed, left }: Extract<Message['body'], { readonly kind: 'membership' }>,
  { self, t, name, names }: Wording & { readonly names: (users: readonly UserId[]) => string },
): string {
  const sentences: string[] = [];
  if (added.length > 0 && by === null) sentences.push(t.chat.joined(names(added)));
  else if (added.length > 0 && by === self) sentences.push(t.chat.youAdded(names(added)));
  else if (added.length > 0) sentences.push(t.chat.added(name(by), names(added)));
  if (removed.length > 0 && by === self) sentences.push(t.chat.youRemoved(names(removed)));
  else if (removed.length > 0) sentences.push(t.chat.removed(name(by), names(removed)));
  if (left.length > 0) sentences.push(t.chat.left(names(left)));
  return sentences.join(' ');
}

function devicesChanged(
  { user, added, removed }: Extract<Message['body'], { readonly kind: 'devices' }>['changes'][number],
  { self, t, name, amount }: Wording & { readonly amount: (value: number) => Amount },
): string {
  const sentences: string[] = [];
  if (added > 0 && user === self) sentences.push(t.chat.yourDevicesAdded(amount(added)));
  else if (added > 0) sentences.push(t.chat.devicesAdded(name(user), amount(added)));
  if (removed > 0 && user === self) sentences.push(t.chat.yourDevicesRemoved(amount(removed)));
  else if (removed > 0) sentences.push(t.chat.devicesRemoved(name(user), amount(removed)));
  return sentences.join(' ');
}
