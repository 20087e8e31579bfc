/** Accounts as a client makes them: real keys, a signed manifest, a registration and sign-ins that auth checks. */
import { randomBytes } from 'node:crypto';
import {
  generateAccountKey,
  refreshContext,
  signDeviceProof,
  signInContext,
  signManifest,
  type DeviceProofContext,
} from '@cipherchat/crypto';
import { authRoutes, idFromRandom, type DeviceId, type UserId } from '@cipherchat/protocol';
import { ask } from './ask.js';
import { makeSome, type Fetch } from './patient-fetch.js';
import { random } from './random.js';

export type Tokens = { readonly accessToken: string; readonly accessTokenExpiresAtMs: number };
export type Person = {
  readonly user: UserId;
  readonly device: DeviceId;
  /** Of the registration. */
  readonly tokens: Tokens;
  /** The 32-byte seed of the device's leaf key, for whoever signs in elsewhere. */
  readonly leafSecret: Uint8Array;
  /** Signs in anew with the device's key. @throws Error when auth does not answer, or refuses */
  readonly signIn: () => Promise<Tokens>;
  /** Renews the newest tokens, one call after the other. @throws Error when auth does not answer, or refuses */
  readonly refresh: () => Promise<Tokens>;
};

const [hourS, dayS] = [3_600, 86_400];
const usernameBytes = 10;
const registrationsAtOnce = 8;

export type RegisterParams = {
  readonly authUrl: string;
  /** Where registration is not open. */
  readonly invite?: string | undefined;
  readonly by?: Fetch | undefined;
};

/** @throws Error when auth does not answer, or refuses one */
export function registerPeople(
  params: Omit<RegisterParams, 'by'> & {
    readonly count: number;
    /** How each asks: auth limits what comes from one address. */
    readonly byOf?: (index: number) => Fetch;
  },
): Promise<readonly Person[]> {
  const { count, byOf, ...rest } = params;
  return makeSome({
    count,
    atOnce: registrationsAtOnce,
    make: (index) => registerPerson({ ...rest, by: byOf?.(index) }),
  });
}

async function registerPerson(params: RegisterParams): Promise<Person> {
  const user = idFromRandom<UserId>(random);
  const device = idFromRandom<DeviceId>(random);
  const accountKey = generateAccountKey(random);
  const leaf = generateAccountKey(random);
  const addedAtS = Math.floor(Date.now() / 1_000) - hourS;
  const devices = [
    {
      device,
      leafKey: leaf.publicKey,
      nameCiphertext: new Uint8Array(0),
      addedAtS,
      expiresAtS: addedAtS + 30 * dayS,
    },
  ];
  const manifest = signManifest({
    accountKey,
    manifest: { user, accountKey: accountKey.publicKey, version: 1, devices },
  });
  const { authUrl: serverUrl, by, invite } = params;
  const sign = (context: DeviceProofContext, challenge: Uint8Array): Uint8Array =>
    signDeviceProof({ context, challenge, device, leafSecret: leaf.secret });
  const prove = async () => {
    const { challenge } = await ask({ serverUrl, by, route: authRoutes.createChallenge, body: { device } });
    return { device, challenge, signature: sign(signInContext, challenge) };
  };
  const tokens = await ask({
    serverUrl,
    by,
    route: authRoutes.register,
    body: {
      user,
      username: `p${randomBytes(usernameBytes).toString('hex')}`,
      manifest: manifest.bytes,
      proof: await prove(),
      ...(invite === undefined ? {} : { invite }),
    },
  });
  let { refreshToken } = tokens;
  return {
    user,
    device,
    tokens,
    leafSecret: leaf.secret,
    signIn: async () => {
      const renewed = await ask({ serverUrl, by, route: authRoutes.signIn, body: await prove() });
      ({ refreshToken } = renewed);
      return renewed;
    },
    refresh: async () => {
      const signature = sign(refreshContext, new TextEncoder().encode(refreshToken));
      const body = { refreshToken, signature };
      const renewed = await ask({ serverUrl, by, route: authRoutes.refresh, body });
      ({ refreshToken } = renewed);
      return renewed;
    },
  };
}
