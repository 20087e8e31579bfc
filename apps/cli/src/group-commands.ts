/** The subcommands of `groups`, with their help. */
import {
  addToGroup,
  createGroup,
  groupMembers,
  leaveGroup,
  listGroups,
  removeFromGroup,
  renameGroup,
} from './commands/groups.js';
import type { MakeAction, MakeCommand } from './make-command.js';

export function addGroupCommands(command: MakeCommand, act: MakeAction): void {
  const parent = command({
    usage: 'groups',
    group: 'People and groups:',
    description: 'make groups and change who is in them',
  });
  const group = 'Commands:';
  command({ parent, group, usage: 'list', description: 'list your groups' }).action(
    act((context) => listGroups(context)),
  );
  command({
    parent,
    group,
    usage: 'create <name> <people...>',
    description: 'make a group with these people',
  }).action(act((context, name: string, people: readonly string[]) => createGroup(context, name, people)));
  command({ parent, group, usage: 'members <group>', description: 'list who is in a group' }).action(
    act((context, target: string) => groupMembers(context, target)),
  );
  command({ parent, group, usage: 'add <group> <people...>', description: 'add people' }).action(
    act((context, target: string, people: readonly string[]) => addToGroup(context, target, people)),
  );
  command({
    parent,
    group,
    usage: 'remove <group> <people...>',
    description: 'remove people; they cannot read what follows',
  }).action(
    act((context, target: string, people: readonly string[]) => removeFromGroup(context, target, people)),
  );
  command({ parent, group, usage: 'rename <group> <name>', description: 'change its name' }).action(
    act((context, target: string, name: string) => renameGroup(context, target, name)),
  );
  command({ parent, group, usage: 'leave <group>', description: 'leave it' }).action(
    act((context, target: string) => leaveGroup(context, target)),
  );
}
