/** Somebody with a browser of their own. What they do is named as a person would name it, and found as they find it. */
import { randomBytes } from 'node:crypto';
import {
  expect,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from '@playwright/test';
import { CuttableNetwork } from './cuttable-network.js';
import { WatchedPages } from './watched-pages.js';

export class Person {
  recoveryKey = '';
  private current: Page | undefined;

  private constructor(
    private name: string,
    readonly context: BrowserContext,
    readonly network: CuttableNetwork,
    readonly watched: WatchedPages,
  ) {}

  /** A browser that was never here; nothing is open in it. */
  static async arrive(params: {
    readonly browser: Browser;
    readonly origin: string;
    /** The username begins with it; all stories share one system. */
    readonly name: string;
    /** The whole of it, where nobody else can have taken it. */
    readonly username?: string;
    readonly options?: BrowserContextOptions;
  }): Promise<Person> {
    const { browser, origin, name, username = `${name}.${randomBytes(4).toString('hex')}`, options } = params;
    const network = await CuttableNetwork.start(origin);
    const context = await browser.newContext({ ...options, proxy: { server: network.proxy } });
    return new Person(username, context, network, await WatchedPages.of(context, network));
  }

  get username(): string {
    return this.name;
  }

  /** The tab that they look at. */
  get page(): Page {
    if (this.current === undefined) throw new Error(`${this.username} has opened no tab`);
    return this.current;
  }

  /** Another tab, which they look at from now on; `watch` looks on from its first script. */
  async open(path = '/', watch?: (page: Page) => Promise<void>): Promise<Page> {
    const page = await this.context.newPage();
    this.current = page;
    await watch?.(page);
    await page.goto(path);
    return page;
  }

  /** Looks at another of the open tabs. */
  async lookAt(page: Page): Promise<void> {
    this.current = page;
    await page.bringToFront();
  }

  /** Closes all tabs; the browser stays, with all that it keeps. */
  async closeTabs(): Promise<void> {
    await Promise.all(this.context.pages().map((page) => page.close()));
    this.current = undefined;
  }

  /** The tab's process dies on the spot, and the worker with it. */
  async crash(): Promise<void> {
    const { page } = this;
    const crashed = page.waitForEvent('crash');
    const session = await this.context.newCDPSession(page);
    // Nobody is left to answer.
    session.send('Page.crash').catch(() => undefined);
    await crashed;
    await page.close();
    this.current = undefined;
  }

  /** Until the app can be opened without a network. */
  async keptOffline(): Promise<void> {
    await this.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
  }

  /** An account, from nothing to the list of conversations. */
  async register(): Promise<void> {
    const { page } = this;
    await page.getByRole('button', { name: 'Create an account' }).click();
    await page.getByRole('textbox', { name: 'Username' }).fill(this.username);
    await page.getByRole('button', { name: 'Create account' }).click();
    await this.writeDownRecoveryKey();
    await expect(this.list).toBeVisible();
  }

  /** Reads the recovery key from the screen, and types it again. */
  async writeDownRecoveryKey(): Promise<void> {
    const { page } = this;
    const groups = page.getByLabel('Recovery key').locator('span');
    await expect(groups.first()).toBeVisible();
    this.recoveryKey = (await groups.allInnerTexts()).join('-');
    await page.getByRole('button', { name: 'I have written it down' }).click();
    await page.getByRole('textbox', { name: 'Recovery key' }).fill(this.recoveryKey);
    await page.getByRole('button', { name: 'Check' }).click();
  }

  /** It is the same person, at another browser. */
  takeAccountOf({ username, recoveryKey }: Person): void {
    this.name = username;
    this.recoveryKey = recoveryKey;
  }

  /** On the screen that asks for the recovery key. */
  async recover(): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Username' }).fill(this.username);
    await this.page.getByRole('textbox', { name: 'Recovery key' }).fill(this.recoveryKey);
    await this.page.getByRole('button', { name: 'Recover account' }).click();
  }

  async openSettings(name: string): Promise<void> {
    await this.page.getByRole('link', { name: 'Settings' }).click();
    await this.page.getByRole('main').getByRole('link', { name }).click();
    await expect(this.page.getByRole('heading', { name, level: 1 })).toBeVisible();
  }

  /** Takes a name, and a picture: a file, or its bytes. */
  async takeName(name: string, picture?: string | Buffer): Promise<void> {
    await this.openSettings('Profile');
    const { page } = this;
    if (picture !== undefined) {
      const file = typeof picture === 'string' ? picture : pngFile(picture);
      await page.getByLabel('Choose a picture').setInputFiles(file);
      await expect(page.getByRole('button', { name: 'Remove the picture' })).toBeVisible();
    }
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Saved.')).toBeVisible();
  }

  async lookFor(other: Person): Promise<void> {
    await this.page.getByRole('link', { name: 'New conversation' }).first().click();
    await this.page.getByRole('textbox', { name: 'Find by username' }).fill(other.username);
    await this.page.getByRole('button', { name: 'Find', exact: true }).click();
  }

  /** Finds somebody by username, and opens the conversation with them. */
  async writeTo(other: Person): Promise<void> {
    await this.lookFor(other);
    await expect(this.composer).toBeVisible();
  }

  async makeGroup(name: string, ...others: readonly Person[]): Promise<void> {
    const { page } = this;
    await page.getByRole('link', { name: 'New conversation' }).first().click();
    await page.getByRole('link', { name: 'New group' }).click();
    await page.getByRole('textbox', { name: 'Name of the group' }).fill(name);
    for (const { username } of others) {
      await page.getByRole('textbox', { name: 'Username' }).fill(username);
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await expect(page.getByRole('button', { name: `Do not add ${username}` })).toBeVisible();
    }
    await page.getByRole('button', { name: 'Create group' }).click();
    // Not the composer: where somebody cannot be verified, it is gone again before one looks.
    await expect(page.getByRole('main').getByRole('heading', { name, level: 1 })).toBeVisible();
  }

  /** Opens a conversation by its name in the list. */
  async openChat(name: string): Promise<void> {
    await this.inList(name).click();
    await expect(this.history).toBeVisible();
  }

  /** Takes the only request that waits. */
  async acceptRequest(): Promise<void> {
    await this.openRequest();
    await this.page.getByRole('button', { name: 'Accept' }).click();
    await expect(this.composer).toBeVisible();
  }

  async openRequest(): Promise<void> {
    await this.page.getByRole('link', { name: '1 request' }).click();
    await this.page.getByRole('main').getByRole('listitem').getByRole('link').click();
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
    await expect(this.composer).toHaveValue('');
  }

  /** What the menu of a message offers: Reply, Edit, … By keyboard, which also finds it while the history moves. */
  async act(text: string, action: string): Promise<void> {
    const message = this.message(text);
    await message.getByRole('button', { name: 'Actions' }).press('Enter');
    await message
      .getByRole('group', { name: 'Actions' })
      .getByRole('button', { name: action })
      .press('Enter');
  }

  get list(): Locator {
    return this.page.getByRole('navigation', { name: 'Conversations' });
  }

  inList(name: string): Locator {
    return this.list.getByRole('listitem').getByRole('link').filter({ hasText: name });
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: 'Message', exact: true });
  }

  get history(): Locator {
    return this.page.getByRole('log', { name: 'Messages' });
  }

  /** All messages that show exactly this text: one, if all is well. */
  message(text: string): Locator {
    return this.history.getByRole('article').filter({ has: this.page.getByText(text, { exact: true }) });
  }

  /** Messages that count, in order. */
  get numbers(): Locator {
    return this.history.getByText(/^number \d+$/);
  }

  /** The mark of an own message: how far it has come. */
  mark(text: string): Locator {
    return this.message(text).getByRole('img', { name: /^(Queued|Sent|Delivered|Read|Not sent)$/ });
  }

  async leave(): Promise<void> {
    await this.context.close();
    this.network.close();
  }
}

function pngFile(buffer: Buffer) {
  return { name: 'picture.png', mimeType: 'image/png', buffer };
}

/** Two people who write to each other: the first began, and the second took the request. */
export async function acquaint(one: Person, other: Person): Promise<void> {
  await one.writeTo(other);
  await one.send('Hello!');
  await other.acceptRequest();
  await expect(other.message('Hello!')).toHaveCount(1);
}
