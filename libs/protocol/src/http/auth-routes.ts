/** `/v1/auth`: accounts, devices, sessions. There are no passwords: a device signs challenges with its key. */
import { z } from 'zod';
import { deviceIdSchema, sessionIdSchema, userIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { bytesField, instantMsField, usernameField } from './body.js';
import { route } from './route.js';

const challenge = bytesField({ lengthBytes: 32 });
const signature = bytesField({ lengthBytes: 64 });
const manifest = bytesField({ maxBytes: limits.maxManifestBytes });
const opaqueToken = z.string().min(16).max(256);

/** A device that answered a challenge: `signature` is over `signInContext ‖ 0 ‖ challenge ‖ device` (libs/crypto, `verify/device-proof.ts`). */
const proof = z.object({ device: deviceIdSchema, challenge, signature });

const tokens = z.object({
  user: userIdSchema,
  device: deviceIdSchema,
  session: sessionIdSchema,
  accessToken: z.string(),
  accessTokenExpiresAtMs: instantMsField,
  refreshToken: opaqueToken,
  role: z.enum(['member', 'admin']),
});

/** Set by auth in browsers in which an account was made or signed in: that there was one, and nothing of whom. */
export const browserMarkCookie = 'cipherchat-account';

export const authRoutes = {
  discovery: route({
    method: 'GET',
    path: '/.well-known/cipherchat',
    summary: 'Where this deployment answers. A client needs one URL; the rest is here.',
    access: 'public',
    response: z.object({
      authUrl: z.url(),
      keysUrl: z.url(),
      conversationsUrl: z.url(),
      gatewayUrls: z.array(z.url()).min(1),
      registration: z.enum(['open', 'invite']),
      subprotocols: z.array(z.string()),
    }),
    problems: [],
  }),
  jwks: route({
    method: 'GET',
    path: '/v1/auth/jwks.json',
    summary: 'Public keys of the access tokens (RFC 7517).',
    access: 'public',
    response: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
    problems: [],
  }),
  createChallenge: route({
    method: 'POST',
    path: '/v1/auth/challenges',
    summary:
      'A challenge for a device to sign; single use, one minute. Given for unknown devices too, so that it tells nothing.',
    access: 'public',
    request: z.object({ device: deviceIdSchema }),
    response: z.object({ challenge, expiresAtMs: instantMsField }),
    problems: [],
  }),
  register: route({
    method: 'POST',
    path: '/v1/auth/register',
    summary:
      'Create an account with its first device. Repeating it with the same ids and keys gives a new session.',
    access: 'public',
    request: z.object({
      user: userIdSchema,
      username: usernameField,
      /** Version 1, signed by the account key, naming this device only. */
      manifest,
      proof,
      invite: opaqueToken.optional(),
      /** Makes the first administrator; printed once by the operator's setup. */
      bootstrapToken: opaqueToken.optional(),
    }),
    response: tokens,
    problems: [
      'auth/challenge-unknown',
      'auth/signature-invalid',
      'auth/registration-closed',
      'auth/invite-invalid',
      'auth/user-exists',
      'auth/bootstrap-closed',
      'directory/username-taken',
      'directory/manifest-invalid',
    ],
  }),
  addDevice: route({
    method: 'POST',
    path: '/v1/auth/devices',
    summary: 'Add the device that signed the challenge to an account whose newer manifest names it.',
    access: 'public',
    request: z.object({ user: userIdSchema, manifest, proof }),
    response: tokens,
    problems: [
      'auth/challenge-unknown',
      'auth/signature-invalid',
      'auth/user-exists',
      'auth/user-disabled',
      'auth/too-many-devices',
      'directory/manifest-invalid',
      'directory/manifest-stale',
      'directory/user-unknown',
    ],
  }),
  signIn: route({
    method: 'POST',
    path: '/v1/auth/sign-in',
    summary: 'A new session for a device that signed a challenge.',
    access: 'public',
    request: proof,
    response: tokens,
    problems: [
      'auth/challenge-unknown',
      'auth/signature-invalid',
      'auth/device-revoked',
      'auth/user-disabled',
    ],
  }),
  refresh: route({
    method: 'POST',
    path: '/v1/auth/refresh',
    summary:
      'Exchange a refresh token; it works once. `signature` is over `refreshContext ‖ 0 ‖ token ‖ device`, by the device it was given to.',
    access: 'public',
    request: z.object({ refreshToken: opaqueToken, signature }),
    response: tokens,
    problems: [
      'auth/refresh-invalid',
      'auth/refresh-reused',
      'auth/signature-invalid',
      'auth/device-revoked',
      'auth/user-disabled',
    ],
  }),
  signOut: route({
    method: 'POST',
    path: '/v1/auth/sign-out',
    summary: 'End this session.',
    access: 'device',
    problems: [],
  }),
  listDevices: route({
    method: 'GET',
    path: '/v1/auth/devices',
    summary: 'Devices of this account.',
    access: 'device',
    response: z.object({
      devices: z.array(
        z.object({
          device: deviceIdSchema,
          createdAtMs: instantMsField,
          lastSeenDay: z.string().nullable(),
          revokedAtMs: instantMsField.nullable(),
          current: z.boolean(),
        }),
      ),
    }),
    problems: [],
  }),
  revokeDevice: route({
    method: 'DELETE',
    path: '/v1/auth/devices/:device',
    summary: 'Remove a device of this account: its sessions end, its sockets close, its groups remove it.',
    access: 'device',
    problems: [],
  }),
  deleteAccount: route({
    method: 'DELETE',
    path: '/v1/auth/account',
    summary: 'Delete this account and all its devices. The username stays reserved.',
    access: 'device',
    problems: [],
  }),
  createInvite: route({
    method: 'POST',
    path: '/v1/auth/admin/invites',
    summary: 'An invite code for registration.',
    access: 'admin',
    request: z.object({
      uses: z.number().int().min(1).max(10_000),
      expiresInS: z
        .number()
        .int()
        .min(60)
        .max(365 * 86_400),
    }),
    response: z.object({ invite: opaqueToken, expiresAtMs: instantMsField }),
    problems: ['auth/forbidden'],
  }),
  disableUser: route({
    method: 'POST',
    path: '/v1/auth/admin/users/:user/disable',
    summary: 'Lock an account: its sessions end and its sockets close.',
    access: 'admin',
    problems: ['auth/forbidden', 'directory/user-unknown'],
  }),
  enableUser: route({
    method: 'POST',
    path: '/v1/auth/admin/users/:user/enable',
    summary: 'Unlock an account.',
    access: 'admin',
    problems: ['auth/forbidden', 'directory/user-unknown'],
  }),
} as const;

export type Tokens = z.infer<typeof tokens>;
export type DeviceProof = z.infer<typeof proof>;
