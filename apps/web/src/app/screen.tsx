/** A screen with its bar: the way back, the heading, and what can be done. */
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useText } from '../catalogue/language-context.js';
import { routes } from '../routes.js';

export function Screen({
  title,
  back = routes.conversations,
  actions,
  children,
}: {
  readonly title: ReactNode;
  /** Where the way back leads. */
  readonly back?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <>
      <ScreenBar
        title={
          <h1 className="one-line" tabIndex={-1}>
            {title}
          </h1>
        }
        back={back}
        actions={actions}
      />
      <div className="screen-scroll">
        <div className="screen-body">{children}</div>
      </div>
    </>
  );
}

export function ScreenBar({
  title,
  back,
  actions,
}: {
  readonly title: ReactNode;
  readonly back: string;
  readonly actions?: ReactNode;
}): ReactNode {
  const t = useText();
  return (
    <header className="bar">
      <Link
        className={`icon-button ${back === routes.conversations ? 'narrow-only' : ''}`}
        href={back}
        aria-label={t.app.back}
      >
        <ArrowLeft className="pointing" size={22} aria-hidden="true" />
      </Link>
      <div className="bar-title">{title}</div>
      {actions}
    </header>
  );
}
