/**
 * Model-based: several people register at once through processes that die between any two steps, with one
 * name and too few invites to go round, while old registrations are given up. Real Postgres, Redis and NATS;
 * the key directory is played by testing/key-directory.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { problem, ProblemError } from '@cipherchat/protocol';
import { CLOCK, EventLog, Nats, type Clock } from '@cipherchat/service-kit';
import { AccountService } from '../accounts/account.service.js';
import { ChallengeService } from '../challenges/challenge.service.js';
import { DeviceService } from '../devices/device.service.js';
import { InviteService } from '../invites/invite.service.js';
import { RevocationService } from '../revocations/revocation.service.js';
import { SessionService } from '../sessions/session.service.js';
import { AuthWorld } from '../testing/auth-world.js';
import '../testing/waiting.js';
import { Crash, MortalProcess, type CrashPoint } from '../testing/crash.js';
import { newAccount, newDevice, proofOf, type TestAccount } from '../testing/identity.js';
import { hashOf } from '../sessions/refresh-token.js';
import { AdmissionService } from './admission.service.js';
import { RegistrationService } from './registration.service.js';

const people = 3;
const invites = 2;
/** More than a registration has: reserve, command, activate or give up. */
const operations = 5;

let world: AuthWorld;

beforeAll(async () => {
  world = await AuthWorld.start({ REGISTRATION: 'invite' });
});
afterAll(() => world.stop());

const get = <T>(token: abstract new (...parameters: never[]) => T): T =>
  world.service.application.get(token as never);
const clock = (): Clock => world.service.application.get<Clock>(CLOCK);
const outside = (process: MortalProcess) => ({
  prisma: process.holding(world.prisma, ['$transaction']),
  nats: process.holding(get(Nats), ['command']),
});

function registrationIn(process: MortalProcess): RegistrationService {
  const { prisma, nats } = outside(process);
  return new RegistrationService(
    prisma,
    nats,
    get(ChallengeService),
    get(AdmissionService),
    get(InviteService),
    get(SessionService),
    clock(),
    get(EventLog),
  );
}

type Outcome =
  'registered' | 'crashed' | 'directory/username-taken' | 'auth/invite-invalid' | 'service/unavailable';

async function attempt(params: {
  readonly account: TestAccount;
  readonly invite: string;
  readonly point: CrashPoint;
}): Promise<Outcome> {
  const { account, invite, point } = params;
  const proof = proofOf({ device: account.device, challenge: await world.challenge(account.device) });
  try {
    await registrationIn(new MortalProcess(point)).register({
      user: account.user,
      username: account.username,
      manifest: world.firstManifest(account),
      proof,
      invite,
    });
    return 'registered';
  } catch (error) {
    if (error instanceof Crash) return 'crashed';
    if (
      error instanceof ProblemError &&
      ['directory/username-taken', 'auth/invite-invalid', 'service/unavailable'].includes(error.code)
    )
      return error.code as Outcome;
    throw error;
  }
}

async function checkInvariants(
  accounts: readonly TestAccount[],
  invite: string,
): Promise<{ readonly active: readonly TestAccount[]; readonly pending: number }> {
  const rows = await world.prisma.account.findMany({
    where: { userId: { in: accounts.map(({ user }) => user) } },
    include: { devices: true },
  });
  const { usesLeft } = await world.prisma.invite.findUniqueOrThrow({ where: { inviteHash: hashOf(invite) } });
  // No use of the invite is lost or made.
  expect(usesLeft + rows.length).toBe(invites);
  for (const row of rows) {
    expect(['pending', 'active']).toContain(row.state);
    expect(row.devices).toHaveLength(1);
    expect(row.inviteHash === null).toBe(row.state === 'active');
  }
  const active = accounts.filter(({ user }) =>
    rows.some((row) => row.userId === user && row.state === 'active'),
  );
  // Whoever is active has their name and manifest in the directory.
  for (const { user, username } of active) {
    expect(world.directory.usernames.get(username)).toBe(user);
    expect(world.directory.manifests.has(user)).toBe(true);
  }
  return { active, pending: rows.length - active.length };
}

const crashPoint: fc.Arbitrary<CrashPoint> = fc.oneof(
  fc.constant<CrashPoint>({ kind: 'none' }),
  fc.record({
    kind: fc.constantFrom('before' as const, 'after' as const),
    operation: fc.nat(operations - 1),
  }),
);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('attempts' as const),
      attempts: fc.array(fc.record({ person: fc.nat(people - 1), point: crashPoint }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'an hour passes' as const }) },
);

describe('registration', () => {
  it('survives a crash between any two steps, and the same request completes it', async () => {
    const seen: Record<Outcome, number> = {
      registered: 0,
      crashed: 0,
      'directory/username-taken': 0,
      'auth/invite-invalid': 0,
      'service/unavailable': 0,
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const contested = newAccount();
        const accounts = [contested, newAccount(), newAccount(contested.username)];
        const { invite } = await get(InviteService).create({ uses: invites, expiresInS: 365 * 86_400 });
        for (const each of steps) {
          if (each.kind === 'an hour passes') {
            world.passMs(61 * 60_000);
            await get(RegistrationService).abandonOld();
          } else {
            const outcomes = await Promise.all(
              each.attempts.map(({ person, point }) =>
                attempt({ account: accounts[person] ?? contested, invite, point }),
              ),
            );
            for (const outcome of outcomes) seen[outcome]++;
          }
          await checkInvariants(accounts, invite);
        }
        for (const account of accounts) {
          const outcome = await attempt({ account, invite, point: { kind: 'none' } });
          expect(['registered', 'directory/username-taken', 'auth/invite-invalid']).toContain(outcome);
          if (outcome === 'directory/username-taken')
            expect(world.directory.usernames.get(account.username)).not.toBe(account.user);
          if (outcome === 'registered') expect((await world.signIn(account.device)).status).toBe(200);
        }
        const { active, pending } = await checkInvariants(accounts, invite);
        expect(pending).toBe(0);
        expect(active.filter(({ username }) => username === contested.username).length).toBeLessThanOrEqual(
          1,
        );
      }),
      // One seed: each outcome is then met often enough in every run of this test, not in most.
      { numRuns: 60, seed: 20261121 },
    );
    // The paths were really walked.
    for (const outcome of [
      'registered',
      'crashed',
      'directory/username-taken',
      'auth/invite-invalid',
    ] as const)
      expect(seen[outcome]).toBeGreaterThan(10);
  }, 240_000);

  it('has no more calls to the outside than the model crashes at', async () => {
    const { invite } = await get(InviteService).create({ uses: 1, expiresInS: 60 });
    const account = newAccount();
    const process = new MortalProcess({ kind: 'none' });
    const proof = proofOf({ device: account.device, challenge: await world.challenge(account.device) });
    await registrationIn(process).register({
      user: account.user,
      username: account.username,
      manifest: world.firstManifest(account),
      proof,
      invite,
    });
    expect(process.operations).toBe(3);
    expect(process.operations).toBeLessThan(operations);
  });
});

it('a double of a request that is refused late does not take away what the other has completed', async () => {
  const { invite } = await get(InviteService).create({ uses: 1, expiresInS: 60 });
  const account = newAccount();
  const late = {
    command: async () => {
      expect(await attempt({ account, invite, point: { kind: 'none' } })).toBe('registered');
      throw problem('directory/username-taken');
    },
  } as unknown as Nats;
  const slow = new RegistrationService(
    world.prisma,
    late,
    get(ChallengeService),
    get(AdmissionService),
    get(InviteService),
    get(SessionService),
    clock(),
    get(EventLog),
  );
  const proof = proofOf({ device: account.device, challenge: await world.challenge(account.device) });
  await expect(
    slow.register({
      user: account.user,
      username: account.username,
      manifest: world.firstManifest(account),
      proof,
      invite,
    }),
  ).rejects.toMatchObject({ code: 'directory/username-taken' });
  expect((await world.signIn(account.device)).status).toBe(200);
});

const points = (count: number): readonly CrashPoint[] =>
  Array.from({ length: count }, (_, operation) => [
    { kind: 'before' as const, operation },
    { kind: 'after' as const, operation },
  ]).flat();

describe('adding a device', () => {
  it.each(points(2))(
    'dies $kind its call number $operation, and the same request completes it',
    async (point) => {
      const { account } = await personByInvite();
      const device = newDevice();
      const manifest = world.manifest({ account, version: 2, devices: [account.device, device] });
      const { prisma, nats } = outside(new MortalProcess(point));
      const dying = new DeviceService(
        prisma,
        nats,
        get(ChallengeService),
        get(SessionService),
        get(RevocationService),
        clock(),
        get(EventLog),
      );
      const proof = proofOf({ device, challenge: await world.challenge(device) });
      await expect(dying.add({ user: account.user, manifest, proof })).rejects.toBeInstanceOf(Crash);
      expect((await world.addDevice({ account, device, manifest })).status).toBe(200);
      expect(await world.prisma.device.count({ where: { userId: account.user } })).toBe(2);
    },
  );
});

describe('deleting an account', () => {
  const cases: readonly { readonly point: CrashPoint; readonly state: string }[] = [
    { point: { kind: 'before', operation: 0 }, state: 'active' },
    { point: { kind: 'after', operation: 0 }, state: 'deleted' },
    { point: { kind: 'before', operation: 1 }, state: 'deleted' },
    { point: { kind: 'after', operation: 1 }, state: 'deleted' },
  ];

  it.each(cases)(
    'that dies $point.kind its call number $point.operation ends $state',
    async ({ point, state }) => {
      const { account } = await personByInvite();
      const { prisma, nats } = outside(new MortalProcess(point));
      const dying = new AccountService(prisma, nats, get(RevocationService), clock(), get(EventLog));
      await dying.delete(account.user).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      await world.housekeep();
      expect(await world.prisma.account.findUnique({ where: { userId: account.user } })).toMatchObject({
        state,
      });
      expect(world.directory.usernames.get(account.username)).toBe(state === 'active' ? account.user : null);
    },
  );
});

async function personByInvite(): Promise<{ readonly account: TestAccount }> {
  const { invite } = await get(InviteService).create({ uses: 1, expiresInS: 3_600 });
  return world.person({ invite });
}
