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
};

/** Shows it, or changes what is named. */
export async function ownProfile(context: Context, options: ProfileOptions): Promise<void> {
  const { name, picture } = options;
  const isChange = name !== undefined || picture !== undefined;
  const file = typeof picture === 'string' ? await readPicture(picture) : null;
  await withClient(context, async (client) => {
    const { contacts } = client;
    const before = contacts.profile;
    if (isChange)
      await contacts.setProfile({
        name: name ?? before.name,
        picture: picture === undefined ? (before.picture?.bytes ?? null) : file,
      });
    const after = contacts.profile;
    const shown = after.name === null ? '(no name)' : safeLine(after.name);
    context.output.result({
      json: { kind: 'profile', name: after.name, picture: after.picture?.type ?? null },
      text: `${shown}${after.picture === null ? '' : `, with a picture (${after.picture.bytes.length} bytes)`}`,
    });
    if (isChange)
      context.output.note('It goes, encrypted, to whom you write with, as soon as you are connected.');
  });
}

async function readPicture(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CliFailure('usage', `cannot read ${safeLine(file)}`, { cause: error });
  }
}
