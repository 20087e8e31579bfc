/** Compares safety numbers by camera: what the other person shows is theirs, so one look is enough to verify. */
import { useState, type ReactNode } from 'react';
import type { SafetyNumber, ScannedCode, UserId } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { QrScanner } from '../controls/qr-scanner.js';
import type { Call } from '../session/session.js';
import { useSession } from '../session/session-context.js';

type Compared = {
  readonly user: UserId;
  readonly known: SafetyNumber;
  readonly offered: SafetyNumber | null;
};

type Step = 'idle' | 'scanning' | 'comparing' | 'failed' | ScannedCode;

export function ScanTheirCode({
  onSettled,
  ...compared
}: Compared & { readonly onSettled: () => void }): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [step, setStep] = useState<Step>('idle');
  const found = async (code: string): Promise<void> => {
    // Taken off the screen, the scanner stops: one code is compared once.
    setStep('comparing');
    try {
      setStep(await settle(call, { ...compared, code }));
      onSettled();
    } catch {
      setStep('failed');
    }
  };
  const isScanning = step === 'scanning';
  return (
    <section className="stack">
      {isScanning && <QrScanner onText={(code) => void found(code)} />}
      <Button
        className="wide"
        disabled={step === 'comparing'}
        onClick={() => setStep(isScanning ? 'idle' : 'scanning')}
      >
        {isScanning ? t.newConversation.stopScan : t.person.scan}
      </Button>
      <Result step={step} />
    </section>
  );
}

function Result({ step }: { readonly step: Step }): ReactNode {
  const t = useText();
  switch (step) {
    case 'idle':
    case 'scanning':
    case 'comparing':
      return null;
    case 'failed':
      return (
        <p className="fault" role="alert">
          {t.register.failure.other}
        </p>
      );
    case 'same':
    case 'offered':
      return <p role="status">{t.person.scanResult[step]}</p>;
    case 'different':
    case 'other-people':
    case 'malformed':
      return (
        <p className={step === 'different' ? 'note danger' : 'note'} role="alert">
          {t.person.scanResult[step]}
        </p>
      );
  }
}

/** What the code says, and what follows from it. */
async function settle(
  call: Call,
  { user, known, offered, code }: Compared & { readonly code: string },
): Promise<ScannedCode> {
  const verdict = await call('compareScanned', { user, code });
  if (verdict === 'same') {
    const { digits } = known;
    // With another key offered, theirs is the known one: the offer is settled, too.
    await (offered === null
      ? call('markVerified', { user, digits })
      : call('settleAccountKey', { user, digits }));
  }
  if (verdict === 'offered') {
    // Asked for again: it may have been offered after this screen was drawn.
    const now = await call('offeredSafetyNumber', { user });
    if (now !== null) await call('settleAccountKey', { user, digits: now.digits });
  }
  return verdict;
}
