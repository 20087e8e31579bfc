/** A new group: who is in it, and its name. */
import { X } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { ConversationId, UserId } from '@cipherchat/client-sdk';
import { Screen } from '../app/screen.js';
import { useText } from '../catalogue/language-context.js';
import { Avatar } from '../controls/avatar.js';
import { Button, IconButton } from '../controls/button.js';
import { Field } from '../controls/field.js';
import { pathOf, routes } from '../routes.js';
import { useSession } from '../session/session-context.js';
import { faultOf } from './people-faults.js';
import { PeoplePicker, type PickedPerson } from './people-picker.js';

/** Of UTF-16 units: well below the limit of the name in bytes. */
const maxNameLength = 64;

export function NewGroupScreen(): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const [people, setPeople] = useState<readonly PickedPerson[]>([]);
  // Made once: pressing twice, or a tab that takes over in between, makes one group.
  const [id] = useState(() => crypto.randomUUID() as ConversationId);
  const [fault, setFault] = useState<string | undefined>();

  const create = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const users: readonly UserId[] = people.map(({ user }) => user);
    const named = name.trim() === '' ? {} : { name: name.trim() };
    try {
      await call('group', { id, users, ...named });
      navigate(pathOf('chat', { conversation: id }));
    } catch (error) {
      setFault(faultOf(error, t));
    }
  };

  return (
    <Screen title={t.newGroup.title} back={routes.newConversation}>
      <form className="stack" onSubmit={(event) => void create(event)}>
        <Field
          label={t.newGroup.name}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          maxLength={maxNameLength}
          autoComplete="off"
          dir="auto"
          fault={fault}
        />
        <h2>{t.newGroup.people}</h2>
        <PeoplePicker onPicked={(person) => setPeople((all) => withPerson(all, person))} />
        <ul className="people-list">
          {people.map(({ user, username }) => (
            <li key={user}>
              <Avatar name={username} size="small" />
              <span className="grow one-line">
                <bdi>{username}</bdi>
              </span>
              <IconButton
                label={t.newGroup.remove(username)}
                onClick={() => setPeople((all) => all.filter((person) => person.user !== user))}
              >
                <X size={18} aria-hidden="true" />
              </IconButton>
            </li>
          ))}
        </ul>
        <Button type="submit" look="main" disabled={people.length === 0}>
          {t.newGroup.create}
        </Button>
      </form>
    </Screen>
  );
}

function withPerson(people: readonly PickedPerson[], person: PickedPerson): readonly PickedPerson[] {
  return people.some(({ user }) => user === person.user) ? people : [...people, person];
}
