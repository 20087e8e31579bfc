/** How far an own message has come: by shape, not by colour alone, and in words for screen readers. */
import { Check, CheckCheck, CircleAlert, Clock3 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DeliveryState } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';

const icons = { queued: Clock3, sent: Check, delivered: CheckCheck, read: CheckCheck, failed: CircleAlert };

export function DeliveryMark({ delivery: { kind } }: { readonly delivery: DeliveryState }): ReactNode {
  const t = useText();
  const Icon = icons[kind];
  return (
    <span className={`mark ${kind}`} role="img" aria-label={t.chat.mark[kind]} title={t.chat.mark[kind]}>
      <Icon size={15} strokeWidth={kind === 'read' ? 3 : 2} aria-hidden="true" />
    </span>
  );
}
