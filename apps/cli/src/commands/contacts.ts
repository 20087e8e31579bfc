import type { UserId } from '@cipherchat/client-sdk';
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
    if (found.size === 0) context.output.note('Nobody yet. Write to somebody: cipherchat chat USERNAME');
    for (const [user, { titles, checks }] of found) {
      const name = people.nameOf(user);
      const state = keysState([...checks]);
      const text = `${safeLine(name).padEnd(24)} ${titles.join(', ')}${state === 'genuine' ? '' : `  ! keys: ${state}`}`;
      context.output.result({
        json: { kind: 'contact', user, username: name, keys: state, conversations: titles },
        text,
      });
    }
  });
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
    const groups = digits.split(' ');
    const rows = [groups.slice(0, 4), groups.slice(4, 8), groups.slice(8, 12)].map(
      (row) => `    ${row.join(' ')}`,
    );
    context.output.result({
      json: { kind: 'safety-number', user, username, digits, code },
      text: [
        `Safety number between you and ${safeLine(username)}:`,
        '',
        ...rows,
        '',
        'Ask them for theirs, in person or on the phone. If all digits are the same, nobody stands between you.',
      ].join('\n'),
    });
  });
}
