/** Read marks that the server lacks: what somebody has seen, and those to be told of it are not. */
import { openSignal } from '@cipherchat/crypto';
import { tables } from '@cipherchat/client-sdk/testing';
import type { ConversationId } from '@cipherchat/protocol';
import type { Person } from './person.js';
import type { Run } from './run.js';

export function lostMarks({ people, system }: Pick<Run, 'people' | 'system'>): readonly string[] {
  return people.flatMap((person) =>
    [...system.database.logs.keys()]
      .filter((id) => isLost(person, { id, system }))
      .map((id) => `what ${person.username} has seen of ${id} is not known to the server`),
  );
}

function isLost(
  { disk, self }: Person,
  { id, system }: { readonly id: ConversationId; readonly system: Run['system'] },
): boolean {
  const bytes = disk.tables.get(tables.conversations.name)?.get(id);
  const member = system.database.logs.get(id)?.memberOf(self.device);
  if (bytes === undefined || member === undefined || member.leftSeq !== null || member.departing)
    return false;
  const row = tables.conversations.decode(bytes);
  const isToBeTold = row.phase === 'active' && row.standing === 'accepted' && row.signalSecrets.length > 0;
  if (!isToBeTold || row.readSeq === 0 || keepsMarks(disk) || isBlocked(disk, row.peer)) return false;
  const opened = openSignal({
    secrets: row.signalSecrets,
    conversation: id,
    device: self.device,
    kind: 'read',
    ciphertext: member.readMark ?? new Uint8Array(0),
  });
  return opened.kind === 'failure' || opened.signal.kind !== 'read' || opened.signal.seq !== row.readSeq;
}

function keepsMarks(disk: Person['disk']): boolean {
  const [bytes] = disk.tables.get(tables.device.name)?.values() ?? [];
  return bytes !== undefined && tables.device.decode(bytes).readMarks === 'kept';
}

function isBlocked(disk: Person['disk'], peer: string | null): boolean {
  const bytes = peer === null ? undefined : disk.tables.get(tables.blocks.name)?.get(peer);
  return bytes !== undefined && tables.blocks.decode(bytes).wish === 'blocked';
}
