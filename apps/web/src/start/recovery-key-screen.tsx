/** The recovery key: shown once, and written down, which is checked before anything else. */
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { RecoveryKeyDiffersError, RecoveryRefusedError } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { Field } from '../controls/field.js';
import { useSession } from '../session/session-context.js';
import { StartFrame, StepHeading } from './start-frame.js';

/** Before the account is used for the first time. */
export function RecoveryKeyScreen(): ReactNode {
  return (
    <StartFrame>
      <RecoveryKeySteps onDone={() => undefined} />
    </StartFrame>
  );
}

export function RecoveryKeySteps({ onDone }: { readonly onDone: () => void }): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [key, setKey] = useState<string | 'unreachable' | null>(null);
  const [isChecking, setChecking] = useState(false);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    call('recoveryKey', undefined).then(
      ({ recoveryKey }) => setKey(recoveryKey),
      () => setKey('unreachable'),
    );
  }, [call, tries]);
  if (key === null) return <p className="soft">{t.app.loading}</p>;
  if (key === 'unreachable') {
    return (
      <>
        <p className="note">{t.register.failure.network}</p>
        <Button onClick={() => setTries(tries + 1)}>{t.app.retry}</Button>
      </>
    );
  }
  return isChecking ? (
    <CheckKey onBack={() => setChecking(false)} onDone={onDone} />
  ) : (
    <ShowKey recoveryKey={key} onNext={() => setChecking(true)} />
  );
}

function ShowKey({
  recoveryKey,
  onNext,
}: {
  readonly recoveryKey: string;
  readonly onNext: () => void;
}): ReactNode {
  const t = useText();
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(recoveryKey);
    setCopied(true);
  };
  return (
    <>
      <StepHeading>{t.recovery.title}</StepHeading>
      <p>{t.recovery.text}</p>
      <p className="recovery-key" dir="ltr" aria-label={t.recovery.key}>
        {recoveryKey.split('-').map((group, index) => (
          <span key={index}>{group}</span>
        ))}
      </p>
      <Button className="wide" onClick={() => void copy()}>
        <span aria-live="polite">{isCopied ? t.app.copied : t.app.copy}</span>
      </Button>
      <Button look="main" className="wide" onClick={onNext}>
        {t.recovery.written}
      </Button>
    </>
  );
}

function CheckKey({
  onBack,
  onDone,
}: {
  readonly onBack: () => void;
  readonly onDone: () => void;
}): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState<string | undefined>();
  const [isBusy, setBusy] = useState(false);
  const check = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await call('confirmRecoveryKey', { recoveryKey: typed });
      onDone();
    } catch (error) {
      const isOther = error instanceof RecoveryKeyDiffersError || error instanceof RecoveryRefusedError;
      setFault(isOther ? t.recovery.differs : t.register.failure.network);
      setBusy(false);
    }
  };
  return (
    <>
      <StepHeading>{t.recovery.check}</StepHeading>
      <p>{t.recovery.checkText}</p>
      <form onSubmit={(event) => void check(event)}>
        <Field
          label={t.recovery.key}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          fault={fault}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          dir="ltr"
          autoFocus
        />
        <Button type="submit" look="main" className="wide" disabled={isBusy || typed.trim() === ''}>
          {t.recovery.confirm}
        </Button>
        <Button className="wide" onClick={onBack}>
          {t.recovery.showAgain}
        </Button>
      </form>
    </>
  );
}
