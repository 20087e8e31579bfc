/** Access tokens: EdDSA JWTs that auth signs and every service verifies with auth's public keys. */
import type { KeyObject } from 'node:crypto';
import { errors, jwtVerify, SignJWT, type CryptoKey, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import {
  deviceIdSchema,
  limits,
  sessionIdSchema,
  userIdSchema,
  type DeviceId,
  type SessionId,
  type UserId,
} from '@cipherchat/protocol';
import type { Clock } from './clock.js';
import type { Revocations } from './revocations.js';

/** A stolen token, and a revocation that a service did not hear of, lasts at most this long. */
export const accessTokenLifetimeMs = 10 * 60_000;
/** Clocks of auth and of the verifier may differ by this. */
export const clockToleranceMs = 5_000;

const algorithm = 'EdDSA';
const issuer = 'cipherchat';
const audience = 'cipherchat';
/** RFC 9068: an access token is never mistaken for another JWT of the same keys. */
const tokenType = 'at+jwt';

export type Role = 'member' | 'admin';

/** Who calls: what an access token says. */
export type CurrentDevice = {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly session: SessionId;
  readonly role: Role;
};

export type TokenCheck =
  | { readonly kind: 'valid'; readonly caller: CurrentDevice; readonly expiresAtMs: number }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'device-revoked' }
  /** Auth's public keys could not be fetched. */
  | { readonly kind: 'keys-unavailable' };

const claims = z.object({
  sub: userIdSchema,
  did: deviceIdSchema,
  sid: sessionIdSchema,
  role: z.enum(['member', 'admin']),
  exp: z.number(),
});

export async function signAccessToken(params: {
  readonly caller: CurrentDevice;
  readonly key: CryptoKey | KeyObject;
  readonly keyId: string;
  readonly nowMs: number;
}): Promise<{ readonly accessToken: string; readonly accessTokenExpiresAtMs: number }> {
  const { caller, key, keyId, nowMs } = params;
  const issuedAtS = Math.floor(nowMs / 1_000);
  const expiresAtS = issuedAtS + accessTokenLifetimeMs / 1_000;
  const accessToken = await new SignJWT({ did: caller.device, sid: caller.session, role: caller.role })
    .setProtectedHeader({ alg: algorithm, typ: tokenType, kid: keyId })
    .setSubject(caller.user)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(issuedAtS)
    .setExpirationTime(expiresAtS)
    .sign(key);
  return { accessToken, accessTokenExpiresAtMs: expiresAtS * 1_000 };
}

/** Verifies access tokens. Used by the route guard for HTTP and by the gateway for its first frame. */
export class AccessTokens {
  constructor(
    private readonly keys: JWTVerifyGetKey,
    private readonly revocations: Revocations,
    private readonly clock: Clock,
  ) {}

  async check(token: string): Promise<TokenCheck> {
    if (token.length > limits.maxAccessTokenBytes) return { kind: 'invalid' };
    const payload = await this.verified(token);
    if (payload === 'invalid' || payload === 'keys-unavailable') return { kind: payload };
    const parsed = claims.safeParse(payload);
    if (!parsed.success) return { kind: 'invalid' };
    const { sub: user, did: device, sid: session, role, exp } = parsed.data;
    const caller: CurrentDevice = { user, device, session, role };
    switch (this.revocations.stateOf(caller)) {
      case 'device-revoked':
        return { kind: 'device-revoked' };
      case 'session-ended':
        return { kind: 'invalid' };
      case 'active':
        return { kind: 'valid', caller, expiresAtMs: exp * 1_000 };
    }
  }

  private async verified(token: string): Promise<object | 'invalid' | 'keys-unavailable'> {
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        algorithms: [algorithm],
        typ: tokenType,
        issuer,
        audience,
        clockTolerance: clockToleranceMs / 1_000,
        currentDate: new Date(this.clock.nowMs()),
        requiredClaims: ['exp', 'iat', 'sub'],
      });
      return payload;
    } catch (error) {
      return isTokenFault(error) ? 'invalid' : 'keys-unavailable';
    }
  }
}

/** The rest (a JWKS that does not come, or is not one) is not the caller's fault. */
function isTokenFault(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false;
  if (error instanceof errors.JOSEError) return error.code !== 'ERR_JOSE_GENERIC';
  // Not base64url, or not JSON where a header should be.
  return error instanceof SyntaxError || error instanceof RangeError;
}
