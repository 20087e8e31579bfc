/** Before the client is there. */
import type { ReactNode } from 'react';
import { useText } from '../catalogue/language-context.js';
import { StartFrame, StepHeading } from './start-frame.js';

export function OpeningScreen(): ReactNode {
  const t = useText();
  return (
    <StartFrame>
      <div role="status">
        <h1 className="soft late">{t.app.opening}</h1>
      </div>
    </StartFrame>
  );
}

export function FailedScreen(): ReactNode {
  const t = useText();
  return (
    <StartFrame>
      <StepHeading>{t.app.failed}</StepHeading>
      <p>{t.app.failedWhy}</p>
    </StartFrame>
  );
}
