/** Accounts of light clients: real keys, a signed manifest, a registration and sign-ins that auth checks. */
import { randomBytes } from 'node:crypto';
import { generateAccountKey, signDeviceProof, signInContext, signManifest } from '@cipherchat/crypto';
import {
  authRoutes,
  binaryMediaType,
  conversationRoutes,
  encode,
  idFromRandom,
  newConversation,
  pathOf,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type Route,
  type UserId,
} from '@cipherchat/protocol';
import { z } from 'zod';

export type Tokens = { readonly accessToken: string; readonly accessTokenExpiresAtMs: number };
export type LightPerson = {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly tokens: Tokens;
  /** Signs in anew with the device's key. @throws Error when auth does not answer, or refuses */
  readonly signIn: () => Promise<Tokens>;
};

export const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
const [hourS, dayS] = [3_600, 86_400];
const usernameBytes = 10;
const timeoutMs = 10_000;
const commitBytes = 4_096;
const accepted = z.object({ kind: z.literal('accepted'), seq: z.number() });

export async function registerLight(authUrl: string): Promise<LightPerson> {
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
    const { challenge } = await call(authUrl, authRoutes.createChallenge, { device });
    const signature = signDeviceProof({ context: signInContext, challenge, device, leafSecret: leaf.secret });
    return { device, challenge, signature };
  };
  const username = `p${randomBytes(usernameBytes).toString('hex')}`;
  const tokens = await call(authUrl, authRoutes.register, {
    user,
    username,
    manifest: manifest.bytes,
    proof: await prove(),
  });
  return { user, device, tokens, signIn: async () => call(authUrl, authRoutes.signIn, await prove()) };
}

export async function createRoom(
  storeUrl: string,
  people: readonly LightPerson[],
): Promise<{ readonly conversation: ConversationId; readonly commitSeq: number }> {
  const conversation = idFromRandom<ConversationId>(random);
  const body = encode(newConversation, {
    conversation,
    kind: 'direct',
    first: {
      envelope: idFromRandom<EnvelopeId>(random),
      kind: 'commit',
      commitSeq: 0,
      commit: random(commitBytes),
      devices: people.map(({ user, device }) => ({ user, device })),
      groupInfo: random(commitBytes),
      welcome: random(commitBytes),
    },
  });
  const answer = await fetch(`${storeUrl}${pathOf(conversationRoutes.create)}`, {
    method: conversationRoutes.create.method,
    headers: {
      authorization: `Bearer ${people[0]?.tokens.accessToken}`,
      'content-type': binaryMediaType,
    },
    body,
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { conversation, commitSeq: accepted.parse(await answer.json()).seq };
}

type JsonRoute = Route & { readonly request: z.ZodType; readonly response: z.ZodType };

async function call<R extends JsonRoute>(
  url: string,
  route: R,
  body: z.output<R['request']>,
): Promise<z.output<R['response']>> {
  const answer = await fetch(`${url}${pathOf(route)}`, {
    method: route.method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(z.encode(route.request, body)),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!answer.ok) throw new Error(`${pathOf(route)} answered ${answer.status}: ${await answer.text()}`);
  return route.response.parse(await answer.json()) as z.output<R['response']>;
}
