/** What was found: each with where and when it was said, and the piece of it that matches. */
import { memo, useMemo, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { SearchHit } from '@cipherchat/client-sdk';
import { useLanguage, useText } from '../catalogue/language-context.js';
import { Avatar } from '../controls/avatar.js';
import { Button } from '../controls/button.js';
import { pathOf } from '../routes.js';
import type { SearchState } from '../session/search.js';
import { useNames, usePeerPicture, useSession, useTitle } from '../session/session-context.js';
import { snippetOf } from '../text/snippet.js';
import { moveAmongResults } from './result-keys.js';

export function SearchResults({ state }: { readonly state: SearchState }): ReactNode {
  const t = useText();
  const { search } = useSession();
  const [nowMs] = useState(() => Date.now());
  if (state.hits.length === 0) return null;
  return (
    <>
      <ul className="search-results" onKeyDown={moveAmongResults}>
        {state.hits.map((hit) => (
          <li key={hit.message.id}>
            <Result hit={hit} nowMs={nowMs} />
          </li>
        ))}
      </ul>
      {state.hasMore && (
        <Button className="search-more" onClick={() => void search.more()}>
          {t.search.more}
        </Button>
      )}
    </>
  );
}

const Result = memo(function Result({
  hit,
  nowMs,
}: {
  readonly hit: SearchHit;
  readonly nowMs: number;
}): ReactNode {
  const { when } = useLanguage();
  const { histories } = useSession();
  const { message, conversation: info } = hit;
  const title = useTitle(info);
  const picture = usePeerPicture(info);
  return (
    <Link
      className="conversation search-result"
      href={pathOf('chat', { conversation: message.conversation })}
      onClick={() => void histories.of(message.conversation).goTo(message.id)}
    >
      <Avatar name={title} kind={info.kind === 'direct' ? 'person' : 'group'} picture={picture} />
      <span className="conversation-text">
        <span className="conversation-line">
          <bdi className="one-line conversation-name">{title}</bdi>
          <time className="soft" dateTime={new Date(message.atMs).toISOString()}>
            {when(message.atMs, nowMs)}
          </time>
        </span>
        <Said hit={hit} />
      </span>
    </Link>
  );
});

function Said({ hit: { message, conversation, ranges } }: { readonly hit: SearchHit }): ReactNode {
  const t = useText();
  const sender = message.sender?.user ?? null;
  const nameOf = useNames(sender === null ? [] : [sender]);
  const isNamed = conversation.kind === 'group' && !message.own && sender !== null;
  const parts = useMemo(
    () => (message.body.kind === 'text' ? snippetOf(message.body.text, ranges) : []),
    [message.body, ranges],
  );
  return (
    <span className="search-said">
      {message.own && <span>{t.conversations.you} </span>}
      {isNamed && (
        <span>
          <bdi>{nameOf(sender)}</bdi>
          {t.conversations.afterName}{' '}
        </span>
      )}
      <bdi>
        {parts.map(({ kind, text }, index) =>
          kind === 'match' ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
        )}
      </bdi>
    </span>
  );
}
