import type { DeviceId } from '@cipherchat/protocol';
import type { Prisma } from '../generated/prisma/client.js';

export type ClaimedRow = { readonly deviceId: DeviceId; readonly keyPackage: Uint8Array };

/**
 * Takes the oldest single-use package of each device, in one statement. Why nobody gets one that somebody
 * else got: the row is locked before it is read, rows that others hold are skipped instead of waited
 * for, and a row that was emptied meanwhile no longer fits the condition, which Postgres checks
 * again on the locked version. The row stays, without its content, so that a resent upload is known.
 */
export async function takeSingleUse(
  client: Prisma.TransactionClient,
  params: { readonly devices: readonly DeviceId[]; readonly suite: number; readonly now: Date },
): Promise<readonly ClaimedRow[]> {
  const { devices, suite, now } = params;
  return client.$queryRaw<ClaimedRow[]>`
    with picked as (
      select package.id, package.device_id, package.key_package
      from unnest(${[...devices]}::uuid[]) as wanted (device_id)
      cross join lateral (
        select id, device_id, key_package
        from key_packages
        where device_id = wanted.device_id and suite = ${suite} and not last_resort
          and key_package is not null and not_after > ${now}
        order by id
        limit 1
        for update skip locked
      ) as package
    ), emptied as (
      update key_packages set key_package = null from picked where key_packages.id = picked.id
    )
    select device_id as "deviceId", key_package as "keyPackage" from picked`;
}
