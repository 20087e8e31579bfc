/** A conversation's details: its name, who is in it, and how to leave. */
import { Search } from 'lucide-react';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import type { ConversationId, ConversationInfo, Member, UserId } from '@cipherchat/client-sdk';
import { NotFound } from '../app/empty-pane.js';
import { Screen } from '../app/screen.js';
import { useLanguage, useText } from '../catalogue/language-context.js';
import { Avatar } from '../controls/avatar.js';
import { Button } from '../controls/button.js';
import { Confirm } from '../controls/dialog.js';
import { Field, Switch } from '../controls/field.js';
import { PeoplePicker } from '../people/people-picker.js';
import { pathOf, routes } from '../routes.js';
import { pictureAddress } from '../session/people.js';
import {
  useNames,
  usePeerPicture,
  usePerson,
  useSelf,
  useSession,
  useTitle,
} from '../session/session-context.js';
import { useWatched } from '../session/watched.js';
import { ChooseTimer } from './choose-timer.js';

export function DetailsScreen(): ReactNode {
  const { conversation } = useParams<{ conversation: string }>();
  const { conversations } = useSession();
  useWatched(conversations.all);
  const isWhole = useWatched(conversations.isWhole);
  const info = conversations.find(conversations.currentId(conversation as ConversationId));
  if (info !== null) return <Details key={info.id} info={info} />;
  return isWhole ? <NotFound /> : null;
}

function Details({ info }: { readonly info: ConversationInfo }): ReactNode {
  const t = useText();
  const title = useTitle(info);
  const isMember = info.phase !== 'removed' && info.phase !== 'leaving';
  const isGroup = info.kind === 'group';
  return (
    <Screen title={t.details.title} back={pathOf('chat', { conversation: info.id })}>
      <div className="row">
        <Avatar
          name={title}
          kind={isGroup ? 'group' : 'person'}
          size="large"
          picture={usePeerPicture(info)}
        />
        <p className="grow one-line large-name">
          <bdi>{title}</bdi>
        </p>
      </div>
      <Link className="button wide" href={pathOf('searchIn', { conversation: info.id })}>
        <Search size={20} aria-hidden="true" />
        {t.search.titleIn}
      </Link>
      {isGroup && isMember && <Rename info={info} />}
      {isMember && info.standing === 'accepted' && <ChooseTimer info={info} />}
      <Mute info={info} />
      <Members info={info} isChangeable={isGroup && isMember} />
      {isGroup && isMember && <Leave conversation={info.id} />}
    </Screen>
  );
}

function Rename({ info }: { readonly info: ConversationInfo }): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [name, setName] = useState(info.name ?? '');
  const [fault, setFault] = useState<string | undefined>();
  const save = (event: FormEvent): void => {
    event.preventDefault();
    setFault(undefined);
    call('rename', { conversation: info.id, name: name.trim() }).catch(() =>
      setFault(t.chat.refused['text-too-long']),
    );
  };
  return (
    <form className="field-row" onSubmit={save}>
      <Field
        label={t.details.rename}
        value={name}
        maxLength={64}
        dir="auto"
        autoComplete="off"
        fault={fault}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Button type="submit" disabled={name.trim() === (info.name ?? '')}>
        {t.app.save}
      </Button>
    </form>
  );
}

function Mute({ info }: { readonly info: ConversationInfo }): ReactNode {
  const t = useText();
  const { call } = useSession();
  return (
    <Switch
      label={t.details.mute}
      hint={t.details.muteHint}
      checked={info.notify === 'none'}
      onChange={(checked) =>
        void call('setNotify', { conversation: info.id, notify: checked ? 'none' : 'all' })
      }
    />
  );
}

function Members({
  info,
  isChangeable,
}: {
  readonly info: ConversationInfo;
  readonly isChangeable: boolean;
}): ReactNode {
  const { t, amount } = useLanguage();
  const { call } = useSession();
  const [members, setMembers] = useState<readonly Member[]>([]);
  const conversation = info.id;
  // Who is in it changes with its log.
  useEffect(
    () => void call('members', { conversation }).then(setMembers),
    [call, conversation, info.cursorSeq, info.phase],
  );
  const byUser = [...Map.groupBy(members, ({ user }) => user)];
  return (
    <section className="card">
      <h2>{t.details.members(amount(byUser.length))}</h2>
      {isChangeable && (
        <PeoplePicker onPicked={({ user }) => void call('add', { conversation, users: [user] })} />
      )}
      <ul className="people-list">
        {byUser.map(([user, devices]) => (
          <MemberItem
            key={user}
            user={user}
            standing={info.standing}
            devices={devices}
            onRemove={isChangeable ? () => void call('remove', { conversation, users: [user] }) : null}
          />
        ))}
      </ul>
    </section>
  );
}

function MemberItem({
  user,
  standing,
  devices,
  onRemove,
}: {
  readonly user: UserId;
  /** Of the conversation: who asks to be let in shows no picture. */
  readonly standing: ConversationInfo['standing'];
  readonly devices: readonly Member[];
  readonly onRemove: (() => void) | null;
}): ReactNode {
  const { t, amount } = useLanguage();
  const self = useSelf();
  const nameOf = useNames([user]);
  const person = usePerson(user);
  const picture = standing === 'accepted' ? pictureAddress(person?.picture ?? null) : null;
  const [isAsking, setAsking] = useState(false);
  const isSelf = user === self.user;
  const name = nameOf(user);
  const isSuspicious = devices.some(({ check }) => check !== 'genuine' && check !== 'unchecked');
  return (
    <li>
      <Avatar name={name} size="small" picture={picture} />
      <div className="grow">
        <p className="one-line">
          {isSelf ? (
            t.chat.you
          ) : (
            <bdi>
              <Link href={pathOf('person', { user })}>{name}</Link>
            </bdi>
          )}
        </p>
        <p className="soft">{t.details.devices(amount(devices.length))}</p>
        {isSuspicious && <p className="fault">{t.details.unverified}</p>}
      </div>
      {!isSelf && onRemove !== null && (
        <Button onClick={() => setAsking(true)} aria-label={t.details.removeWhom(name)}>
          {t.details.remove}
        </Button>
      )}
      {isAsking && onRemove !== null && (
        <Confirm
          question={t.details.removeSure(name)}
          action={t.details.remove}
          onConfirm={onRemove}
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  );
}

function Leave({ conversation }: { readonly conversation: ConversationId }): ReactNode {
  const t = useText();
  const { call } = useSession();
  const [, navigate] = useLocation();
  const [isAsking, setAsking] = useState(false);
  const leave = async (): Promise<void> => {
    await call('leave', { conversation });
    navigate(routes.conversations);
  };
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        {t.details.leave}
      </Button>
      {isAsking && (
        <Confirm
          question={t.details.leaveSure}
          action={t.details.leave}
          onConfirm={() => void leave()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
