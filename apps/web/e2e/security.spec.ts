/** What the page may do, and what it leaves where others look. */
import { acquaint } from './person.js';
import { expect, story } from './story.js';

story('the page may run nothing but its own scripts', async ({ newcomer }) => {
  const { page } = await newcomer('anna');
  const answer = await page.reload();
  const headers = answer?.headers() ?? {};
  const policy = headers['content-security-policy'] ?? '';
  expect(policy.replaceAll("'wasm-unsafe-eval'", '')).not.toContain('unsafe');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toMatch(/https?:|\*/);
  expect(headers).toMatchObject({
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});

story('every script and style is checked against its hash', async ({ newcomer }) => {
  const { page } = await newcomer('anna');
  const loaded = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>('script, link[rel=stylesheet]')].map(
      (element) => ({
        address: 'src' in element ? element.src : element.href,
        integrity: element.integrity,
        text: element.textContent,
      }),
    ),
  );
  expect(loaded.length).toBeGreaterThanOrEqual(2);
  for (const { address, integrity, text } of loaded) {
    expect(new URL(address).origin).toBe(new URL(page.url()).origin);
    expect(integrity).toMatch(/^sha384-/);
    expect(text).toBe('');
  }
});

story('a script that got into the page would not run', async ({ newcomer }) => {
  const anna = await newcomer('anna');
  anna.watched.expect(/Trusted|Content Security Policy|^policy: /i);
  const outcomes = await anna.page.evaluate(async () => {
    const attempt = (action: () => unknown): string => {
      try {
        action();
        return 'done';
      } catch (error) {
        return error instanceof Error ? error.name : 'unknown';
      }
    };
    const assign = (element: object, property: string, value: string): unknown =>
      Object.assign(element, { [property]: value });
    const inline = document.createElement('div');
    const fetched = await fetch('https://elsewhere.example/').then(
      () => 'done',
      (error: unknown) => (error as Error).name,
    );
    return {
      html: attempt(() => assign(inline, 'innerHTML', '<img src="x">')),
      script: attempt(() => assign(document.createElement('script'), 'text', 'void 0')),
      worker: attempt(() => new Worker('/assets/other.js')),
      policy: attempt(() =>
        (
          globalThis as unknown as { trustedTypes: { createPolicy: (...args: unknown[]) => void } }
        ).trustedTypes.createPolicy('another', { createHTML: (html: string) => html }),
      ),
      fetched,
    };
  });
  expect(outcomes).toEqual({
    html: 'TypeError',
    script: 'TypeError',
    worker: 'TypeError',
    policy: 'TypeError',
    fetched: 'TypeError',
  });
});

story('no address and no title tells who writes or what', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await ben.openSettings('Privacy');
  await anna.send('The secret is 4711');
  await expect(ben.page).toHaveTitle('(1) CipherChat');
  for (const { page } of [anna, ben]) {
    expect(await page.title()).toMatch(/^(\(1\) )?CipherChat$/);
    expect(page.url()).not.toMatch(/anna|ben|4711/);
  }
  await ben.openChat(anna.username);
  await expect(ben.message('The secret is 4711')).toHaveCount(1);
  await expect(ben.page).toHaveTitle('CipherChat');
  expect(ben.page.url()).not.toMatch(/anna|ben|4711/);
});

story('what the browser keeps is sealed under keys that it does not hand out', async ({ people }) => {
  const [anna, ben] = await people('anna', 'ben');
  await acquaint(anna, ben);
  await anna.send('The secret is mangrove');
  await expect(anna.mark('The secret is mangrove')).toHaveAccessibleName('Read');
  const kept = await anna.page.evaluate(async () => {
    const settled = <Result>(request: IDBRequest<Result>): Promise<Result> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('unknown'));
      });
    const letters = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);
    const texts: string[] = [];
    const extractable: boolean[] = [];
    const look = (value: unknown): void => {
      if (value instanceof CryptoKey) extractable.push(value.extractable);
      else if (value instanceof ArrayBuffer) texts.push(letters(new Uint8Array(value)));
      else if (ArrayBuffer.isView(value))
        texts.push(letters(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)));
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
      else texts.push(String(value));
    };
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name));
      for (const table of database.objectStoreNames) {
        const store = database.transaction(table).objectStore(table);
        for (const record of await settled(store.getAll())) look(record);
        for (const key of await settled(database.transaction(table).objectStore(table).getAllKeys()))
          look(key);
      }
      database.close();
    }
    return { text: texts.join('\n'), extractable };
  });
  expect(kept.text.length).toBeGreaterThan(10_000);
  // Words: in so much ciphertext and so many ids there is any number of four digits.
  for (const secret of ['The secret is mangrove', 'mangrove', 'Hello!', ben.username, anna.recoveryKey])
    expect(kept.text.includes(secret), secret).toBe(false);
  expect(kept.extractable.length).toBeGreaterThan(0);
  expect(kept.extractable).not.toContain(true);
});
