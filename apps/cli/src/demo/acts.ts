/** The three acts of the demo. Each writes into the ledger what was sent and what was shown. */
import { setTimeout as pause } from 'node:timers/promises';
import { CliFailure } from '../exit-codes.js';
import { CliUser, runOnce, type Told } from './cli-user.js';
import type { Ledger } from './ledger.js';

export type Stage = {
  readonly ledger: Ledger;
  readonly dataHome: string;
  readonly server: string;
  readonly say: (line: string) => void;
};

const actTimeoutMs = 120_000;
const pollMs = 20;
/** The server takes a few registrations a minute from one address; the demo waits its turn. */
const maxRegistrationWaitMs = 120_000;

/** A person of the demo, whose process may end and begin again. */
export class Actor {
  private process: CliUser | undefined;
  /** What the process told that is not a message, newest last. */
  readonly heard: Told[] = [];

  constructor(
    private readonly stage: Stage,
    readonly username: string,
    private readonly gateway: string | undefined,
  ) {}

  async register(): Promise<void> {
    const deadline = performance.now() + maxRegistrationWaitMs;
    for (;;) {
      const { code, err } = await runOnce({ ...this.stage, username: this.username }, [
        'register',
        this.username,
      ]);
      if (code === 0) return;
      const {
        problem,
        retryAfterMs = 0,
        error,
      } = JSON.parse(err.trim().split('\n').at(-1) ?? '{}') as {
        readonly problem?: string;
        readonly retryAfterMs?: number;
        readonly error?: string;
      };
      if (problem !== 'request/rate-limited' || performance.now() + retryAfterMs > deadline)
        throw new CliFailure('refused', `${this.username} cannot register: ${error ?? err}`);
      this.stage.say(
        `  The server asks to wait ${Math.ceil(retryAfterMs / 1_000)} s before the next registration.`,
      );
      await pause(retryAfterMs);
    }
  }

  /** Starts the process and waits until it is live. Returns its gateway. */
  async comeOnline(): Promise<string> {
    const process = CliUser.start({
      ...this.stage,
      username: this.username,
      ...(this.gateway === undefined ? {} : { gateway: this.gateway }),
      onTold: (told, atMs) => this.told(told, atMs),
    });
    this.process = process;
    await until(`${this.username} to be connected`, () => process.gateway !== undefined);
    return process.gateway ?? '';
  }

  get pid(): number {
    return this.running.pid;
  }

  ask(command: Told): Promise<Told> {
    return this.running.ask(command);
  }

  /** Sends, and writes it down with the time at which it was handed over. */
  async send(params: {
    readonly to: string;
    readonly text: string;
    readonly receivers: readonly Actor[];
    readonly online: boolean;
  }): Promise<string> {
    const atMs = performance.now();
    const { message } = await this.ask({ do: 'send', to: params.to, text: params.text });
    const id = String(message);
    this.stage.ledger.write({
      id,
      from: this.username,
      to: params.receivers.map(({ username }) => username),
      text: params.text,
      atMs,
      online: params.online,
    });
    return id;
  }

  kill(): Promise<void> {
    return this.running.kill();
  }

  async quit(): Promise<void> {
    await this.process?.quit();
  }

  private get running(): CliUser {
    if (this.process === undefined) throw new CliFailure('failure', `${this.username} was never started`);
    return this.process;
  }

  private told(told: Told, atMs: number): void {
    const body = told['body'] as { readonly kind: string; readonly text?: string } | undefined;
    if (told['kind'] === 'message' && told['own'] === false && body?.kind === 'text') {
      this.stage.ledger.show({ id: String(told['id']), by: this.username, text: body.text ?? '', atMs });
    } else this.heard.push(told);
  }
}

export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + actTimeoutMs;
  while (!(await isSo())) {
    if (performance.now() > deadline)
      throw new CliFailure('undelivered', `waited ${actTimeoutMs / 1_000} s in vain for ${what}`);
    await pause(pollMs);
  }
}

/** Both write at the same time, each its next text as soon as its last was shown to the other. */
export async function talkBothWays(params: {
  readonly ledger: Ledger;
  readonly one: Actor;
  readonly other: Actor;
  readonly fromOne: readonly string[];
  readonly fromOther: readonly string[];
}): Promise<void> {
  const { ledger, one, other } = params;
  const speak = async (from: Actor, to: Actor, texts: readonly string[]): Promise<void> => {
    for (const text of texts) {
      const id = await from.send({ to: to.username, text, receivers: [to], online: true });
      await until(`${to.username} to be shown a message`, () => ledger.wasShown(id, to.username));
    }
  };
  await Promise.all([speak(one, other, params.fromOne), speak(other, one, params.fromOther)]);
}

/** Writes all texts at once; they wait for their receivers in the log. */
export async function writeAll(params: {
  readonly from: Actor;
  readonly to: string;
  readonly receivers: readonly Actor[];
  readonly texts: readonly string[];
  readonly online: boolean;
}): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const text of params.texts) ids.push(await params.from.send({ ...params, text }));
  return ids;
}
