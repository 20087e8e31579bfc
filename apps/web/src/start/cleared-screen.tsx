/** A browser that had an account and lost its keys: its owner is not new, and is not made a new device silently. */
import { useState, type ReactNode } from 'react';
import { forgetAccount } from '@cipherchat/client-sdk/tabs';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { Confirm } from '../controls/dialog.js';
import { useSession } from '../session/session-context.js';
import { RecoverScreen } from './recover-screen.js';
import { StartFrame, StepHeading } from './start-frame.js';

export function ClearedScreen({ username }: { readonly username: string | null }): ReactNode {
  const t = useText();
  const session = useSession();
  const [step, setStep] = useState<'told' | 'recover'>('told');
  const [isAsking, setAsking] = useState(false);
  if (step === 'recover') return <RecoverScreen username={username} onBack={() => setStep('told')} />;
  return (
    <StartFrame>
      <StepHeading>{t.cleared.title}</StepHeading>
      <p>{username === null ? t.cleared.text : t.cleared.textOf(username)}</p>
      <Button look="main" className="wide" onClick={() => setStep('recover')}>
        {t.cleared.recover}
      </Button>
      <Button className="wide" onClick={() => setAsking(true)}>
        {t.cleared.anew}
      </Button>
      {isAsking && (
        <Confirm
          question={t.cleared.anewSure}
          action={t.cleared.anew}
          onConfirm={() => {
            forgetAccount();
            session.takeStatus({ kind: 'empty' });
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </StartFrame>
  );
}
