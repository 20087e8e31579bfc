import { Inject, Injectable } from '@nestjs/common';
import { compareManifests, verifyManifest, type VerifiedManifest } from '@cipherchat/crypto/verify';
import { problem, usernameField, type UserId } from '@cipherchat/protocol';
import { PrismaClient, type Prisma } from '../generated/prisma/client.js';
import { storeDevices, verifiedManifest } from '../manifests/manifest.service.js';

type Registration = { readonly user: UserId; readonly username: string; readonly bytes: Uint8Array };

/** Registration and erasure of an account's public side, as auth commands. Both may be sent again. */
@Injectable()
export class IdentityService {
  constructor(@Inject(PrismaClient) private readonly prisma: PrismaClient) {}

  /**
   * Reserves the username and stores the first manifest, both or neither. Sent again with the same
   * username and manifest it changes nothing.
   * @throws ProblemError `directory/username-taken`, `directory/manifest-invalid`, `auth/user-exists`, `request/malformed`
   */
  async register(registration: Registration): Promise<void> {
    const { user, username } = registration;
    if (!usernameField.safeParse(username).success) throw problem('request/malformed', { at: 'username' });
    const manifest = verifiedManifest(registration);
    await this.prisma.$transaction(async (transaction) => {
      // Waits for a transaction that is writing the same name or user, and then sees its outcome.
      const reserved = await transaction.$executeRaw`
        insert into usernames (username, user_id) values (${username}, ${user}::uuid) on conflict do nothing`;
      if (reserved === 0) return confirmRegistered(transaction, { user, username, manifest });
      await storeFirst(transaction, manifest);
    });
  }

  /** Manifest, devices and key packages go; the username stays reserved. */
  async erase(user: UserId): Promise<void> {
    await this.prisma.$transaction([
      this.prisma.manifest.deleteMany({ where: { userId: user } }),
      this.prisma.device.deleteMany({ where: { userId: user } }),
      this.prisma.username.updateMany({ where: { userId: user }, data: { userId: null } }),
    ]);
  }
}

async function storeFirst(transaction: Prisma.TransactionClient, manifest: VerifiedManifest): Promise<void> {
  const { user, version } = manifest;
  await transaction.manifest.create({
    data: {
      userId: user,
      version,
      accountKey: Uint8Array.from(manifest.accountKey),
      manifest: Uint8Array.from(manifest.bytes),
    },
  });
  if (!(await storeDevices(transaction, manifest))) throw problem('auth/user-exists');
}

/** The name or the user is there already: fine when by the same registration, also when the account has moved on since. */
async function confirmRegistered(
  transaction: Prisma.TransactionClient,
  params: { readonly user: UserId; readonly username: string; readonly manifest: VerifiedManifest },
): Promise<void> {
  const { user, username, manifest } = params;
  const [named, stored] = [
    await transaction.username.findUnique({ where: { username } }),
    await transaction.manifest.findUnique({ where: { userId: user } }),
  ];
  if (named !== null && named.userId !== user) throw problem('directory/username-taken');
  const verdict = stored === null ? null : verifyManifest(stored.manifest);
  if (named === null || verdict?.kind !== 'manifest') throw problem('auth/user-exists');
  const order = compareManifests({ known: verdict.manifest, candidate: manifest });
  if (order !== 'same' && order !== 'older') throw problem('auth/user-exists');
}
