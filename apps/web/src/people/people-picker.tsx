/** Picks somebody by username. */
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import type { UserId } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { Field } from '../controls/field.js';
import { useSession } from '../session/session-context.js';
import { faultOf } from './people-faults.js';

export type PickedPerson = { readonly user: UserId; readonly username: string };

/** No form of its own: it stands in one. */
export function PeoplePicker({ onPicked }: { readonly onPicked: (person: PickedPerson) => void }): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [username, setUsername] = useState('');
  const [fault, setFault] = useState<string | undefined>();

  const pick = async (): Promise<void> => {
    if (username.trim() === '') return;
    setFault(undefined);
    try {
      onPicked(await call('findUser', { username: username.trim().toLowerCase() }));
      setUsername('');
    } catch (error) {
      setFault(faultOf(error, t));
    }
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    void pick();
  };

  return (
    <div className="field-row">
      <Field
        label={t.register.username}
        value={username}
        onChange={({ currentTarget }) => setUsername(currentTarget.value)}
        onKeyDown={pressed}
        fault={fault}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        dir="ltr"
      />
      <Button onClick={() => void pick()}>{t.newGroup.add}</Button>
    </div>
  );
}
