/** The frame of the screens before there is an account. */
import { LockKeyhole } from 'lucide-react';
import type { ReactNode } from 'react';
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
