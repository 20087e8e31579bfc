/**
 * What three people do while everything is recorded: as many different things as the product can do, so
 * that every column, key, subject and frame is used.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { readInviteLink, type ConversationId } from '@cipherchat/client-sdk';
import type { IsolatedSystem } from '@cipherchat/test-kit';
import type { RecordingProxy } from '../capture/recording-proxy.js';
import { keySecret, textSecret } from '../detector/secret.js';
import { Canaries } from './canaries.js';
import { idSecrets } from './identifiers.js';
import { sendMalformed } from './malformed.js';
import { Person } from './person.js';

export type Played = {
  readonly people: readonly Person[];
  readonly canaries: Canaries;
  readonly messages: number;
};

const stepTimeoutMs = 30_000;
const pollMs = 20;
const longMessageBytes = 60 * 1024;
/** Past the life of an access token, so that the refresh token is used. */
const clockAheadMs = 11 * 60_000;

export async function playConversation(params: {
  readonly system: IsolatedSystem;
  readonly proxy: RecordingProxy;
  readonly say: (line: string) => void;
}): Promise<Played> {
  const { system, proxy, say } = params;
  const canaries = new Canaries();
  const [anna, ben, cleo] = [new Person('anna'), new Person('ben'), new Person('cleo')];
  const people = [anna, ben, cleo];
  canaries.know(
    textSecret({ name: 'the bootstrap token', text: system.bootstrapToken, allowedAt: ['http'] }),
  );

  say('  registration');
  await anna.register({ serverUrl: system.serverUrl, bootstrapToken: system.bootstrapToken });
  for (const person of [ben, cleo]) await person.register({ serverUrl: system.serverUrl });
  for (const secret of people.flatMap((person) => person.identifiers())) canaries.know(secret);
  const count = { messages: 0 };
  const saying = async (params: {
    readonly from: Person;
    readonly to: ConversationId;
    readonly readers: readonly Person[];
    readonly text: string;
  }): Promise<void> => {
    const { from, to, readers, text } = params;
    await from.client.conversation(to).send(text);
    count.messages++;
    await until(`a message of ${from.name}`, () => readers.every((reader) => reader.hasShown(text)));
  };

  say('  a conversation of two');
  const direct = await anna.client.direct(ben.client.self.user);
  await saying({ from: anna, to: direct.id, readers: [ben], text: canaries.text('the first message') });
  await saying({ from: ben, to: direct.id, readers: [anna], text: canaries.text('an answer') });
  const long = canaries.text('the end of a long message');
  await saying({ from: anna, to: direct.id, readers: [ben], text: `${'x'.repeat(longMessageBytes)}${long}` });
  await typeAndRead({ typist: anna, reader: ben, conversation: direct.id });

  say('  a group');
  const group = await anna.client.group({
    users: [ben.client.self.user],
    name: canaries.text('the name of a group'),
  });
  for (const [name, { id }] of Object.entries({ 'the conversation of two': direct, 'the group': group }))
    for (const secret of idSecrets({ name: `the id of ${name}`, id })) canaries.know(secret);
  await until('the group', () => isActive(ben, group.id));
  await saying({ from: anna, to: group.id, readers: [ben], text: canaries.text('a message to a group') });
  await group.rename(canaries.text('the new name of a group'));
  await group.add([cleo.client.self.user]);
  await until('cleo in the group', () => isActive(cleo, group.id));
  await saying({
    from: cleo,
    to: group.id,
    readers: [anna, ben],
    text: canaries.text('a message of the newcomer'),
  });
  await typeAndRead({ typist: ben, reader: cleo, conversation: group.id });
  await group.remove([cleo.client.self.user]);
  await until('cleo to be removed', () => phaseOf(cleo, group.id) === 'removed');
  await saying({
    from: ben,
    to: group.id,
    readers: [anna],
    text: canaries.text('a message after a removal'),
  });

  say('  a lost network, an offline device, a refreshed session');
  proxy.cutSockets();
  await saying({
    from: anna,
    to: direct.id,
    readers: [ben],
    text: canaries.text('a message after a lost network'),
  });
  await ben.close();
  const offline = canaries.text('a message to an offline device');
  await direct.send(offline);
  count.messages++;
  await ben.open({ clock: { nowMs: () => Date.now() + clockAheadMs, setTimer } });
  await until('ben to catch up', () => ben.hasShown(offline));

  say('  safety numbers, devices, invites, locked accounts, mistakes');
  await administrate({ anna, ben, canaries });
  await sendMalformed({ system, canaries });
  await leaveAndDelete({ anna, cleo });
  await Promise.all(people.map((person) => person.close()));
  return { people, canaries, messages: count.messages };
}

function setTimer(callback: () => void, delayMs: number): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}

async function typeAndRead(params: {
  readonly typist: Person;
  readonly reader: Person;
  readonly conversation: ConversationId;
}): Promise<void> {
  const { typist, reader, conversation } = params;
  let typed = false;
  const stop = reader.client.on('typing', () => (typed = true));
  await until('typing to be seen', () => {
    typist.client.conversation(conversation).setTyping(true);
    return typed;
  });
  stop();
  await reader.client.conversation(conversation).markRead();
  await until('a read mark', () => sawReadMark({ typist, reader, conversation }));
}

async function sawReadMark(params: {
  readonly typist: Person;
  readonly reader: Person;
  readonly conversation: ConversationId;
}): Promise<boolean> {
  const { typist, reader, conversation: id } = params;
  const conversation = typist.client.conversation(id);
  // The last, not the first: receipts of a message name only who was a member then.
  const last = (await conversation.messages()).findLast(({ seq }) => seq !== null);
  return last !== undefined && (await conversation.receipts(last.id)).get(reader.client.self.user) === 'read';
}

async function administrate(params: {
  readonly anna: Person;
  readonly ben: Person;
  readonly canaries: Canaries;
}): Promise<void> {
  const { anna, ben, canaries } = params;
  await anna.client.safetyNumber(ben.client.self.user);
  await anna.client.findUser(ben.username);
  const { account } = anna.client;
  await account.devices();
  const { invite } = await account.createInvite({ uses: 2, expiresInS: 600 });
  canaries.know(textSecret({ name: 'an invite', text: invite, allowedAt: ['http'] }));
  const dora = new Person('dora');
  await dora.register({ serverUrl: anna.client.self.serverUrl, invite });
  await comeByInvite({ host: anna, guest: dora, canaries });
  await account.disableUser(dora.client.self.user);
  await account.enableUser(dora.client.self.user);
  await dora.close();
}

/** With a token in it, which its maker knows, and who opens it. */
async function comeByInvite(params: {
  readonly host: Person;
  readonly guest: Person;
  readonly canaries: Canaries;
}): Promise<void> {
  const { host, guest, canaries } = params;
  const { link, usesLeft: usesBefore } = await host.client.contacts.inviteLinkWithToken();
  const read = readInviteLink(link);
  if (read.kind !== 'person' || read.token === null) throw new Error('the invite has no token');
  canaries.know(keySecret({ name: 'the token of an invite link', bytes: read.token }));
  await guest.client.contacts.openInvite(link);
  await guest.client.direct(host.client.self.user);
  await until('the guest to be let in', async () => {
    const { usesLeft } = await host.client.contacts.inviteLinkWithToken();
    return usesLeft === usesBefore - 1;
  });
}

async function leaveAndDelete(params: { readonly anna: Person; readonly cleo: Person }): Promise<void> {
  const { anna, cleo } = params;
  const group = await cleo.client.group({ users: [anna.client.self.user] });
  await until('the second group', () => isActive(anna, group.id));
  await anna.client.conversation(group.id).leave();
  await until('anna to have left', () => phaseOf(anna, group.id) !== 'active');
  const { account, self } = cleo.client;
  await account.revokeDevice(self.device);
  await anna.client.account.signOut();
}

function phaseOf(person: Person, conversation: ConversationId): string | undefined {
  return person.client.conversations().find(({ id }) => id === conversation)?.phase;
}

function isActive(person: Person, conversation: ConversationId): boolean {
  return phaseOf(person, conversation) === 'active';
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + stepTimeoutMs;
  while (!(await isSo())) {
    if (performance.now() > deadline)
      throw new Error(`${what}: it did not happen within ${stepTimeoutMs / 1_000} s`);
    await pause(pollMs);
  }
}
