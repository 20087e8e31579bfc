/** Accounts as a client makes them: real keys, a signed manifest, a registration and sign-ins that auth checks. */
import { randomBytes } from 'node:crypto';
import { generateAccountKey, signDeviceProof, signInContext, signManifest } from '@cipherchat/crypto';
import {
  authRoutes,
  idFromRandom,
  pathOf,
  type DeviceId,
  type Route,
  type UserId,
} from '@cipherchat/protocol';
import { z } from 'zod';
import { makeSome, patientFetch, type Fetch } from './patient-fetch.js';
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
  const prove = async () => {
    const { challenge } = await call(params, authRoutes.createChallenge, { device });
    const signature = signDeviceProof({ context: signInContext, challenge, device, leafSecret: leaf.secret });
    return { device, challenge, signature };
  };
  const tokens = await call(params, authRoutes.register, {
    user,
    username: `p${randomBytes(usernameBytes).toString('hex')}`,
    manifest: manifest.bytes,
    proof: await prove(),
    ...(params.invite === undefined ? {} : { invite: params.invite }),
  });
  return {
    user,
    device,
    tokens,
    leafSecret: leaf.secret,
    signIn: async () => call(params, authRoutes.signIn, await prove()),
  };
}

type JsonRoute = Route & { readonly request: z.ZodType; readonly response: z.ZodType };

async function call<R extends JsonRoute>(
  { authUrl, by }: RegisterParams,
  route: R,
  body: z.output<R['request']>,
): Promise<z.output<R['response']>> {
  const answer = await patientFetch(`${authUrl}${pathOf(route)}`, {
    by,
    method: route.method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(z.encode(route.request, body)),
  });
  return route.response.parse(await answer.json()) as z.output<R['response']>;
}
