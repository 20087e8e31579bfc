/** The frame of the screens before there is an account. */
import { LockKeyhole } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import './start.css';

export function StartFrame({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <main className="start" id="content">
      <div className="start-body">
        <p className="brand">
          <LockKeyhole size={28} aria-hidden="true" />
          CipherChat
        </p>
        {children}
      </div>
    </main>
  );
}

/** Of one step: it takes the focus when the step before is gone with it, so that a screen reader goes on here. */
export function StepHeading({ children }: { readonly children: ReactNode }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus();
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
