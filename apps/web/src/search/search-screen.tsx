/** Looking for messages, in all conversations or in one. */
import { useEffect, type ReactNode } from 'react';
import { Link, useParams } from 'wouter';
import type { ConversationId } from '@cipherchat/client-sdk';
import { NotFound } from '../app/empty-pane.js';
import { ScreenBar } from '../app/screen.js';
import { useLanguage, useText } from '../catalogue/language-context.js';
import { Button } from '../controls/button.js';
import { pathOf, routes } from '../routes.js';
import type { SearchState } from '../session/search.js';
import { useSession, useTitle } from '../session/session-context.js';
import { useWatched } from '../session/watched.js';
import { SearchField } from './search-field.js';
import { SearchResults } from './search-results.js';
import './search.css';

export function SearchScreen(): ReactNode {
  const t = useText();
  return <Looking within={null} back={routes.conversations} title={t.search.title} />;
}

export function SearchInScreen(): ReactNode {
  const { conversation } = useParams<{ conversation: string }>();
  const { conversations } = useSession();
  useWatched(conversations.all);
  const isWhole = useWatched(conversations.isWhole);
  const info = conversations.find(conversations.currentId(conversation as ConversationId));
  if (info !== null) return <LookingIn key={info.id} info={info} />;
  return isWhole ? <NotFound /> : null;
}

function LookingIn({ info }: { readonly info: Parameters<typeof useTitle>[0] }): ReactNode {
  const t = useText();
  const title = t.search.within(useTitle(info));
  return <Looking within={info.id} back={pathOf('details', { conversation: info.id })} title={title} />;
}

function Looking({
  within,
  back,
  title,
}: {
  readonly within: ConversationId | null;
  readonly back: string;
  readonly title: string;
}): ReactNode {
  const { search } = useSession();
  useEffect(() => search.enter(within), [search, within]);
  const state = useWatched(search.state);
  // For one drawing it may still be what was looked for elsewhere.
  return state.within === within ? <Found state={state} back={back} title={title} /> : null;
}

function Found({
  state,
  back,
  title,
}: {
  readonly state: SearchState;
  readonly back: string;
  readonly title: string;
}): ReactNode {
  return (
    <search className="search">
      <ScreenBar
        back={back}
        title={
          <>
            <h1 className="for-readers">{title}</h1>
            <SearchField text={state.text} label={title} />
          </>
        }
      />
      <div className="search-scroll" aria-busy={state.progress === 'looking'}>
        <Progress state={state} />
        <SearchResults state={state} />
      </div>
    </search>
  );
}

/** How it stands, also for who does not see the list. */
function Progress({ state }: { readonly state: SearchState }): ReactNode {
  const { t, amount } = useLanguage();
  const { progress, hits, hasMore } = state;
  const isNone = progress === 'found' && hits.length === 0;
  return (
    <>
      <p className="for-readers" role="status">
        {progress === 'found' &&
          !isNone &&
          (hasMore ? t.search.foundNewest : t.search.found)(amount(hits.length))}
        {isNone && t.search.none}
      </p>
      {progress === 'nothing' && <Empty>{t.search.hint}</Empty>}
      {progress === 'looking' && hits.length === 0 && <Empty>{t.app.loading}</Empty>}
      {progress === 'failed' && <Failed />}
      {isNone && <None state={state} />}
    </>
  );
}

function None({ state }: { readonly state: SearchState }): ReactNode {
  const t = useText();
  const { search } = useSession();
  return (
    <Empty>
      <strong>{t.search.none}</strong>
      {state.text.trim().includes(' ') && <span>{t.search.noneHint}</span>}
      {state.within !== null && (
        <Link className="button" href={routes.search} onClick={() => search.widen()}>
          {t.search.everywhere}
        </Link>
      )}
    </Empty>
  );
}

function Failed(): ReactNode {
  const t = useText();
  const { search } = useSession();
  return (
    <Empty>
      <strong role="alert">{t.search.failed}</strong>
      <Button onClick={() => search.again()}>{t.app.retry}</Button>
    </Empty>
  );
}

function Empty({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="empty">{children}</div>;
}
