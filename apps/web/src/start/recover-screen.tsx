/** Back to an account by its recovery key: this browser becomes its only device. */
import { useState, type FormEvent, type ReactNode } from 'react';
import { isProblem, NetworkError, RecoveryRefusedError } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import type { Sentences } from '../catalogue/sentences.js';
import { Button } from '../controls/button.js';
import { Field } from '../controls/field.js';
import { keepStorage } from '../install/storage.js';
import { useSession } from '../session/session-context.js';
import { StartFrame, StepHeading } from './start-frame.js';

export function RecoverScreen({
  username: known,
  onBack,
}: {
  /** Of the account that this browser had. */
  readonly username: string | null;
  readonly onBack: () => void;
}): ReactNode {
  const t = useText();
  const session = useSession();
  const [username, setUsername] = useState(known ?? '');
  const [recoveryKey, setRecoveryKey] = useState('');
  const [fault, setFault] = useState<string | undefined>();
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setFault(undefined);
    try {
      const status = await session.call('recover', { serverUrl: location.origin, username, recoveryKey });
      await keepStorage();
      session.takeStatus(status);
    } catch (error) {
      setFault(faultOf(error, t));
      setBusy(false);
    }
  };

  return (
    <StartFrame>
      <StepHeading>{t.recover.title}</StepHeading>
      <p>{t.recover.text}</p>
      <form onSubmit={(event) => void submit(event)}>
        <Field
          label={t.register.username}
          value={username}
          onChange={({ currentTarget }) => setUsername(currentTarget.value.trim().toLowerCase())}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={32}
          dir="ltr"
        />
        <Field
          label={t.recovery.key}
          value={recoveryKey}
          onChange={({ currentTarget }) => setRecoveryKey(currentTarget.value)}
          fault={fault}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          dir="ltr"
        />
        <Button
          type="submit"
          look="main"
          className="wide"
          disabled={isBusy || username === '' || recoveryKey.trim() === ''}
        >
          {isBusy ? t.recover.busy : t.recover.action}
        </Button>
        <Button className="wide" onClick={onBack} disabled={isBusy}>
          {t.app.back}
        </Button>
      </form>
      <p className="soft">{t.recover.lost}</p>
    </StartFrame>
  );
}

function faultOf(error: unknown, t: Sentences): string {
  if (error instanceof RecoveryRefusedError) return t.recover.refused[error.reason];
  if (error instanceof NetworkError) return t.register.failure.network;
  if (isProblem(error) && error.code === 'request/rate-limited') return t.register.failure.tooMany;
  return t.register.failure.other;
}
