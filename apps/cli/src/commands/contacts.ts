import type { PersonPresence, UserId } from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { withClient } from '../open-client.js';
import { findPerson, People, titleOf } from '../people.js';
import { safeLine } from '../terminal/safe-text.js';

/** Everybody one has a conversation with, and whether their devices are what their accounts say. */
export async function contacts(context: Context): Promise<void> {
  await withClient(context, async (client) => {
    const people = new People(client);
    const found = new Map<UserId, { readonly titles: string[]; readonly checks: Set<string> }>();
    for (const info of client.conversations()) {
      const title = await titleOf(info, people);
      const members = await client.conversation(info.id).members();
      const users = new Set([...members.map(({ user }) => user), ...(info.peer === null ? [] : [info.peer])]);
      users.delete(client.self.user);
      for (const user of users) {
        const entry = found.get(user) ?? { titles: [], checks: new Set() };
        entry.titles.push(info.kind === 'direct' ? '1:1' : title);
        for (const member of members.filter((each) => each.user === user)) entry.checks.add(member.check);
        found.set(user, entry);
      }
    }
    await people.learn([...found.keys()]);
    const known = await client.contacts.people([...found.keys()]);
    const presences = new Map(known.map(({ user, presence }) => [user, presence]));
    if (found.size === 0) context.output.note('Nobody yet. Write to somebody: cipherchat chat USERNAME');
    for (const [user, { titles, checks }] of found) {
      const name = people.nameOf(user);
      const state = keysState([...checks]);
      const presence = presences.get(user) ?? null;
      const text = `${safeLine(name).padEnd(24)} ${titles.join(', ')}${presenceText(presence)}${state === 'genuine' ? '' : `  ! keys: ${state}`}`;
      context.output.result({
        json: { kind: 'contact', user, username: name, keys: state, conversations: titles, presence },
        text,
      });
    }
  });
}

/** The day, as an hour would say more than it knows. */
function presenceText(presence: PersonPresence | null): string {
  if (presence === null) return '';
  if (presence.kind === 'here') return '  (here)';
  return `  (last seen ${new Date(presence.hourMs).toLocaleDateString()})`;
}

/** The worst that was found of any device. */
function keysState(checks: readonly string[]): string {
  return (
    checks.find((check) => check !== 'genuine' && check !== 'unchecked') ??
    (checks.includes('unchecked') ? 'unchecked' : 'genuine')
  );
}

/** Numbers to compare with a person in the same room, or over another channel. */
export async function safetyNumber(context: Context, username: string): Promise<void> {
  await withClient(context, async (client) => {
    const user = await findPerson(client, username);
    const { digits, code } = await client.safetyNumber(user);
    const offered = await client.offeredSafetyNumber(user);
    context.output.result({
      json: { kind: 'safety-number', user, username, digits, code, offered: offered?.digits ?? null },
      text: [
        `Safety number between you and ${safeLine(username)}:`,
        '',
        ...inRows(digits),
        '',
        ...(offered === null ? [] : offeredRows(offered.digits)),
        'Ask them for theirs, in person or on the phone. If all digits are the same, nobody stands between you.',
      ].join('\n'),
    });
  });
}

function inRows(digits: string): readonly string[] {
  const groups = digits.split(' ');
  return [groups.slice(0, 4), groups.slice(4, 8), groups.slice(8, 12)].map((row) => `    ${row.join(' ')}`);
}

function offeredRows(digits: string): readonly string[] {
  return [
    'The server now names another key for them. With that key it would be:',
    '',
    ...inRows(digits),
    '',
    'Nothing is sent to them until you say which of the two they have: cipherchat accept-key USERNAME DIGITS',
  ];
}

/** Says which key of a person is right, by the safety number that was compared with them. */
export async function acceptKey(
  context: Context,
  username: string,
  digits: readonly string[],
): Promise<void> {
  await withClient(context, async (client) => {
    const user = await findPerson(client, username);
    const settled = await client.settleAccountKey({ user, digits: digits.join(' ') });
    const text =
      settled === 'offered'
        ? `${safeLine(username)} has a new key from now on. Their devices of before are removed from your conversations.`
        : `The key of ${safeLine(username)} stays as you know it. If the server names another one again, you are told.`;
    context.output.result({ json: { kind: 'key-settled', user, username, key: settled }, text });
  });
}
