/**
 * A device's access token. Signing in is what a client does: a challenge, a signature over it, the token. Ed25519 is
 * that of @noble/curves, through libs/crypto; in k6 it costs some thousand times what it costs a client, so its time is
 * noted apart.
 */
import { signDeviceProof, signInContext } from '@cipherchat/crypto';
import { authRoutes, pathOf, type Route } from '@cipherchat/protocol';
import { z } from 'zod';
import type { World, WorldPerson } from '../world.js';
import type { Runtime } from './runtime.js';

/** A token that ends sooner is of no use for what is about to begin. */
const minTokenLifeMs = 30_000;
const success = 200;
const created = 201;

type JsonRoute = Route & { readonly request: z.ZodType; readonly response: z.ZodType };

export class Credentials {
  private token: string;
  private endsAtMs: number;

  constructor(
    private readonly runtime: Runtime,
    private readonly authUrl: string,
    private readonly person: WorldPerson,
  ) {
    this.token = person.accessToken;
    this.endsAtMs = person.accessTokenExpiresAtMs;
  }

  /** @throws Error when auth does not answer, or refuses */
  async accessToken(): Promise<string> {
    if (this.endsAtMs - this.runtime.wallMs() < minTokenLifeMs) await this.signIn();
    return this.token;
  }

  /** The token that there is, old as it may be. */
  get lastToken(): string {
    return this.token;
  }

  /** @throws Error when auth does not answer, or refuses */
  async signIn(): Promise<void> {
    const { runtime, person } = this;
    const { device } = person;
    const asked = await this.call(authRoutes.createChallenge, { device });
    const signingAtMs = runtime.nowMs();
    const { challenge } = asked.body;
    const signature = signDeviceProof({
      context: signInContext,
      challenge,
      device,
      leafSecret: leafSecretOf(person),
    });
    runtime.note('signing_ms', runtime.nowMs() - signingAtMs);
    const signedIn = await this.call(authRoutes.signIn, { device, challenge, signature });
    runtime.note('sign_in_ms', asked.tookMs + signedIn.tookMs);
    runtime.note('sign_ins', 1);
    this.token = signedIn.body.accessToken;
    this.endsAtMs = signedIn.body.accessTokenExpiresAtMs;
  }

  private async call<R extends JsonRoute>(
    route: R,
    body: z.output<R['request']>,
  ): Promise<{ readonly body: z.output<R['response']>; readonly tookMs: number }> {
    const answer = await this.runtime.request({
      method: route.method,
      url: `${this.authUrl}${pathOf(route)}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(z.encode(route.request, body)),
    });
    const text = new TextDecoder().decode(answer.body);
    if (answer.status !== success && answer.status !== created) {
      this.runtime.note('requests_failed', 1);
      throw new Error(`${route.path} answered ${answer.status}: ${text}`);
    }
    return {
      body: route.response.parse(JSON.parse(text)) as z.output<R['response']>,
      tookMs: answer.tookMs,
    };
  }
}

/**
 * The first signature of an engine takes ten times as long as the others, for tables that it makes: to be called in
 * each VU before anything is timed.
 */
export function prepareSigning(world: World): void {
  const person = Object.values(world.rooms)[0]?.[0]?.members[0];
  if (person === undefined) return;
  const { device } = person;
  const challenge = new Uint8Array(challengeBytes);
  signDeviceProof({ context: signInContext, challenge, device, leafSecret: leafSecretOf(person) });
}

const challengeBytes = 32;

function leafSecretOf({ leafSecret }: WorldPerson): Uint8Array {
  return Uint8Array.from(leafSecret.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
