/** In place of the composer, while a stranger waits for an answer. */
import { useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { ConversationInfo } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { Dialog } from '../controls/dialog.js';
import { pathOf, routes } from '../routes.js';
import { useNames, useSession } from '../session/session-context.js';

export function RequestBar({ info }: { readonly info: ConversationInfo }): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [isDeclining, setDeclining] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const from = info.addedBy ?? info.peer;
  const nameOf = useNames(from === null ? [] : [from]);
  const name = from === null ? t.chat.unknownPerson : nameOf(from);
  const accept = (): void =>
    void call('accept', { conversation: info.id }).catch(() => setFault(t.register.failure.other));
  return (
    <section className="request-bar" aria-label={t.request.title}>
      <p>
        <strong>{info.kind === 'group' ? t.request.group(name) : t.request.one(name)}</strong>
      </p>
      <p className="soft">{t.request.text}</p>
      <p className="fault" role="alert">
        {fault}
      </p>
      <div className="dialog-actions">
        <Button look="danger" onClick={() => setDeclining(true)}>
          {t.request.decline}
        </Button>
        <Button look="main" onClick={accept}>
          {t.request.accept}
        </Button>
      </div>
      {isDeclining && (
        <DeclineDialog
          info={info}
          onFault={() => setFault(t.person.tooManyBlocks)}
          onClose={() => setDeclining(false)}
        />
      )}
    </section>
  );
}

function DeclineDialog({
  info,
  onFault,
  onClose,
}: {
  readonly info: ConversationInfo;
  readonly onFault: () => void;
  readonly onClose: () => void;
}): ReactNode {
  const t = useText();
  const { call, conversations } = useSession();
  const [, navigate] = useLocation();
  const decline = async (block: 'block' | 'no-block'): Promise<void> => {
    onClose();
    try {
      await call('decline', { conversation: info.id, block });
      await conversations.read();
      // Who has gone on meanwhile is not taken back.
      if (location.pathname === pathOf('chat', { conversation: info.id })) navigate(routes.conversations);
    } catch {
      onFault();
    }
  };
  return (
    <Dialog title={t.request.declineSure} onClose={onClose}>
      <div className="dialog-actions">
        <Button onClick={onClose}>{t.app.cancel}</Button>
        <Button look="danger" onClick={() => void decline('no-block')}>
          {t.request.decline}
        </Button>
        <Button look="danger" onClick={() => void decline('block')}>
          {t.request.declineBlock}
        </Button>
      </div>
    </Dialog>
  );
}
