/** Why a message was not sent, and what the person does about it. */
import { useState, type ReactNode } from 'react';
import { CallRefusedError, type ConversationInfo, type Message } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { Confirm } from '../controls/dialog.js';
import { useSession } from '../session/session-context.js';

export function FailedMessage({
  message,
  info,
}: {
  readonly message: Message;
  readonly info: ConversationInfo;
}): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [isDiscarding, setDiscarding] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const { delivery, body } = message;
  if (delivery?.kind !== 'failed') return null;
  const about = { conversation: message.conversation, message: message.id };
  const failed = (error: unknown): void =>
    setFault(error instanceof CallRefusedError ? t.chat.refused[error.reason] : t.register.failure.other);
  const canSend = info.phase !== 'removed' && info.phase !== 'leaving' && body.kind !== 'deleted';
  return (
    <div className="failed-message">
      <p className="fault" role={fault === null ? undefined : 'alert'}>
        {fault ?? t.chat.failure[delivery.failure]}
      </p>
      {canSend && (
        <button type="button" className="text-button" onClick={() => void call('retry', about).catch(failed)}>
          {t.app.retry}
        </button>
      )}
      <button type="button" className="text-button" onClick={() => setDiscarding(true)}>
        {t.chat.discard}
      </button>
      {isDiscarding && (
        <Confirm
          question={t.chat.discardSure}
          action={t.chat.discard}
          onConfirm={() => void call('discard', about).catch(failed)}
          onClose={() => setDiscarding(false)}
        />
      )}
    </div>
  );
}
