/**
 * A device's access token. Signing in is what a client does: a challenge, a signature over it, the token. Ed25519 is
 * that of @noble/curves, through libs/crypto; in k6 it costs some thousand times what it costs a client, so its time is
 * noted apart.
 */
import { signDeviceProof, signInContext } from '@cipherchat/crypto';
import { authRoutes, pathOf, type Route } from '@cipherchat/protocol';
import { z } from 'zod';
import type { WorldPerson } from '../world.js';
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
    const askedAtMs = runtime.nowMs();
    const { challenge } = await this.call(authRoutes.createChallenge, { device });
    const signingAtMs = runtime.nowMs();
    const signature = signDeviceProof({
      context: signInContext,
      challenge,
      device,
      leafSecret: bytesOfHex(person.leafSecret),
    });
    const signedAtMs = runtime.nowMs();
    runtime.note('signing_ms', signedAtMs - signingAtMs);
    const tokens = await this.call(authRoutes.signIn, { device, challenge, signature });
    runtime.note('sign_in_ms', runtime.nowMs() - signedAtMs + signingAtMs - askedAtMs);
    runtime.note('sign_ins', 1);
    this.token = tokens.accessToken;
    this.endsAtMs = tokens.accessTokenExpiresAtMs;
  }

  private async call<R extends JsonRoute>(
    route: R,
    body: z.output<R['request']>,
  ): Promise<z.output<R['response']>> {
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
    return route.response.parse(JSON.parse(text)) as z.output<R['response']>;
  }
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
