/** What is known of people, put together for views. */
import type { UserId } from '@cipherchat/protocol';
import { isExpectedFailure } from '../connection/expected-failure.js';
import { contactOf, isVerified } from '../keys/contacts.js';
import type { Runtime } from '../runtime.js';
import type { ContactAlarm } from '../state/people-rows.js';
import { tables } from '../state/tables.js';
import { isBlocked } from './blocks.js';
import type { PersonPresence } from './presence.js';
import { viewProfile, type Profile } from './profiles.js';

/** A person as shown. What they say of themselves (`name`, `picture`) is theirs alone to say, and proves nothing. */
export type PersonInfo = Profile & {
  readonly user: UserId;
  /** As the server names them; `null` while that was not learned. */
  readonly username: string | null;
  /** This person has compared safety numbers with them, and their account key is that one still. */
  readonly verified: boolean;
  /** What the server said of their keys that contradicts what is known. `account-key-changed` stops sending to them. */
  readonly alarm: ContactAlarm | null;
  /** What they begin is no request. */
  readonly contact: boolean;
  readonly blocked: boolean;
  /** Whether they are there, where both share it; `null` where that is not known. */
  readonly presence: PersonPresence | null;
};

/** In the order of asking, each also where nothing but the id is known. Works without a network. */
export async function viewPeople(runtime: Runtime, users: readonly UserId[]): Promise<readonly PersonInfo[]> {
  const { contacts, memory, signals, steps } = runtime;
  const usernames = await contacts.usernames(users).catch((error: unknown) => {
    if (isExpectedFailure(error)) return null;
    throw error;
  });
  const reader = steps.reader();
  return Promise.all(
    users.map(async (user) => {
      const contact = await contactOf(reader, user);
      return {
        ...viewProfile(await reader.get(tables.profiles, user)),
        user,
        username: usernames?.get(user) ?? contact.username,
        verified: isVerified(contact),
        alarm: contact.alarm,
        contact: contact.accepted,
        blocked: isBlocked(memory, user),
        presence: await signals.presence.of(reader, user),
      };
    }),
  );
}
