/** Auth as it runs, with real Postgres, Redis and NATS of the test's own; only the key directory is played. */
import { generateKeyPairSync } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import {
  authRoutes,
  decode,
  pathOf,
  revocation,
  revocationsQuery,
  revocationsResult,
  subjects,
  type ProblemCode,
  type Revocation,
  type Route,
  type Tokens,
} from '@cipherchat/protocol';
import {
  createService,
  Nats,
  REDIS,
  type Environment,
  type RequestOf,
  type ResponseOf,
  type RunningService,
} from '@cipherchat/service-kit';
import {
  freshDatabase,
  freshRedisUrl,
  startNats,
  type FreshDatabase,
  type RunningServer,
} from '@cipherchat/test-kit';
import { auth } from '../auth.module.js';
import { PrismaClient } from '../generated/prisma/client.js';
import { Housekeeping } from '../housekeeping.js';
import {
  manifestOf,
  newAccount,
  newDevice,
  proofOf,
  refreshSignature,
  type ManifestParams,
  type TestAccount,
  type TestDevice,
} from './identity.js';
import { PlayedDirectory } from './key-directory.js';

export type Answer<R extends Route> = {
  readonly status: number;
  readonly code: ProblemCode | undefined;
  readonly problem: Readonly<Record<string, unknown>>;
  readonly body: ResponseOf<R>;
};

type CallParams<R extends Route> = {
  readonly body?: RequestOf<R>;
  readonly path?: Readonly<Record<string, string>>;
  readonly token?: string;
};

export type RegisterParams = {
  readonly invite?: string;
  readonly bootstrapToken?: string;
  readonly manifest?: Uint8Array;
  readonly username?: string;
};

export const bootstrapToken = 'bootstrap-token-of-this-test';
const signingKeyPem = generateKeyPairSync('ed25519').privateKey.export({
  format: 'pem',
  type: 'pkcs8',
}) as string;

export class AuthWorld {
  readonly published: Revocation[] = [];
  private readonly firstManifests = new WeakMap<TestAccount, Uint8Array>();
  private offsetMs = 0;

  private constructor(
    readonly service: RunningService,
    readonly directory: PlayedDirectory,
    readonly database: FreshDatabase,
    readonly logged: readonly string[],
    private readonly nats: RunningServer,
    private readonly clock: { offsetMs: () => number },
  ) {
    service.application
      .get(Nats)
      .subscribe(subjects.revoked, (payload) => void this.published.push(decode(revocation, payload)));
    this.clock.offsetMs = () => this.offsetMs;
  }

  static async start(changes: Environment = {}): Promise<AuthWorld> {
    const [nats, database, redisUrl] = await Promise.all([startNats(), freshDatabase(), freshRedisUrl()]);
    const directory = await PlayedDirectory.start(nats.url);
    const logged: string[] = [];
    const clock = { offsetMs: () => 0 };
    const service = await createService(auth, {
      environment: {
        PORT: '0',
        LOG_LEVEL: 'trace',
        DATABASE_URL: database.url('auth'),
        NATS_URL: nats.url,
        REDIS_URL: redisUrl,
        AUTH_SIGNING_KEY: signingKeyPem,
        REGISTRATION: 'open',
        BOOTSTRAP_TOKEN: bootstrapToken,
        RATE_LIMIT_SCALE: '100000',
        PUBLIC_AUTH_URL: 'https://chat.example',
        PUBLIC_KEYS_URL: 'https://chat.example',
        PUBLIC_CONVERSATIONS_URL: 'https://chat.example',
        PUBLIC_GATEWAY_URLS: 'wss://one.chat.example,wss://two.chat.example',
        ...changes,
      },
      clock: { nowMs: () => Date.now() + clock.offsetMs() },
      logDestination: { write: (line) => void logged.push(line) },
    });
    return new AuthWorld(service, directory, database, logged, nats, clock);
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.directory.stop();
    await this.nats.stop();
    await this.database.drop();
  }

  get prisma(): PrismaClient {
    return this.service.application.get(PrismaClient);
  }

  get redis(): Redis {
    return this.service.application.get<Redis>(REDIS);
  }

  get nowMs(): number {
    return Date.now() + this.offsetMs;
  }

  /** The service's clock goes on; Redis's and Postgres's own do not. */
  passMs(durationMs: number): void {
    this.offsetMs += durationMs;
  }

  housekeep(): Promise<void> {
    return this.service.application.get(Housekeeping).run();
  }

  async call<R extends Route>(route: R, params: CallParams<R> = {}): Promise<Answer<R>> {
    const response = await fetch(`${this.service.url}${pathOf(route, params.path)}`, {
      method: route.method,
      headers: {
        ...(params.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(params.token === undefined ? {} : { authorization: `Bearer ${params.token}` }),
      },
      ...(params.body === undefined || route.request === undefined
        ? {}
        : { body: JSON.stringify(z.encode(route.request, params.body)) }),
    });
    const text = await response.text();
    const json: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) {
      const body = json as Readonly<Record<string, unknown>>;
      return {
        status: response.status,
        code: body['code'] as ProblemCode,
        problem: body,
        body: undefined as ResponseOf<R>,
      };
    }
    const body = route.response === undefined ? undefined : route.response.parse(json);
    return { status: response.status, code: undefined, problem: {}, body: body as ResponseOf<R> };
  }

  async challenge(device: TestDevice): Promise<Uint8Array> {
    return (await this.call(authRoutes.createChallenge, { body: { device: device.device } })).body.challenge;
  }

  async register(
    account: TestAccount,
    params: RegisterParams = {},
  ): Promise<Answer<typeof authRoutes.register>> {
    const { username = account.username, manifest = this.firstManifest(account), ...rest } = params;
    const proof = proofOf({ device: account.device, challenge: await this.challenge(account.device) });
    return this.call(authRoutes.register, {
      body: { user: account.user, username, manifest, proof, ...rest },
    });
  }

  /** Made once, as a client does: a retry sends the same bytes. */
  firstManifest(account: TestAccount): Uint8Array {
    const made = this.firstManifests.get(account) ?? this.manifest({ account });
    this.firstManifests.set(account, made);
    return made;
  }

  manifest(params: Omit<ManifestParams, 'nowMs'>): Uint8Array {
    return manifestOf({ ...params, nowMs: this.nowMs });
  }

  /** A registered account with its tokens. */
  async person(
    params: RegisterParams = {},
  ): Promise<{ readonly account: TestAccount; readonly tokens: Tokens }> {
    const account = newAccount();
    const answer = await this.register(account, params);
    if (answer.status !== 200) throw new Error(`registration: ${answer.code}`);
    return { account, tokens: answer.body };
  }

  async admin(): Promise<{ readonly account: TestAccount; readonly tokens: Tokens }> {
    return this.person({ bootstrapToken });
  }

  async signIn(device: TestDevice): Promise<Answer<typeof authRoutes.signIn>> {
    return this.call(authRoutes.signIn, {
      body: proofOf({ device, challenge: await this.challenge(device) }),
    });
  }

  refresh(params: {
    readonly device: TestDevice;
    readonly refreshToken: string;
  }): Promise<Answer<typeof authRoutes.refresh>> {
    return this.call(authRoutes.refresh, {
      body: { refreshToken: params.refreshToken, signature: refreshSignature(params) },
    });
  }

  async addDevice(params: {
    readonly account: TestAccount;
    readonly device: TestDevice;
    readonly manifest: Uint8Array;
  }): Promise<Answer<typeof authRoutes.addDevice>> {
    const proof = proofOf({ device: params.device, challenge: await this.challenge(params.device) });
    return this.call(authRoutes.addDevice, {
      body: { user: params.account.user, manifest: params.manifest, proof },
    });
  }

  /** Adds a new device by a manifest that names all of these and it. */
  async another(
    account: TestAccount,
    params: { readonly version: number; readonly others?: readonly TestDevice[] },
  ): Promise<{ readonly device: TestDevice; readonly tokens: Tokens }> {
    const device = newDevice();
    const manifest = this.manifest({
      account,
      version: params.version,
      devices: [account.device, ...(params.others ?? []), device],
    });
    const answer = await this.addDevice({ account, device, manifest });
    if (answer.status !== 200) throw new Error(`adding a device: ${answer.code}`);
    return { device, tokens: answer.body };
  }

  /** What every other service is answered. */
  async revocationsAfter(after: number, sinceMs = 0): Promise<readonly Revocation[]> {
    const { revocations } = await this.service.application.get(Nats).request({
      subject: subjects.revocations,
      question: revocationsQuery,
      answer: revocationsResult,
      body: { after, sinceMs },
    });
    return revocations;
  }

  whoAmI(token: string): Promise<Answer<typeof authRoutes.listDevices>> {
    return this.call(authRoutes.listDevices, { token });
  }
}
