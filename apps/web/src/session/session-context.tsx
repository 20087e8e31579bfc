/** The session of the views below, and what they read of it. */
import { createContext, use, useEffect } from 'react';
import type { ConversationInfo, PersonInfo, PersonPresence, UserId } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { lineText } from '../text/plain.js';
import { pictureAddress } from './people.js';
import type { Session } from './session.js';
import { useWatched } from './watched.js';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = use(SessionContext);
  if (session === null) throw new Error('a view stands outside of its session');
  return session;
}

/** Who this is. Only views of an open account ask. */
export function useSelf() {
  const status = useWatched(useSession().status);
  if (status.kind !== 'open') throw new Error('there is no account yet');
  return status.self;
}

/** Names are bounded by the server; this holds for what it would say if it lied. */
const maxNameLength = 64;

/** What is known of people, by id; asks for who was not on the screen before. */
function usePeople(users: readonly UserId[]): ReadonlyMap<UserId, PersonInfo> {
  const { people } = useSession();
  const known = useWatched(people.known);
  const wanted = users.join(' ');
  useEffect(() => people.want(wanted === '' ? [] : (wanted.split(' ') as UserId[])), [people, wanted]);
  return known;
}

/** What to call people, by id: as they call themselves, else by their username. */
export function useNames(users: readonly UserId[]): (user: UserId) => string {
  const t = useText();
  const people = usePeople(users);
  return (user) => {
    const person = people.get(user);
    return lineText(person?.name ?? person?.username ?? '', maxNameLength) || t.chat.unknownPerson;
  };
}

/** One person; `null` until they are known. */
export function usePerson(user: UserId | null): PersonInfo | null {
  const people = usePeople(user === null ? [] : [user]);
  return user === null ? null : (people.get(user) ?? null);
}

/** Address of the picture of who one writes with; not of a request, where a stranger chose what one would see. */
export function usePeerPicture({ peer, standing }: ConversationInfo): string | null {
  const person = usePerson(peer);
  return person === null || standing !== 'accepted' ? null : pictureAddress(person.picture);
}

/** Whether who one writes with is there; `null` where that is not known or not shared. */
export function usePeerPresence({ peer }: ConversationInfo): PersonPresence | null {
  return usePerson(peer)?.presence ?? null;
}

/** What to call a conversation. */
export function useTitle(info: ConversationInfo): string {
  const t = useText();
  const nameOf = useNames(info.peer === null ? [] : [info.peer]);
  if (info.peer !== null) return nameOf(info.peer);
  return lineText(info.name ?? '', maxNameLength) || t.conversations.unnamedGroup;
}
