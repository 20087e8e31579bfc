/** Notifications while a tab is open and nobody looks at it: they say who wrote, never what. */
import type { Message, UserId } from '@cipherchat/client-sdk';
import type { Language } from '../catalogue/languages.js';
import { pathOf } from '../routes.js';
import type { Session } from '../session/session.js';
import type { Watched } from '../session/watched.js';
import { preferences } from '../settings/preferences.js';
import { lineText } from '../text/plain.js';

/** What came while nobody was connected is told by the list; only what is new now makes a noise. */
const maxAgeMs = 60_000;
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
  if (!isWanted || message.own || message.sender === null || message.body.kind !== 'text') return;
  if (Date.now() - message.atMs > maxAgeMs) return;
  const { conversation } = message;
  // Of a stranger only the request is told, in the list.
  if (session.conversations.find(conversation)?.standing !== 'accepted') return;
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
