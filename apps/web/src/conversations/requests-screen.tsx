/** Who waits for an answer. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { ConversationInfo } from '@cipherchat/client-sdk';
import { Screen } from '../app/screen.js';
import { useText } from '../catalogue/language-context.js';
import { Avatar } from '../controls/avatar.js';
import { pathOf } from '../routes.js';
import { useNames, useSession } from '../session/session-context.js';
import { useWatched } from '../session/watched.js';
import { requestsOf } from './requests.js';

export function RequestsScreen(): ReactNode {
  const t = useText();
  const requests = requestsOf(useWatched(useSession().conversations.all));
  return (
    <Screen title={t.request.title}>
      {requests.length === 0 && <p className="soft">{t.request.none}</p>}
      <ul className="people-list">
        {requests.map((info) => (
          <RequestItem key={info.id} info={info} />
        ))}
      </ul>
    </Screen>
  );
}

function RequestItem({ info }: { readonly info: ConversationInfo }): ReactNode {
  const t = useText();
  const from = info.addedBy ?? info.peer;
  const nameOf = useNames(from === null ? [] : [from]);
  const name = from === null ? t.chat.unknownPerson : nameOf(from);
  return (
    <li>
      <Avatar name={name} kind={info.kind === 'group' ? 'group' : 'person'} />
      <Link className="grow" href={pathOf('chat', { conversation: info.id })}>
        {info.kind === 'group' ? t.request.group(name) : t.request.one(name)}
      </Link>
    </li>
  );
}
