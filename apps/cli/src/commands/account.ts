import { closeSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { ConversationId, DeviceId } from '@cipherchat/client-sdk';
import type { Context } from '../context.js';
import { CliFailure } from '../exit-codes.js';
import { chosenProfile, withClient } from '../open-client.js';
import { findPerson } from '../people.js';
import { removeProfile } from '../profile/profile-folder.js';
import { safeJson, safeLine } from '../terminal/safe-text.js';
import { parseDuration } from '../waiting.js';

export async function listDevices(context: Context): Promise<void> {
  await withClient(context, async (client) => {
    for (const entry of await client.account.devices()) {
      const { device, createdAtMs, lastSeenDay, revokedAtMs, current } = entry;
      const state = revokedAtMs === null ? (current ? 'this device' : '') : `removed ${dayOf(revokedAtMs)}`;
      context.output.result({
        json: {
          kind: 'device',
          device,
          createdAt: new Date(createdAtMs).toISOString(),
          lastSeenDay,
          revokedAt: revokedAtMs === null ? null : new Date(revokedAtMs).toISOString(),
          current,
        },
        text: `${device}  added ${dayOf(createdAtMs)}  seen ${lastSeenDay ?? 'never'}  ${state}`.trimEnd(),
      });
    }
  });
}

const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export async function revokeDevice(context: Context, device: string): Promise<void> {
  if (!idPattern.test(device))
    throw new CliFailure('usage', `"${safeLine(device)}" is not a device's id`, {
      hint: 'See them with: cipherchat devices list',
    });
  await withClient(context, async (client) => {
    await client.account.revokeDevice(device as DeviceId);
    context.output.result({
      json: { kind: 'device-revoked', device },
      text: `Removed ${device}. It can do nothing any more; your groups drop it.`,
    });
  });
}

export async function signOut(context: Context, options: { readonly forget?: boolean }): Promise<void> {
  if (options.forget === true) return forget(context);
  await withClient(context, async (client) => {
    await client.account.signOut();
    const { username } = client.self;
    context.output.result({
      json: { kind: 'signed-out', username, forgotten: false },
      text: `Signed out ${username}. The next command signs in again with this device's key.`,
    });
  });
}

/** Here first, and then at the server. */
async function forget(context: Context): Promise<void> {
  const folder = chosenProfile(context);
  await withClient(context, async (client) => {
    const { username } = client.self;
    const { server } = await client.signOut();
    const untold = server === 'told' ? '' : ' The server could not be told; another device of yours can.';
    context.output.result({
      json: { kind: 'signed-out', username, forgotten: true, server },
      text: `Signed out ${username}, and removed its profile from this machine.${untold}`,
    });
  });
  removeProfile(folder);
}

export async function deleteAccount(context: Context, options: { readonly yes?: boolean }): Promise<void> {
  const folder = chosenProfile(context);
  await withClient(context, async (client) => {
    const { username } = client.self;
    if (options.yes !== true) await confirmByName(username);
    await client.account.delete();
    context.output.result({
      json: { kind: 'account-deleted', username },
      text: `Deleted ${username} from the server, and its profile from this machine. The name stays taken.`,
    });
  });
  removeProfile(folder);
}

/** Deleting cannot be undone: the name has to be typed. */
async function confirmByName(username: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new CliFailure('usage', 'deleting an account needs --yes when there is no terminal to ask on');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await terminal.question(
    `This deletes ${username} with all devices, for good. Type the username to go on: `,
  );
  terminal.close();
  if (typed.trim() !== username) throw new CliFailure('usage', 'that is another name; nothing was deleted');
}

/** Everything this device can read, as JSON lines, into a new file for its owner only, or to standard output. */
export async function exportHistory(context: Context, options: { readonly out?: string }): Promise<void> {
  await withClient(context, async (client) => {
    const { out } = options;
    const file = out === undefined ? undefined : openNew(out);
    let count = 0;
    try {
      for await (const record of client.export()) {
        count++;
        const line = `${safeJson(record)}\n`;
        if (file === undefined) process.stdout.write(line);
        else writeSync(file, line);
      }
    } finally {
      if (file !== undefined) closeSync(file);
    }
    if (out !== undefined)
      context.output.result({
        json: { kind: 'exported', file: out, records: count },
        text: `Wrote ${count} records to ${safeLine(out)}. They are in plaintext: keep the file safe.`,
      });
  });
}

function openNew(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (cause) {
    throw new CliFailure('usage', `${safeLine(file)} cannot be made new`, {
      hint: 'An existing file is not overwritten.',
      cause,
    });
  }
}

export async function createInvite(
  context: Context,
  options: { readonly uses: string; readonly expires: string },
): Promise<void> {
  const uses = Number(options.uses);
  if (!Number.isInteger(uses) || uses < 1 || uses > 10_000)
    throw new CliFailure('usage', '--uses is a number from 1 to 10000');
  const expiresInS = inviteSeconds(options.expires);
  await withClient(context, async (client) => {
    const { invite, expiresAtMs } = await client.account.createInvite({ uses, expiresInS });
    const expiresAt = new Date(expiresAtMs).toISOString();
    context.output.result({
      json: { kind: 'invite', invite, uses, expiresAt },
      text: [
        invite,
        `For ${uses === 1 ? 'one person' : `${uses} people`}, until ${expiresAt}: cipherchat register USERNAME --invite ${invite}`,
      ].join('\n'),
    });
  });
}

function inviteSeconds(text: string): number {
  const days = /^(\d{1,3})d$/.exec(text)?.[1];
  const seconds = days === undefined ? Math.floor(parseDuration(text) / 1_000) : Number(days) * 86_400;
  if (seconds < 60 || seconds > 365 * 86_400) throw new CliFailure('usage', '--expires is from 1m to 365d');
  return seconds;
}

export async function setUserAccess(
  context: Context,
  username: string,
  access: 'disabled' | 'enabled',
): Promise<void> {
  await withClient(context, async (client) => {
    const user = await findPerson(client, username);
    if (access === 'disabled') await client.account.disableUser(user);
    else await client.account.enableUser(user);
    const text =
      access === 'disabled'
        ? `${safeLine(username)} is locked: signed out everywhere, and cannot sign in.`
        : `${safeLine(username)} may sign in again.`;
    context.output.result({ json: { kind: `user-${access}`, user, username }, text });
  });
}

/** Of any conversation, by its id: an administrator need not be in it, and learns nothing of it. */
export async function resetConversation(context: Context, conversation: string): Promise<void> {
  if (!idPattern.test(conversation))
    throw new CliFailure('usage', `"${safeLine(conversation)}" is not a conversation's id`, {
      hint: 'A member sees it with: cipherchat conversations',
    });
  await withClient(context, async (client) => {
    const { seq } = await client.account.resetConversation(conversation as ConversationId);
    context.output.result({
      json: { kind: 'conversation-reset', conversation, seq },
      text: 'Reset. It is closed until the device of a member opens it, which those that are online do within minutes.',
    });
  });
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
