/** The list of conversations, newest activity first. */
import { MessageSquarePlus, Search, Settings, UserRoundPlus } from 'lucide-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { Virtualizer } from 'virtua';
import { Link, useLocation } from 'wouter';
import { useLanguage, useText } from '../catalogue/language-context.js';
import { InstallOffers } from '../install/install-offers.js';
import { pathOf, routes } from '../routes.js';
import { useSession } from '../session/session-context.js';
import { useWatched } from '../session/watched.js';
import { ConversationItem } from './conversation-item.js';
import { acceptedOf, requestsOf } from './requests.js';
import './conversations.css';

export function ConversationsPane(): ReactNode {
  const t = useText();
  const [path] = useLocation();
  const known = useSession().conversations;
  const all = useWatched(known.all);
  const isWhole = useWatched(known.isWhole);
  const conversations = useMemo(() => acceptedOf(all), [all]);
  const requests = useMemo(() => requestsOf(all), [all]);
  const nowMs = useMinute();
  return (
    <nav className="list-pane" aria-label={t.conversations.title}>
      <header className="bar">
        <h1 className="bar-title one-line" tabIndex={-1}>
          {t.conversations.title}
        </h1>
        <IconLink href={routes.search} label={t.conversations.search}>
          <Search size={20} aria-hidden="true" />
        </IconLink>
        <IconLink href={routes.settings} label={t.conversations.settings}>
          <Settings size={20} aria-hidden="true" />
        </IconLink>
        <IconLink href={routes.newConversation} label={t.conversations.new}>
          <MessageSquarePlus size={20} aria-hidden="true" />
        </IconLink>
      </header>
      <InstallOffers />
      {requests.length > 0 && <RequestsLink count={requests.length} />}
      {isWhole && conversations.length === 0 && requests.length === 0 ? (
        <EmptyList />
      ) : (
        <div className="list-scroll" tabIndex={-1}>
          <Virtualizer as="ul" item="li" itemSize={72} bufferSize={400} data={conversations}>
            {(info) => (
              <ConversationItem
                key={info.id}
                info={info}
                nowMs={nowMs}
                isCurrent={path.startsWith(pathOf('chat', { conversation: info.id }))}
              />
            )}
          </Virtualizer>
        </div>
      )}
    </nav>
  );
}

function RequestsLink({ count }: { readonly count: number }): ReactNode {
  const { t, amount } = useLanguage();
  return (
    <Link className="requests-link" href={routes.requests}>
      <UserRoundPlus size={20} aria-hidden="true" />
      {t.request.amount(amount(count))}
    </Link>
  );
}

function EmptyList(): ReactNode {
  const t = useText();
  return (
    <div className="empty">
      <h2>{t.conversations.empty}</h2>
      <p>{t.conversations.emptyText}</p>
      <Link className="button main" href={routes.newConversation}>
        {t.conversations.new}
      </Link>
      <Link className="button" href={routes.share}>
        {t.newConversation.share}
      </Link>
    </div>
  );
}

function IconLink({
  href,
  label,
  children,
}: {
  readonly href: string;
  readonly label: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Link className="icon-button" href={href} aria-label={label} title={label}>
      {children}
    </Link>
  );
}

/** The time, to the minute: "yesterday" moves on by itself. */
function useMinute(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
