import { problem, type DeviceId, type UserId } from '@cipherchat/protocol';
import type { Role } from '@cipherchat/service-kit';
import type { Prisma } from '../generated/prisma/client.js';

export type LockedDevice = { readonly user: UserId; readonly role: Role };

type Row = {
  readonly user_id: string;
  readonly revoked_at: Date | null;
  readonly state: string;
  readonly role: string;
};

/**
 * Locks a device for giving it a session, so that its removal, or disabling its account, comes wholly
 * before (and is seen here) or wholly after (and finds the session).
 * @throws ProblemError `auth/device-revoked`, `auth/user-disabled`, `auth/signature-invalid` when it is gone
 */
export async function lockDevice(
  transaction: Prisma.TransactionClient,
  device: DeviceId,
): Promise<LockedDevice> {
  // Prisma has no row locks. READ COMMITTED reads both rows again after waiting.
  const [row] = await transaction.$queryRaw<Row[]>`
    select devices.user_id, devices.revoked_at, accounts.state, accounts.role
    from devices join accounts on accounts.user_id = devices.user_id
    where devices.device_id = ${device}::uuid
    for update of devices for share of accounts`;
  if (row === undefined) throw problem('auth/signature-invalid');
  if (row.revoked_at !== null) throw problem('auth/device-revoked');
  if (row.state === 'disabled') throw problem('auth/user-disabled');
  if (row.state !== 'active') throw problem('auth/signature-invalid');
  return { user: row.user_id as UserId, role: row.role as Role };
}
