import { randomBytes } from 'node:crypto';
import {
  CipherChat,
  createMemoryDisk,
  createMemoryStore,
  createStoreKey,
  sealStore,
  type Clock,
  type Message,
  type Registration,
  type StorePut,
} from '@cipherchat/client-sdk';
import { keySecret, textSecret, type Secret } from '../detector/secret.js';
import { canary } from './canaries.js';
import { harvest, type Harvest } from './harvest.js';
import { idSecrets, nameSecret } from './identifiers.js';
import { spyOn } from './spying-store.js';

const usernameBytes = 8;
/** Cheap, since the passphrase is not what is tested. */
const weakParameters = { memoryKib: 64, passes: 1, lanes: 1 };

/** A person with one device, whose secrets the check knows. */
export class Person {
  private readonly disk = createMemoryDisk();
  private readonly passphrase = canary();
  private readonly storeKey = createStoreKey({ passphrase: this.passphrase, parameters: weakParameters });
  private readonly puts: Array<() => readonly StorePut[]> = [];
  private running: CipherChat | undefined;
  /** Everything that this person was shown, oldest first. */
  readonly shown: Message[] = [];

  /** One that stands nowhere by chance. */
  readonly username: string;

  constructor(readonly name: string) {
    this.username = `${name}-${randomBytes(usernameBytes).toString('hex')}`;
  }

  get client(): CipherChat {
    if (this.running === undefined) throw new Error(`${this.name} is not running`);
    return this.running;
  }

  async register(registration: Omit<Registration, 'username'>): Promise<void> {
    this.running = await CipherChat.register({
      ...registration,
      username: this.username,
      store: this.store(),
    });
    this.listen();
  }

  async open(options: { readonly clock?: Clock } = {}): Promise<void> {
    this.running = await CipherChat.open({ ...options, store: this.store() });
    this.listen();
  }

  async close(): Promise<void> {
    await this.running?.close();
    this.running = undefined;
  }

  /** What names this person and their device; told as soon as they are registered. */
  identifiers(): readonly Secret[] {
    const { user, device } = this.client.self;
    return [
      nameSecret({ name: `the username of ${this.name}`, text: this.username }),
      ...idSecrets({ name: `the id of ${this.name}`, id: user }),
      ...idSecrets({ name: `the id of the device of ${this.name}`, id: device }),
    ];
  }

  hasShown(text: string): boolean {
    return this.shown.some(({ body }) => body.kind === 'text' && body.text.includes(text));
  }

  /** Keys of the client and of its store. */
  harvest(): Harvest {
    const own: readonly Secret[] = [
      textSecret({ name: `${this.name}'s passphrase`, text: this.passphrase }),
      keySecret({ name: `${this.name}'s store key`, bytes: this.storeKey.key }),
    ];
    const found = harvest({ owner: this.name, puts: this.puts.flatMap((puts) => puts()) });
    return { ...found, secrets: [...own, ...found.secrets] };
  }

  private store() {
    const spying = spyOn(sealStore({ store: createMemoryStore(this.disk), key: this.storeKey.key }));
    this.puts.push(spying.puts);
    return spying.store;
  }

  private listen(): void {
    this.client.on('message', (message) => this.shown.push(message));
  }
}
