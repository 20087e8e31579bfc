/** What stands beside the list when nothing is open. */
import { MessagesSquare } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useText } from '../catalogue/language-context.js';
import { routes } from '../routes.js';

export function EmptyPane(): ReactNode {
  const t = useText();
  return (
    <div className="empty">
      <MessagesSquare size={48} strokeWidth={1.25} aria-hidden="true" />
      <p>{t.conversations.choose}</p>
    </div>
  );
}

export function NotFound(): ReactNode {
  const t = useText();
  return (
    <div className="empty">
      <h1 tabIndex={-1}>{t.app.notFound}</h1>
      <Link className="button" href={routes.conversations}>
        {t.app.toConversations}
      </Link>
    </div>
  );
}
