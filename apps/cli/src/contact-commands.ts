/** The command `contacts` and those below it, with their help. */
import { listBlocked, openInvite, setBlocked, showInvite } from './commands/arrange-contacts.js';
import { contacts } from './commands/contacts.js';
import type { MakeAction, MakeCommand } from './make-command.js';

export function addContactCommands(command: MakeCommand, act: MakeAction): void {
  const parent = command({
    usage: 'contacts',
    group: 'People and groups:',
    description: 'list the people you have conversations with; invite and block people',
  });
  parent.action(act((context) => contacts(context)));
  const group = 'Commands:';
  command({
    parent,
    group,
    usage: 'invite-link',
    description: 'print the link by which others find you; it carries your key, and is no secret',
  }).action(act((context) => showInvite(context)));
  command({
    parent,
    group,
    usage: 'open <link>',
    description: "take a person's key from their invite link",
  }).action(act((context, link: string) => openInvite(context, link)));
  command({
    parent,
    group,
    usage: 'block <username>',
    description: 'hear nothing more of a person, who can begin no conversation with you',
  }).action(act((context, username: string) => setBlocked(context, username, 'blocked')));
  command({ parent, group, usage: 'unblock <username>', description: 'undo that' }).action(
    act((context, username: string) => setBlocked(context, username, 'unblocked')),
  );
  command({ parent, group, usage: 'blocked', description: 'list whom you have blocked' }).action(
    act((context) => listBlocked(context)),
  );
}
