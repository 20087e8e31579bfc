/**
 * Access tokens of this device.
 *
 * Invariants:
 * - One refresh at a time; everyone who needs a token waits for the same one.
 * - A refresh token works once. The new one is stored before anything uses what came with it; when a crash
 *   came between, the server ends the session on the second use, and the device signs in again with its key.
 * - The device key is all that is needed to sign in, so losing tokens is never losing the account.
 */
import { refreshContext, signDeviceProof, signInContext } from '@cipherchat/crypto';
import { authRoutes, isProblem, type ProblemCode, type Tokens } from '@cipherchat/protocol';
import type { Clock } from '../ports/clock.js';
import type { StopReason } from '../events.js';
import type { Memory } from '../state/memory.js';
import type { ProfileRow, SessionRow } from '../state/rows.js';
import type { Steps } from '../state/steps.js';
import { only, tables } from '../state/tables.js';
import { type Api, type TokenSource } from './api.js';

/** A token that ends sooner than this is not used for a request any more. */
const minRemainingMs = 20_000;

/** The server will not let this device in again: the client stops. */
export class AccessEndedError extends Error {
  override readonly name = 'AccessEndedError';
  constructor(readonly reason: StopReason) {
    super(`access ended: ${reason}`);
  }
}

export type SessionPorts = {
  readonly api: Api;
  readonly steps: Steps;
  readonly memory: Memory;
  readonly clock: Clock;
  /** How far the server's clock is ahead of ours, as the connection last saw it. */
  readonly serverOffsetMs: () => number;
};

export class Session implements TokenSource {
  private renewal: Promise<string> | null = null;
  private refusedToken: string | null = null;

  constructor(private readonly ports: SessionPorts) {}

  async accessToken(): Promise<string> {
    const { memory, clock, serverOffsetMs } = this.ports;
    const session = memory.session;
    const nowMs = clock.nowMs() + serverOffsetMs();
    const usable =
      session !== null &&
      session.accessToken !== this.refusedToken &&
      session.accessTokenExpiresAtMs - nowMs > minRemainingMs;
    return usable ? session.accessToken : this.renew();
  }

  /** A token fresh enough to prolong a connection with. */
  renew(): Promise<string> {
    this.renewal ??= this.exchange().finally(() => {
      this.renewal = null;
    });
    return this.renewal;
  }

  refused(token: string): void {
    this.refusedToken = token;
  }

  /** Ends the session on the server; the device can sign in again. */
  async signOut(): Promise<void> {
    await this.ports.api.call(authRoutes.signOut, {});
  }

  private async exchange(): Promise<string> {
    const { profile, session } = this.ports.memory;
    const tokens = session === null ? await this.signIn(profile) : await this.refresh(profile, session);
    const row = sessionRow(tokens);
    await this.ports.steps.run('session/store-tokens', (transaction) =>
      transaction.put(tables.session, only, row),
    );
    return row.accessToken;
  }

  private async refresh(profile: ProfileRow, session: SessionRow): Promise<Tokens> {
    const { refreshToken } = session;
    const challenge = new TextEncoder().encode(refreshToken);
    const signature = signDeviceProof({
      context: refreshContext,
      challenge,
      device: profile.device,
      leafSecret: profile.leafSecret,
    });
    try {
      return await this.ports.api.call(authRoutes.refresh, { request: { refreshToken, signature } });
    } catch (error) {
      if (isOneOf(error, ['auth/refresh-invalid', 'auth/refresh-reused', 'auth/signature-invalid']))
        return this.signIn(profile);
      throw accessEnded(error) ?? error;
    }
  }

  private async signIn(profile: ProfileRow): Promise<Tokens> {
    try {
      const proof = await createProof({ api: this.ports.api, profile });
      return await this.ports.api.call(authRoutes.signIn, { request: proof });
    } catch (error) {
      throw accessEnded(error) ?? error;
    }
  }
}

/** Signs a fresh challenge with the device key. */
export async function createProof(params: { readonly api: Api; readonly profile: ProfileRow }) {
  const { device, leafSecret } = params.profile;
  const { challenge } = await params.api.call(authRoutes.createChallenge, { request: { device } });
  return {
    device,
    challenge,
    signature: signDeviceProof({ context: signInContext, challenge, device, leafSecret }),
  };
}

export function sessionRow(tokens: Tokens): SessionRow {
  const { session, accessToken, accessTokenExpiresAtMs, refreshToken, role } = tokens;
  return { session, accessToken, accessTokenExpiresAtMs, refreshToken, role };
}

function isOneOf(error: unknown, codes: readonly ProblemCode[]): boolean {
  return isProblem(error) && codes.includes(error.code);
}

function accessEnded(error: unknown): AccessEndedError | null {
  if (isOneOf(error, ['auth/device-revoked'])) return new AccessEndedError('device-revoked');
  if (isOneOf(error, ['auth/user-disabled'])) return new AccessEndedError('user-disabled');
  // At sign-in: the server holds no such device, or holds another key for it.
  if (isOneOf(error, ['auth/signature-invalid'])) return new AccessEndedError('unknown-device');
  return null;
}
