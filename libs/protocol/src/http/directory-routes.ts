/** `/v1/keys` and `/v1/people`: public keys and names. All of it is checked again by clients; see docs/threat-model.md. */
import { z } from 'zod';
import { deviceIdSchema, userIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { bytesField, instantMsField, suiteField, usernameField } from './body.js';
import { route } from './route.js';

const manifest = bytesField({ maxBytes: limits.maxManifestBytes });
const recoveryRecord = bytesField({ lengthBytes: limits.recoveryRecordBytes });
const keyPackage = bytesField({ maxBytes: limits.maxKeyPackageBytes });

export const keysRoutes = {
  publishManifest: route({
    method: 'PUT',
    path: '/v1/keys/manifest',
    summary: 'Publish a newer manifest of one’s own account.',
    access: 'device',
    request: z.object({ manifest }),
    response: z.object({ version: z.number().int() }),
    problems: ['directory/manifest-invalid', 'directory/manifest-stale', 'directory/user-unknown'],
  }),
  findManifests: route({
    method: 'POST',
    path: '/v1/keys/manifests/find',
    summary: 'The current manifests of users; one whose version the caller has is left out.',
    access: 'device',
    request: z.object({
      users: z
        .array(z.object({ user: userIdSchema, haveVersion: z.number().int().min(0) }))
        .min(1)
        .max(limits.maxUsersPerQuery),
    }),
    response: z.object({
      manifests: z.array(z.object({ user: userIdSchema, manifest })),
      unknown: z.array(userIdSchema),
    }),
    problems: [],
  }),
  publishRecovery: route({
    method: 'PUT',
    path: '/v1/keys/recovery',
    summary:
      'Keep the caller’s account key, sealed under a recovery key and signed by itself, in place of an older record.',
    access: 'device',
    request: z.object({ record: recoveryRecord }),
    response: z.object({ version: z.number().int() }),
    problems: ['directory/recovery-invalid', 'directory/recovery-stale', 'directory/user-unknown'],
  }),
  readRecovery: route({
    method: 'GET',
    path: '/v1/keys/recovery',
    summary: 'The recovery record of the caller’s account, to see whether it is there and which one it is.',
    access: 'device',
    response: z.object({ record: recoveryRecord.nullable() }),
    problems: [],
  }),
  findRecovery: route({
    method: 'POST',
    path: '/v1/keys/recovery/find',
    summary:
      'The recovery record of a username, and the newest manifest of its account, for who shows the lookup secret of the recovery key.',
    access: 'public',
    request: z.object({ username: usernameField, lookup: bytesField({ lengthBytes: 32 }) }),
    response: z.object({ user: userIdSchema, record: recoveryRecord, manifest }),
    problems: ['directory/recovery-unknown'],
  }),
  uploadKeyPackages: route({
    method: 'POST',
    path: '/v1/keys/key-packages',
    summary: 'Add single-use key packages of this device, and replace its last-resort one.',
    access: 'device',
    request: z.object({
      suite: suiteField,
      singleUse: z
        .array(z.object({ keyPackage, notAfterMs: instantMsField }))
        .max(limits.maxKeyPackagesPerDevice),
      lastResort: z.object({ keyPackage, notAfterMs: instantMsField }).optional(),
    }),
    response: z.object({ singleUseCount: z.number().int() }),
    problems: ['directory/key-packages-full'],
  }),
  countKeyPackages: route({
    method: 'GET',
    path: '/v1/keys/key-packages',
    summary: 'How many key packages this device has left.',
    access: 'device',
    query: z.object({ suite: z.coerce.number().pipe(suiteField) }),
    response: z.object({ singleUseCount: z.number().int(), lastResortNotAfterMs: instantMsField.nullable() }),
    problems: [],
  }),
  claimKeyPackages: route({
    method: 'POST',
    path: '/v1/keys/key-packages/claim',
    summary:
      'One key package for each named device (all devices of the user when none is named), each handed out once, but for last-resort ones.',
    access: 'device',
    request: z.object({
      user: userIdSchema,
      suite: suiteField,
      devices: z.array(deviceIdSchema).max(limits.maxDevicesPerUser).optional(),
    }),
    response: z.object({
      claimed: z.array(z.object({ device: deviceIdSchema, keyPackage, lastResort: z.boolean() })),
      /** In the manifest, but without any key package. */
      exhausted: z.array(deviceIdSchema),
    }),
    problems: ['directory/user-unknown', 'directory/claim-refused'],
  }),
} as const;

const person = z.object({ user: userIdSchema, username: usernameField });

export const peopleRoutes = {
  findByUsername: route({
    method: 'GET',
    path: '/v1/people/by-username/:username',
    summary: 'The user of a username, exactly spelled. There is no listing and no prefix search.',
    access: 'device',
    response: person,
    problems: ['directory/user-unknown'],
  }),
  findUsernames: route({
    method: 'POST',
    path: '/v1/people/find',
    summary: 'Usernames of users.',
    access: 'device',
    request: z.object({ users: z.array(userIdSchema).min(1).max(limits.maxUsersPerQuery) }),
    response: z.object({ people: z.array(person) }),
    problems: [],
  }),
  listBlocks: route({
    method: 'GET',
    path: '/v1/people/blocks',
    summary: 'Whom the caller’s account has blocked, in no order.',
    access: 'device',
    response: z.object({ users: z.array(userIdSchema).max(limits.maxBlocksPerUser) }),
    problems: [],
  }),
  block: route({
    method: 'PUT',
    path: '/v1/people/blocks/:user',
    summary:
      'From now on no key package of the caller’s account is handed to that user, who is not told. Done once when sent twice.',
    access: 'device',
    problems: ['directory/user-unknown', 'directory/too-many-blocks'],
  }),
  unblock: route({
    method: 'DELETE',
    path: '/v1/people/blocks/:user',
    summary: 'Undoes a block; also when there is none.',
    access: 'device',
    problems: [],
  }),
} as const;
