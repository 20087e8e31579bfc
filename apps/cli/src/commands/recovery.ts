import { createInterface } from 'node:readline/promises';
import type { Context } from '../context.js';
import { CliFailure } from '../exit-codes.js';
import { withClient, withRecoveredAccount } from '../open-client.js';
import { requireUsername } from '../people.js';

/** Shows a new recovery key, once. */
export async function makeRecoveryKey(context: Context): Promise<void> {
  await withClient(context, async (client) => {
    const recoveryKey = await client.recovery.newKey();
    context.output.result({
      json: { kind: 'recovery-key', recoveryKey, state: client.recovery.state },
      text: [
        `  ${context.output.styled('bold', recoveryKey)}`,
        'Write it down and keep it off this machine: whoever has it has your account, and nobody can give it to you again.',
        'It counts once it was checked: cipherchat recovery-key --check',
      ].join('\n'),
    });
  });
}

/** The person shows that they have it. */
export async function checkRecoveryKey(context: Context): Promise<void> {
  const typed = await readKey(context);
  await withClient(context, async (client) => {
    await client.recovery.confirm(typed);
    context.output.result({
      json: { kind: 'recovery-key-checked', state: client.recovery.state },
      text: 'That is the key. It brings your account back when all your devices are lost.',
    });
  });
}

export async function recover(
  context: Context,
  username: string,
  options: { readonly passphrase?: boolean },
): Promise<void> {
  const lost = {
    username: requireUsername(username),
    recoveryKey: await readKey(context),
    passphrase: options.passphrase === true ? 'ask' : 'none',
  } as const;
  await withRecoveredAccount(context, lost, (client) => {
    const { user, device, serverUrl } = client.self;
    context.output.result({
      json: { kind: 'recovered', username, user, device, server: serverUrl },
      text: [
        `You are ${context.output.styled('bold', username)} on ${serverUrl} again.`,
        'Your conversations come back while you are connected (cipherchat listen); earlier messages do not. Your other devices are removed then.',
      ].join('\n'),
    });
    return Promise.resolve();
  });
}

/** Typed, or the first line of standard input: an argument can be read by everyone on the machine. */
async function readKey(context: Context): Promise<string> {
  if (process.stdin.isTTY) return context.askHidden('Recovery key: ');
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return line;
  } finally {
    lines.close();
  }
  throw new CliFailure('usage', 'the recovery key is read from standard input, and there was nothing');
}
