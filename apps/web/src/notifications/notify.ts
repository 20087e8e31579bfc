/** Notifications while a tab is open and nobody looks at it: they say who wrote, never what. */
import type { Message, UserId } from '@cipherchat/client-sdk';
import type { Language } from '../catalogue/languages.js';
import { pathOf } from '../routes.js';
import type { Session } from '../session/session.js';
import type { Watched } from '../session/watched.js';
import { preferences } from '../settings/preferences.js';
import { lineText } from '../text/plain.js';
import { callsFor } from './calls-for.js';

const maxNameLength = 64;
/** Tabs hear of the same message: whoever gets this lock first tells of it. */
const lockName = 'cipherchat.notify';

export function followNotifications(session: Session, spoken: Watched<Language>): void {
  session.listeners.add((event) => {
    if (event.type === 'message') void told(session, spoken, event.data);
  });
}

async function told(session: Session, spoken: Watched<Language>, message: Message): Promise<void> {
  const isWanted = preferences.read().notifications === 'on' && Notification.permission === 'granted';
  const info = session.conversations.find(message.conversation);
  if (!isWanted || message.sender === null || !callsFor({ message, info, nowMs: Date.now() })) return;
  const { user } = message.sender;
  const name = lineText(personName(session, user), maxNameLength);
  await navigator.locks.request(lockName, { ifAvailable: true }, async (lock) => {
    if (lock === null || document.visibilityState === 'visible') return;
    const { t } = spoken.read();
    await show(t.notices.newMessage(name || t.chat.unknownPerson), message);
    // Held for a moment, so that another tab that is a little later does not tell of it again.
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
}

function personName({ people }: Session, user: UserId): string {
  const person = people.known.read().get(user);
  return person?.name ?? person?.username ?? '';
}

async function show(title: string, { conversation }: Message): Promise<void> {
  const path = pathOf('chat', { conversation });
  const registration = await navigator.serviceWorker.getRegistration();
  // The tag replaces: a conversation has one notification, however much is written in it.
  await registration?.showNotification(title, { tag: path, icon: '/icon-192.png', badge: '/icon-192.png' });
}
