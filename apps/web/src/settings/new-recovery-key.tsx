/** Another recovery key, for whoever lost the note of the first, or showed it to somebody. */
import { useState, type ReactNode } from 'react';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { RecoveryKeySteps } from '../start/recovery-key-screen.js';

export function NewRecoveryKey(): ReactNode {
  const t = useText();
  const [step, setStep] = useState<'offered' | 'made' | 'done'>('offered');
  if (step === 'made') {
    return (
      <section className="card" aria-label={t.recovery.replace}>
        <RecoveryKeySteps onDone={() => setStep('done')} />
        <Button className="wide" onClick={() => setStep('offered')}>
          {t.app.cancel}
        </Button>
      </section>
    );
  }
  return (
    <section className="card">
      <h2>{t.recovery.replace}</h2>
      <p>{t.recovery.replaceText}</p>
      <p role="status">{step === 'done' && t.settings.newKeyDone}</p>
      <Button onClick={() => setStep('made')}>{t.settings.newKey}</Button>
    </section>
  );
}
