/** From nothing to an account. */
import { useState, type ReactNode } from 'react';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { LanguageChoice } from '../settings/language-choice.js';
import { RecoverScreen } from './recover-screen.js';
import { RegisterScreen } from './register-screen.js';
import { StartFrame, StepHeading } from './start-frame.js';

type Step = 'welcome' | 'register' | 'recover';

export function StartScreens(): ReactNode {
  const [step, setStep] = useState<Step>('welcome');
  const toWelcome = (): void => setStep('welcome');
  switch (step) {
    case 'welcome':
      return <WelcomeScreen onStep={setStep} />;
    case 'register':
      return <RegisterScreen onBack={toWelcome} />;
    case 'recover':
      return <RecoverScreen username={null} onBack={toWelcome} />;
  }
}

function WelcomeScreen({ onStep }: { readonly onStep: (step: Step) => void }): ReactNode {
  const t = useText();
  return (
    <StartFrame>
      <StepHeading>{t.welcome.title}</StepHeading>
      <p>{t.welcome.text}</p>
      <Button look="main" className="wide" onClick={() => onStep('register')}>
        {t.welcome.create}
      </Button>
      <Button className="wide" onClick={() => onStep('recover')}>
        {t.welcome.recover}
      </Button>
      <p className="soft">{t.welcome.oneBrowser}</p>
      <LanguageChoice />
    </StartFrame>
  );
}
