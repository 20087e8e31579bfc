import type { Context } from '../context.js';
import { chosenProfile, withClient } from '../open-client.js';
import { listProfiles } from '../profile/profile-folder.js';

/** Says whose profile this is; asks no server. */
export async function whoami(context: Context): Promise<void> {
  await withClient(context, async (client) => {
    const { user, username, device, serverUrl, role } = client.self;
    const folder = chosenProfile(context);
    context.output.result({
      json: {
        kind: 'self',
        username,
        user,
        device,
        server: serverUrl,
        role,
        profile: folder.name,
        folder: folder.path,
      },
      text: [
        `username  ${username}${role === 'admin' ? ' (administrator)' : ''}`,
        `server    ${serverUrl}`,
        `user      ${user}`,
        `device    ${device}`,
        `profile   ${folder.name} (${folder.path})`,
      ].join('\n'),
    });
  });
}

/** Lists the profiles on this machine, without opening them. */
export async function profiles(context: Context): Promise<void> {
  const names = listProfiles(context.config.dataHome);
  if (names.length === 0)
    context.output.note('There is no profile yet. Make one: cipherchat register USERNAME');
  for (const name of names) context.output.result({ json: { kind: 'profile', profile: name }, text: name });
}
