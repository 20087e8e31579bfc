/** The command line itself: names, options and help of every command. What they do is in `commands/`. */
import { Command, Option } from 'commander';
import { chat } from './chat/chat.js';
import {
  createInvite,
  deleteAccount,
  exportHistory,
  listDevices,
  revokeDevice,
  resetConversation,
  setUserAccess,
  signOut,
} from './commands/account.js';
import { acceptKey, safetyNumber } from './commands/contacts.js';
import { control, controlHelp } from './commands/control.js';
import { conversations, history } from './commands/conversations.js';
import { demo } from './commands/demo.js';
import { addContactCommands } from './contact-commands.js';
import { addGroupCommands } from './group-commands.js';
import { listen, type ListenOptions } from './commands/listen.js';
import { checkRecoveryKey, makeRecoveryKey, recover } from './commands/recovery.js';
import { register, type RegisterOptions } from './commands/register.js';
import { search, type SearchOptions } from './commands/search.js';
import { send, waitGoals, type SendOptions } from './commands/send.js';
import { timer } from './commands/timer.js';
import { profiles, whoami } from './commands/whoami.js';
import type { Context, GlobalOptions } from './context.js';
import { addProbeCommand } from './probe-command.js';
import { exitCodeHelp } from './exit-codes.js';

/** Runs a command's work within its context; `main.ts` makes it. */
export type RunWork = (options: GlobalOptions, work: (context: Context) => Promise<void>) => Promise<void>;

const groups = {
  begin: 'Begin:',
  talk: 'Talk:',
  people: 'People and groups:',
  account: 'Your account:',
  administration: 'Administration:',
  programs: 'For programs:',
} as const;

const examples = `
Examples:
  $ cipherchat register anna                 make an account on the server that npm start runs
  $ cipherchat chat ben                      talk to ben; /quit ends it
  $ cipherchat send ben "see you at six"     one message; waits until the server has it
  $ cat notes.txt | cipherchat send '#crew'  to a group, from standard input
  $ cipherchat groups create crew ben cleo   a group of three
  $ cipherchat --profile ben listen --json   another account on this machine, as JSON lines
  $ cipherchat safety-number ben             digits to compare with ben on the phone
`;

export function createProgram(run: RunWork): Command {
  const program = new Command('cipherchat')
    .description(
      'End-to-end encrypted messages from the command line. Only you and the people you write to can read them.',
    )
    .usage('[options] <command>')
    .version('0.1.0', '--version', 'print the version')
    .option('--profile <name>', 'which account on this machine (default: "default", or CIPHERCHAT_PROFILE)')
    .option(
      '--server <address>',
      'where to register (default: CIPHERCHAT_SERVER, or what npm start runs in this checkout)',
    )
    .option(
      '--gateway <number|address>',
      'connect through this gateway of the server: 1 is the first it names',
    )
    .option('--json', 'print one JSON object per line')
    .helpOption('-h, --help', 'this text, or that of a command')
    .addHelpCommand(
      new Command('help')
        .argument('[command]')
        .description('show the help of a command')
        .helpGroup(groups.begin),
    )
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false })
    .addHelpText('after', examples)
    .addHelpText('after', exitCodeHelp())
    .addHelpText(
      'after',
      '\nKeys and history are kept in $XDG_DATA_HOME/cipherchat (~/.local/share/cipherchat), readable by you only.\nCIPHERCHAT_PASSPHRASE_FILE names a file with the passphrase. NO_COLOR switches colours off.',
    );
  const command = (params: {
    readonly usage: string;
    readonly group: string;
    readonly description: string;
    readonly parent?: Command;
  }): Command =>
    (params.parent ?? program).command(params.usage).helpGroup(params.group).description(params.description);
  const act =
    <Arguments extends readonly unknown[]>(work: (context: Context, ...args: Arguments) => Promise<void>) =>
    async (...args: readonly unknown[]): Promise<void> => {
      const self = args.at(-1) as Command;
      await run(self.optsWithGlobals<GlobalOptions>(), (context) =>
        work(context, ...(args.slice(0, -1) as unknown as Arguments)),
      );
    };

  command({
    usage: 'register <username>',
    group: groups.begin,
    description: 'make an account with this machine as its first device',
  })
    .option('--invite <code>', 'where only invited people may register')
    .option('--passphrase', 'lock this profile with a passphrase (it is asked for)')
    .option('--bootstrap-token-file <file>', "make the server's first administrator")
    .option('--admin', 'the same, with the token of the server that npm start runs')
    .action(
      act((context, username: string, options: RegisterOptions) => register(context, username, options)),
    );
  command({
    usage: 'recover <username>',
    group: groups.begin,
    description: 'come back to an account whose devices are lost, by its recovery key (it is asked for)',
  })
    .option('--passphrase', 'lock this profile with a passphrase (it is asked for)')
    .action(
      act((context, username: string, options: { readonly passphrase?: boolean }) =>
        recover(context, username, options),
      ),
    );
  command({ usage: 'whoami', group: groups.begin, description: 'say whose profile this is' }).action(
    act((context) => whoami(context)),
  );
  command({
    usage: 'profiles',
    group: groups.begin,
    description: 'list the profiles on this machine',
  }).action(act((context) => profiles(context)));

  command({
    usage: 'chat <who>',
    group: groups.talk,
    description: 'talk to a person, or in a group (#name)',
  }).action(act((context, who: string) => chat(context, who)));
  command({
    usage: 'send <who> [text...]',
    group: groups.talk,
    description: 'send one message; without text it is read from standard input',
  })
    .addOption(
      new Option('--wait <how-far>', 'return when the message has come so far')
        .choices(waitGoals)
        .default('sent'),
    )
    .option('--timeout <time>', 'give up waiting after this (the message is kept and goes out later)', '30s')
    .action(
      act((context, who: string, text: readonly string[], options: SendOptions) =>
        send(context, who, text, options),
      ),
    );
  command({ usage: 'listen', group: groups.talk, description: 'print what arrives, until Ctrl-C' })
    .option('--for <time>', 'end after this time: 30s, 10m')
    .option('--count <number>', 'end after so many messages of others')
    .option('--mark-read', 'tell the senders that their messages were read')
    .action(act((context, options: ListenOptions) => listen(context, options)));
  command({
    usage: 'history <who>',
    group: groups.talk,
    description: 'print the last messages with a person or in a group',
  })
    .option('--limit <number>', 'how many', '50')
    .action(
      act((context, who: string, options: { readonly limit: string }) => history(context, who, options)),
    );
  command({
    usage: 'search <words...>',
    group: groups.talk,
    description: 'find messages on this device by how their words begin, newest first',
  })
    .option('--in <who>', 'only with this person, or in this group (#name)')
    .option('--limit <number>', 'how many', '20')
    .action(
      act((context, words: readonly string[], options: SearchOptions) => search(context, words, options)),
    );
  command({
    usage: 'conversations',
    group: groups.talk,
    description: 'list conversations, newest first',
  }).action(act((context) => conversations(context)));

  command({
    usage: 'timer <who> [time]',
    group: groups.talk,
    description: 'let what is written from now on disappear after this time: 30s, 5m, 8h, 1d, 4w, or off',
  }).action(act((context, who: string, time: string | undefined) => timer(context, who, time)));

  addContactCommands(command, act);
  command({
    usage: 'safety-number <username>',
    group: groups.people,
    description: 'show digits to compare, so that nobody stands between you',
  }).action(act((context, username: string) => safetyNumber(context, username)));
  command({
    usage: 'accept-key <username> <digits...>',
    group: groups.people,
    description: "after an alarm about a person's key: say which safety number they have, and send again",
  }).action(
    act((context, username: string, digits: readonly string[]) => acceptKey(context, username, digits)),
  );
  addGroupCommands(command, act);

  command({
    usage: 'export',
    group: groups.account,
    description: 'write everything this device can read as JSON lines, in plaintext',
  })
    .option('--out <file>', 'into a new file that only you can read (default: standard output)')
    .action(act((context, options: { readonly out?: string }) => exportHistory(context, options)));
  const devices = command({
    usage: 'devices',
    group: groups.account,
    description: 'list the devices of your account, or remove one',
  });
  command({ parent: devices, usage: 'list', group: 'Commands:', description: 'list them' }).action(
    act((context) => listDevices(context)),
  );
  command({
    parent: devices,
    usage: 'revoke <device>',
    group: 'Commands:',
    description: 'remove one for good, for example a lost one',
  }).action(act((context, device: string) => revokeDevice(context, device)));
  command({
    usage: 'recovery-key',
    group: groups.account,
    description: 'make a new recovery key and show it, once',
  })
    .option('--check', 'show that you have it: it counts from then on')
    .action(
      act((context, options: { readonly check?: boolean }) =>
        options.check === true ? checkRecoveryKey(context) : makeRecoveryKey(context),
      ),
    );
  command({
    usage: 'sign-out',
    group: groups.account,
    description: 'end this session; the next command signs in again',
  })
    .option('--forget', 'also remove keys and history from this machine, for good')
    .action(act((context, options: { readonly forget?: boolean }) => signOut(context, options)));
  command({
    usage: 'delete-account',
    group: groups.account,
    description: 'delete your account with all its devices, for good',
  })
    .option('--yes', 'do not ask')
    .action(act((context, options: { readonly yes?: boolean }) => deleteAccount(context, options)));

  const admin = command({
    usage: 'admin',
    group: groups.administration,
    description: 'invite people, lock and unlock accounts, reset conversations',
  });
  command({ parent: admin, usage: 'invite', group: 'Commands:', description: 'make an invite code' })
    .option('--uses <number>', 'for how many people', '1')
    .option('--expires <time>', 'for how long: 30m, 24h, 7d', '7d')
    .action(
      act((context, options: { readonly uses: string; readonly expires: string }) =>
        createInvite(context, options),
      ),
    );
  command({
    parent: admin,
    usage: 'disable-user <username>',
    group: 'Commands:',
    description: 'lock an account',
  }).action(act((context, username: string) => setUserAccess(context, username, 'disabled')));
  command({
    parent: admin,
    usage: 'enable-user <username>',
    group: 'Commands:',
    description: 'unlock an account',
  }).action(act((context, username: string) => setUserAccess(context, username, 'enabled')));
  command({
    parent: admin,
    usage: 'reset-conversation <id>',
    group: 'Commands:',
    description: 'let the members begin a conversation anew that none of them can get back into',
  }).action(act((context, id: string) => resetConversation(context, id)));

  command({
    usage: 'control',
    group: groups.programs,
    description: 'hold this profile for a program: JSON commands in, JSON events out',
  })
    .addHelpText('after', controlHelp)
    .action(act((context) => control(context)));
  addProbeCommand(command, act);
  command({
    usage: 'demo',
    group: groups.programs,
    description: 'watch two people exchange a book through a running system',
  }).action(act((context) => demo(context)));
  return program;
}
