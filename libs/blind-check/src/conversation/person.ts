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
import { spyOn } from './spying-store.js';

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

  constructor(readonly username: string) {}

  get client(): CipherChat {
    if (this.running === undefined) throw new Error(`${this.username} is not running`);
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

  hasShown(text: string): boolean {
    return this.shown.some(({ body }) => body.kind === 'text' && body.text.includes(text));
  }

  /** Keys of the client and of its store. */
  harvest(): Harvest {
    const own: readonly Secret[] = [
      textSecret({ name: `${this.username}'s passphrase`, text: this.passphrase }),
      keySecret({ name: `${this.username}'s store key`, bytes: this.storeKey.key }),
    ];
    const found = harvest({ owner: this.username, puts: this.puts.flatMap((puts) => puts()) });
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
