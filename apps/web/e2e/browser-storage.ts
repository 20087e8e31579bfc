/** What a browser keeps of the app, and how it may lose it. */
import type { Page } from '@playwright/test';
import type { Person } from './person.js';

/** How many records stand in each table of each database, what scripts stored, and what goes with requests. */
export async function whatIsKept(page: Page): Promise<unknown> {
  return page.evaluate(async () => {
    const settled = <Result>(request: IDBRequest<Result>): Promise<Result> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('unknown'));
      });
    const records: Record<string, number> = {};
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name));
      for (const table of database.objectStoreNames) {
        const store = database.transaction(table).objectStore(table);
        records[`${name}/${table}`] = await settled(store.count());
      }
      database.close();
    }
    return { records, entries: Object.entries(localStorage), cookies: document.cookie };
  });
}

/** A browser that clears what a page has stored: after days without a visit, or when its disk is full. It spares cookies. */
export async function clearStorage({ context, page }: Person): Promise<void> {
  const origin = new URL(page.url()).origin;
  const aside = await context.newPage();
  await Promise.all(
    context
      .pages()
      .filter((open) => open !== aside)
      .map((open) => open.close()),
  );
  const session = await context.newCDPSession(aside);
  await session.send('Storage.clearDataForOrigin', {
    origin,
    storageTypes: 'indexeddb,local_storage,cache_storage,service_workers,file_systems',
  });
  await aside.close();
}
