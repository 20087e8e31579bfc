/** The tab's title: how much is unread where the person is called, and never a name or a text, which a title bar shows to whoever looks. */
import { useEffect } from 'react';
import { useLanguage } from '../catalogue/language-context.js';
import { acceptedOf } from '../conversations/requests.js';
import { useSession } from '../session/session-context.js';
import { useWatched } from '../session/watched.js';

const appName = 'CipherChat';

export function useTitleOfTab(): void {
  const { amount } = useLanguage();
  const conversations = useWatched(useSession().conversations.all);
  const calling = acceptedOf(conversations).filter(({ notify }) => notify === 'all');
  const unread = calling.reduce((sum, { unreadCount }) => sum + unreadCount, 0);
  useEffect(() => {
    document.title = unread === 0 ? appName : `(${amount(unread).text}) ${appName}`;
  }, [unread, amount]);
}
