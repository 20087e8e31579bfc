/** What this account says of itself to whom it writes with. */
import { readFile } from 'node:fs/promises';
import type { Context } from '../context.js';
import { CliFailure } from '../exit-codes.js';
import { withClient } from '../open-client.js';
import { safeLine } from '../terminal/safe-text.js';

export type ProfileOptions = {
  readonly name?: string;
  /** A file; `false` with `--no-picture`. */
  readonly picture?: string | false;
  readonly presence?: string;
};

/** Shows it, or changes what is named. */
export async function ownProfile(context: Context, options: ProfileOptions): Promise<void> {
  const { name, picture } = options;
  const presence = parsePresence(options.presence);
  const isChange = name !== undefined || picture !== undefined || presence !== undefined;
  const file = typeof picture === 'string' ? await readPicture(picture) : null;
  await withClient(context, async (client) => {
    const { contacts } = client;
    const before = contacts.profile;
    if (presence !== undefined) await client.setPresence(presence);
    if (name !== undefined || picture !== undefined)
      await contacts.setProfile({
        name: name ?? before.name,
        picture: picture === undefined ? (before.picture?.bytes ?? null) : file,
      });
    const after = contacts.profile;
    const shown = after.name === null ? '(no name)' : safeLine(after.name);
    context.output.result({
      json: {
        kind: 'profile',
        name: after.name,
        picture: after.picture?.type ?? null,
        presence: client.presence,
      },
      text: `${shown}${after.picture === null ? '' : `, with a picture (${after.picture.bytes.length} bytes)`}${client.presence === 'kept' ? '' : '; contacts who do the same see when you are in a chat'}`,
    });
    if (isChange)
      context.output.note('It goes, encrypted, to whom you write with, as soon as you are connected.');
  });
}

function parsePresence(value: string | undefined): 'kept' | 'shared' | undefined {
  if (value === undefined || value === 'kept' || value === 'shared') return value;
  throw new CliFailure('usage', '--presence is "shared" or "kept"');
}

async function readPicture(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CliFailure('usage', `cannot read ${safeLine(file)}`, { cause: error });
  }
}
