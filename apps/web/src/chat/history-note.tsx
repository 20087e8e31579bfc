/** What stands in a history and was written by nobody: who came and went, and what is missing. */
import { Timer, TimerOff, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Message, UserId } from '@cipherchat/client-sdk';
import { useLanguage } from '../catalogue/language-context.js';
import { useNames, useSelf } from '../session/session-context.js';
import { lineText } from '../text/plain.js';
import { devicesChanged, membership, named, timerChanged, type Wording } from './note-sentences.js';

/** What of a message a note is made of. */
type NotedMessage = Pick<Message, 'body' | 'sender'>;

export function HistoryNote({ message }: { readonly message: NotedMessage }): ReactNode {
  const { t, amount, list, duration } = useLanguage();
  const { user: self } = useSelf();
  const nameOf = useNames(usersOf(message));
  const wording: Wording = { self, t, amount, list, duration, nameOf };
  const { body } = message;
  switch (body.kind) {
    case 'gap':
      return (
        <span className="history-note gap">
          <TriangleAlert size={16} aria-hidden="true" /> {t.chat.gap[body.reason](amount(body.count))}
        </span>
      );
    case 'membership':
      return <span className="history-note">{membership(body, wording)}</span>;
    case 'group-profile':
      return (
        <span className="history-note">
          {named({ name: lineText(body.name, 64), by: message.sender?.user ?? null }, wording)}
        </span>
      );
    case 'devices':
      return (
        <span className="history-note">
          {body.changes.map((change) => devicesChanged(change, wording)).join(' ')}
        </span>
      );
    case 'timer': {
      const Icon = body.disappearAfterS === null ? TimerOff : Timer;
      const by = message.sender?.user ?? null;
      return (
        <span className="history-note">
          <Icon size={16} aria-hidden="true" /> {timerChanged({ ...body, by }, wording)}
        </span>
      );
    }
    case 'unsupported':
      return <span className="history-note">{t.chat.unsupported}</span>;
    case 'text':
    case 'deleted':
      return null;
  }
}

function usersOf({ body, sender }: NotedMessage): readonly UserId[] {
  const written = sender === null ? [] : [sender.user];
  if (body.kind === 'devices') return body.changes.map(({ user }) => user);
  if (body.kind !== 'membership') return written;
  return [...written, ...body.added, ...body.removed, ...body.left, ...(body.by === null ? [] : [body.by])];
}
