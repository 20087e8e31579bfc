/** Real Postgres, Redis and NATS; the key directory is played by testing/key-directory.ts. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { authRoutes } from '@cipherchat/protocol';
import { AuthWorld, bootstrapToken } from '../testing/auth-world.js';
import { waitingOrDone } from '../testing/waiting.js';
import { newAccount } from '../testing/identity.js';
import { AdmissionService } from './admission.service.js';

describe('where people are invited', () => {
  let invited: AuthWorld;
  let adminToken: string;

  beforeAll(async () => {
    invited = await AuthWorld.start({ REGISTRATION: 'invite' });
    adminToken = (await invited.admin()).tokens.accessToken;
  });
  afterAll(() => invited.stop());

  const invite = async (uses: number, expiresInS = 3_600): Promise<string> =>
    (await invited.call(authRoutes.createInvite, { token: adminToken, body: { uses, expiresInS } })).body
      .invite;

  it('nobody registers without an invite, or with one that is not valid', async () => {
    expect((await invited.register(newAccount())).code).toBe('auth/registration-closed');
    expect((await invited.register(newAccount(), { invite: 'an-invite-that-was-never-made' })).code).toBe(
      'auth/invite-invalid',
    );
  });

  it('an invite works as often as it says, also when all come at once', async () => {
    const code = await invite(3);
    const people = Array.from({ length: 9 }, () => newAccount());
    const answers = await Promise.all(people.map((account) => invited.register(account, { invite: code })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(answers.filter(({ code: refusal }) => refusal === 'auth/invite-invalid')).toHaveLength(6);
    expect(
      await invited.prisma.account.count({ where: { userId: { in: people.map(({ user }) => user) } } }),
    ).toBe(3);
  });

  it('an invite is stored as a hash, expires, and is then removed', async () => {
    const code = await invite(1, 60);
    const rows = await invited.prisma.invite.findMany();
    expect(
      rows.every((row) => row.inviteHash.length === 32 && !Buffer.from(row.inviteHash).includes(code)),
    ).toBe(true);
    invited.passMs(61_000);
    expect((await invited.register(newAccount(), { invite: code })).code).toBe('auth/invite-invalid');
    invited.passMs(2 * 3_600_000);
    await invited.housekeep();
    expect(await invited.prisma.invite.count()).toBe(0);
  });

  it('a failed registration gives its use back, and an account does not remember its invite', async () => {
    const fresh = await AuthWorld.start({ REGISTRATION: 'invite' });
    try {
      const { tokens } = await fresh.admin();
      const code = (
        await fresh.call(authRoutes.createInvite, {
          token: tokens.accessToken,
          body: { uses: 1, expiresInS: 3_600 },
        })
      ).body.invite;
      fresh.directory.usernames.set('taken-name', newAccount().user);
      expect((await fresh.register(newAccount('taken-name'), { invite: code })).code).toBe(
        'directory/username-taken',
      );
      fresh.directory.mood = { kind: 'away' };
      const pending = newAccount();
      expect((await fresh.register(pending, { invite: code })).code).toBe('service/unavailable');
      fresh.directory.mood = { kind: 'fine' };
      expect((await fresh.register(newAccount(), { invite: code })).code).toBe('auth/invite-invalid');
      expect((await fresh.register(pending, { invite: code })).status).toBe(200);
      expect(await fresh.prisma.account.count({ where: { inviteHash: { not: null } } })).toBe(0);
    } finally {
      await fresh.stop();
    }
  });
});

describe('the first administrator', () => {
  it('is made by the bootstrap token, once, and only by the right one', async () => {
    const fresh = await AuthWorld.start({ REGISTRATION: 'invite' });
    try {
      expect((await fresh.register(newAccount(), { bootstrapToken: 'not-the-bootstrap-token' })).code).toBe(
        'auth/bootstrap-closed',
      );
      const candidates = [newAccount(), newAccount(), newAccount()];
      const answers = await Promise.all(
        candidates.map((account) => fresh.register(account, { bootstrapToken })),
      );
      expect(answers.filter(({ status }) => status === 200).map(({ body }) => body.role)).toEqual(['admin']);
      expect(answers.filter(({ code }) => code === 'auth/bootstrap-closed')).toHaveLength(2);
      expect((await fresh.register(newAccount(), { bootstrapToken })).code).toBe('auth/bootstrap-closed');
      expect(fresh.logged.join('')).toContain('auth.bootstrap-used');
    } finally {
      await fresh.stop();
    }
  });

  it('is not made while another is being made', async () => {
    const fresh = await AuthWorld.start();
    try {
      const first = newAccount();
      const admission = fresh.service.application.get(AdmissionService);
      const { outcome } = await fresh.prisma.$transaction(async (transaction) => {
        const { role } = await admission.admit(transaction, { bootstrapToken });
        await transaction.account.create({
          data: {
            userId: first.user,
            accountKey: Uint8Array.from(first.key.publicKey),
            role,
            state: 'pending',
            createdAt: new Date(),
          },
        });
        return waitingOrDone(fresh, fresh.register(newAccount(), { bootstrapToken }));
      });
      expect((await outcome).code).toBe('auth/bootstrap-closed');
    } finally {
      await fresh.stop();
    }
  });

  it('is not made where no token was set', async () => {
    const without = await AuthWorld.start({ BOOTSTRAP_TOKEN: '' });
    try {
      expect((await without.register(newAccount(), { bootstrapToken })).code).toBe('auth/bootstrap-closed');
    } finally {
      await without.stop();
    }
  });
});
