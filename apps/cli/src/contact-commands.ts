/** The command `contacts` and those below it, requests and one's own profile, with their help. */
import {
  listBlocked,
  openInvite,
  resetInvites,
  setBlocked,
  showInvite,
  type InviteOptions,
} from './commands/arrange-contacts.js';
import { contacts } from './commands/contacts.js';
import { ownProfile, type ProfileOptions } from './commands/own-profile.js';
import { acceptRequest, declineRequest, requests, type DeclineOptions } from './commands/requests.js';
import type { MakeAction, MakeCommand } from './make-command.js';

const people = 'People and groups:';

export function addContactCommands(command: MakeCommand, act: MakeAction): void {
  addRequestCommands(command, act);
  const parent = command({
    usage: 'contacts',
    group: people,
    description: 'list the people you have conversations with; invite and block people',
  });
  parent.action(act((context) => contacts(context)));
  const group = 'Commands:';
  command({
    parent,
    group,
    usage: 'invite-link',
    description: 'print the link by which others find you; it carries your key, and is no secret',
  })
    .option(
      '--with-token',
      'with a secret: who opens it and writes is your contact at once, without your being asked',
    )
    .action(act((context, options: InviteOptions) => showInvite(context, options)));
  command({
    parent,
    group,
    usage: 'reset-links',
    description: 'take back all links with a token: who has one is asked about again',
  }).action(act((context) => resetInvites(context)));
  command({
    parent,
    group,
    usage: 'open [link]',
    description: "take a person's key from their invite link; without it, it is read from standard input",
  }).action(act((context, link: string | undefined) => openInvite(context, link)));
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

function addRequestCommands(command: MakeCommand, act: MakeAction): void {
  command({
    usage: 'requests',
    group: people,
    description: 'list who wants to write with you and is no contact',
  }).action(act((context) => requests(context)));
  command({
    usage: 'accept <from>',
    group: people,
    description: 'take a request, by username or #group; writing to them does the same',
  }).action(act((context, target: string) => acceptRequest(context, target)));
  command({
    usage: 'decline <from>',
    group: people,
    description: 'turn a request down: nothing of it is kept, and they are not told',
  })
    .option('--block', 'and hear nothing more of who made it')
    .action(
      act((context, target: string, options: DeclineOptions) => declineRequest(context, target, options)),
    );
  command({
    usage: 'profile',
    group: people,
    description: 'show or change the name and picture that you give, encrypted, to whom you write with',
  })
    .option('--name <name>', 'the name; an empty one takes it back')
    .option('--picture <file>', 'WebP, PNG, JPEG or AVIF, at most 24 KiB')
    .option('--no-picture', 'take the picture back')
    .option(
      '--presence <shared|kept>',
      'whether contacts who share theirs see when you are in a chat (at first: kept)',
    )
    .action(act((context, options: ProfileOptions) => ownProfile(context, options)));
}
