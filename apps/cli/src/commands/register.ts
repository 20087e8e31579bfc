import { readFileSync } from 'node:fs';
import type { Context } from '../context.js';
import { CliFailure } from '../exit-codes.js';
import { withNewAccount } from '../open-client.js';
import { requireUsername } from '../people.js';

export type RegisterOptions = {
  readonly invite?: string;
  readonly bootstrapTokenFile?: string;
  /** Use the token that `npm start` made. */
  readonly admin?: boolean;
  readonly passphrase?: boolean;
};

/** Makes an account, with this profile as its first device. */
export async function register(context: Context, username: string, options: RegisterOptions): Promise<void> {
  const bootstrapToken = bootstrapTokenOf(context, options);
  const account = {
    username: requireUsername(username),
    passphrase: options.passphrase === true ? 'ask' : 'none',
    ...(options.invite === undefined ? {} : { invite: options.invite }),
    ...(bootstrapToken === undefined ? {} : { bootstrapToken }),
  } as const;
  await withNewAccount(context, account, async (client) => {
    const { user, device, serverUrl, role } = client.self;
    context.output.result({
      json: { kind: 'registered', username, user, device, server: serverUrl, role },
      text: [
        `You are ${context.output.styled('bold', username)} on ${serverUrl}${role === 'admin' ? ', and an administrator' : ''}.`,
        'Your keys are on this machine only. To talk to somebody: cipherchat chat USERNAME',
      ].join('\n'),
    });
  });
}

/** Given in a file: an argument can be read by everyone on the machine. */
function bootstrapTokenOf(context: Context, options: RegisterOptions): string | undefined {
  const file =
    options.bootstrapTokenFile ?? (options.admin === true ? context.runFile?.bootstrapTokenFile : undefined);
  if (file === undefined) {
    if (options.admin !== true) return undefined;
    throw new CliFailure('usage', 'no server runs from this checkout', {
      hint: 'Give the token of the server: --bootstrap-token-file FILE',
    });
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new CliFailure('usage', `${file} cannot be read`, { cause });
  }
}
