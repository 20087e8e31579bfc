/** How long what is written in a conversation stays: any member sets it, for all. */
import { useState, type ReactNode } from 'react';
import { CallRefusedError, type ConversationInfo } from '@cipherchat/client-sdk';
import { useLanguage } from '../catalogue/language-context.js';
import { Choice } from '../controls/field.js';
import { useSession } from '../session/session-context.js';

const hourS = 3_600;
const dayS = 24 * hourS;
const offered: readonly number[] = [30, 300, hourS, 8 * hourS, dayS, 7 * dayS, 28 * dayS];
const off = 'off';

export function ChooseTimer({ info }: { readonly info: ConversationInfo }): ReactNode {
  const { t, duration } = useLanguage();
  const { call } = useSession();
  const [fault, setFault] = useState<string | undefined>();
  const { disappearAfterS } = info;
  const set = (chosen: string): void => {
    setFault(undefined);
    const wanted = chosen === off ? null : Number(chosen);
    call('setTimer', { conversation: info.id, disappearAfterS: wanted }).catch((error: unknown) =>
      setFault(error instanceof CallRefusedError ? t.chat.refused[error.reason] : t.register.failure.other),
    );
  };
  // Another client may offer others.
  const lengths = new Set(disappearAfterS === null ? offered : [...offered, disappearAfterS]);
  const sorted = [...lengths].sort((left, right) => left - right);
  return (
    <Choice
      label={t.disappearing.title}
      hint={t.disappearing.hint}
      fault={fault}
      value={disappearAfterS === null ? off : `${disappearAfterS}`}
      options={[[off, t.disappearing.off], ...sorted.map((each) => [`${each}`, duration(each)] as const)]}
      onChange={set}
    />
  );
}
